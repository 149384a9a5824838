"""A model server that streams at an exact pace and remembers when it wrote each token.

`stream N R C` in the last message: N tokens of C characters, R a second (0: as fast as they are taken).
`insert a cell`: a call of `insert_cell`, and after its result a word. Everything else: a word.
"""

from __future__ import annotations

import asyncio
import json
import re
import time
from typing import Any

from tornado.httpserver import HTTPServer
from tornado.iostream import StreamClosedError
from tornado.netutil import bind_sockets
from tornado.web import Application, RequestHandler

from .questions import answer_all, say

_STREAM = re.compile(r"stream (\d+) (\d+) (\d+)")
INSERT = {"after": None, "cell_type": "markdown", "source": "One more."}
LEAD_S = 0.3
"""From the first byte of an answer to its first token."""


class Streams:
    """What was written last, for whoever waits for its end."""

    def __init__(self) -> None:
        self.writes: list[float] = []
        self.done = asyncio.Event()


class Completions(RequestHandler):
    """Chat Completions, streamed."""

    def initialize(self, streams: Streams) -> None:
        """Take what all requests share."""
        self.streams = streams

    async def post(self) -> None:
        """Answer as the last message asks."""
        messages = json.loads(self.request.body)["messages"]
        self.set_header("Content-Type", "text/event-stream")
        asked = json.dumps(messages[-1]["content"]) if messages[-1]["role"] == "user" else ""
        wanted = _STREAM.findall(asked)
        try:
            if wanted:
                await self._stream(*map(int, wanted[-1]))
            elif "insert a cell" in asked:
                self._chunk({"tool_calls": [_call("insert_cell", INSERT)]})
                self._chunk({}, "tool_calls")
            else:
                self._chunk({"content": "Done."})
                self._chunk({}, "stop")
            self.finish("data: [DONE]\n\n")
        except StreamClosedError:
            return

    async def _stream(self, count: int, per_s: int, size: int) -> None:
        writes = self.streams.writes = []
        self.request.connection.stream.set_nodelay(True)  # type: ignore[union-attr]
        await self.flush()
        begin = time.monotonic() + LEAD_S
        for number in range(count):
            wait = begin + number / per_s - time.monotonic() if per_s else 0
            if wait > 0:
                await asyncio.sleep(wait)
            self._chunk({"content": str(number % 10 ** (size - 1)).zfill(size - 1) + " "})
            writes.append(time.monotonic())
            await self.flush()
        self._chunk({}, "stop")
        self.streams.done.set()

    def _chunk(self, delta: dict[str, Any], finish: str | None = None) -> None:
        choice = {"index": 0, "delta": delta, "finish_reason": finish}
        body = {"id": "c", "object": "chat.completion.chunk", "created": 1, "model": "stream", "choices": [choice]}
        self.write(f"data: {json.dumps(body)}\n\n")


def _call(name: str, arguments: dict[str, Any]) -> dict[str, Any]:
    return {
        "index": 0,
        "id": "call",
        "type": "function",
        "function": {"name": name, "arguments": json.dumps(arguments)},
    }


async def main() -> None:
    """Serve; each question waits for the end of a stream and is answered with the times of its tokens."""
    streams = Streams()
    sockets = bind_sockets(0, "127.0.0.1")
    server = HTTPServer(Application([("/v1/chat/completions", Completions, {"streams": streams})]))
    server.add_sockets(sockets)
    say(f"http://127.0.0.1:{sockets[0].getsockname()[1]}/v1")

    async def answer(question: dict[str, Any]) -> list[float]:
        await asyncio.wait_for(streams.done.wait(), question["within_s"])
        streams.done.clear()
        return streams.writes

    await answer_all(answer)


if __name__ == "__main__":
    asyncio.run(main())
