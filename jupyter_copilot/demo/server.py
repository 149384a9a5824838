"""The demo model's HTTP endpoint: OpenAI's Chat Completions, streamed, on loopback and behind a token."""

from __future__ import annotations

import asyncio
import hmac
import json
import time
from collections.abc import Awaitable, Callable
from typing import Any

from msgspec import Struct
from tornado.httpserver import HTTPServer
from tornado.iostream import StreamClosedError
from tornado.netutil import bind_sockets
from tornado.web import Application, RequestHandler

from .brain import answer
from .conversation import read_conversation
from .stream import chunks, completion, tokens

MODEL = "demo"
LABEL = "Demo model — no language model"
MAX_BODY_BYTES = 32 << 20


class Pace(Struct, frozen=True, kw_only=True):
    """How fast the model talks: seconds before the first piece, and seconds a piece of text or reasoning."""

    first: float = 0.25
    word: float = 0.028
    thought: float = 0.012
    sleep: Callable[[float], Awaitable[None]] = asyncio.sleep

    async def wait(self, delta: dict[str, Any]) -> None:
        """Wait as long as this piece takes to say."""
        if "role" in delta:
            await self.sleep(self.first)
        elif "content" in delta:
            await self.sleep(self.word)
        elif "reasoning_content" in delta:
            await self.sleep(self.thought)


AT_ONCE = Pace(first=0, word=0, thought=0)


class _Handler(RequestHandler):
    def initialize(self, token: str, pace: Pace) -> None:
        self.token = token
        self.pace = pace
        self.gone = False

    def prepare(self) -> None:
        given = self.request.headers.get("Authorization", "").removeprefix("Bearer ").encode()
        if not hmac.compare_digest(given, self.token.encode()):
            self.refuse(401, "invalid_api_key", "The demo model did not give out this key.")

    def refuse(self, status: int, code: str, message: str) -> None:
        """Answer with an error as OpenAI words it."""
        self.set_status(status)
        self.finish({"error": {"message": message, "type": "invalid_request_error", "param": None, "code": code}})

    def write_error(self, status_code: int, **kwargs: Any) -> None:
        """Say every other error in the same way."""
        self.refuse(status_code, "error", self._reason)

    def on_connection_close(self) -> None:
        """Nobody listens any more."""
        self.gone = True


class _Models(_Handler):
    def get(self) -> None:
        self.finish({"object": "list", "data": [{"id": MODEL, "object": "model", "created": 0, "owned_by": LABEL}]})


class _Completions(_Handler):
    async def post(self) -> None:
        try:
            body = json.loads(self.request.body)
            conversation = read_conversation(body["messages"], body.get("tools") or ())
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            return self.refuse(400, "bad_request", f"This is no Chat Completions request: {error}.")
        if body.get("model") != MODEL:
            return self.refuse(404, "model_not_found", f"There is no model {body.get('model')!r}, only {MODEL!r}.")
        step = answer(conversation)
        prompt = tokens(json.dumps([body["messages"], body.get("tools")], ensure_ascii=False))
        created = int(time.time())
        if not body.get("stream"):
            self.finish(completion(step, MODEL, created, prompt))
            return None
        with_usage = bool((body.get("stream_options") or {}).get("include_usage"))
        self.set_header("Content-Type", "text/event-stream")
        self.set_header("Cache-Control", "no-cache")
        try:
            for chunk in chunks(step, MODEL, created, prompt, with_usage):
                await self._send(chunk)
            self.finish("data: [DONE]\n\n")
        except StreamClosedError:
            # The reader stopped listening, which is how a run is stopped.
            return None
        return None

    async def _send(self, chunk: dict[str, Any]) -> None:
        for choice in chunk["choices"]:
            await self.pace.wait(choice["delta"])
        if self.gone:
            raise StreamClosedError
        self.write(f"data: {json.dumps(chunk, ensure_ascii=False)}\n\n")
        await self.flush()


def application(token: str, pace: Pace) -> Application:
    """The endpoint as a Tornado application."""
    parts = {"token": token, "pace": pace}
    return Application([("/v1/models", _Models, parts), ("/v1/chat/completions", _Completions, parts)])


def serve(token: str, pace: Pace, port: int = 0) -> tuple[HTTPServer, str]:
    """Listen on loopback, on a free port unless one is named; returns the server and its base URL."""
    sockets = bind_sockets(port, "127.0.0.1")
    server = HTTPServer(application(token, pace), max_buffer_size=MAX_BODY_BYTES)
    server.add_sockets(sockets)
    return server, f"http://127.0.0.1:{sockets[0].getsockname()[1]}/v1"
