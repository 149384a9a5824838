"""The baseline of streaming: a bare Tornado server without rooms, log, identities or bounds.

It reads a model's stream with the same `openai` client as the copilot, and writes a frame for every token at once,
encoded once, to all viewers.
"""

from __future__ import annotations

import asyncio
import json
from typing import Any

from openai import AsyncOpenAI
from tornado.httpserver import HTTPServer
from tornado.netutil import bind_sockets
from tornado.web import Application
from tornado.websocket import WebSocketHandler

from .questions import answer_all, say

VIEWERS: set[WebSocketHandler] = set()


class Viewer(WebSocketHandler):
    """Gets every frame."""

    def check_origin(self, origin: str) -> bool:
        """Everybody may come."""
        return True

    def open(self) -> None:
        """Join; the same answer as a room's, so that the same viewers can be used."""
        VIEWERS.add(self)
        self.set_nodelay(True)
        self.write_message('{"type":"live","seq":0}')

    def on_message(self, message: str | bytes) -> None:
        """What viewers say does not matter."""

    def on_close(self) -> None:
        """Leave."""
        VIEWERS.discard(self)


def broadcast(frame: str) -> None:
    """Write to all."""
    for viewer in tuple(VIEWERS):
        viewer.write_message(frame)


async def forward(model_url: str, text: str) -> None:
    """Write every token of the model's answer."""
    async with AsyncOpenAI(base_url=model_url, api_key="none") as client:
        stream = await client.chat.completions.create(
            model="stream", messages=[{"role": "user", "content": text}], stream=True
        )
        async for chunk in stream:
            token = chunk.choices[0].delta.content
            if token:
                broadcast(json.dumps({"type": "token", "text": token}, separators=(",", ":")))


async def main() -> None:
    """Serve; each question is `{"forward": text, "model_url": …}`."""
    sockets = bind_sockets(0, "127.0.0.1")
    server = HTTPServer(Application([("/", Viewer)]))
    server.add_sockets(sockets)
    say(sockets[0].getsockname()[1])

    async def answer(question: dict[str, Any]) -> str:
        await forward(question["model_url"], question["forward"])
        return "done"

    await answer_all(answer)


if __name__ == "__main__":
    asyncio.run(main())
