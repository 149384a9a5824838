"""A real HTTP server that takes webhooks, checks their signatures, and answers as it is told."""

from __future__ import annotations

import asyncio
import base64
import hashlib
import hmac
import json
from collections.abc import Awaitable, Callable
from typing import Any

from tornado import web
from tornado.httpserver import HTTPServer
from tornado.testing import bind_unused_port

SECRET = "a secret that both know"


class Receiver:
    """What came, oldest first. `answers` are the statuses of the next answers; after them it says 204."""

    def __init__(self) -> None:
        self.came: list[dict[str, Any]] = []
        self.answers: list[int] = []
        self.before_answer: Callable[[], Awaitable[None]] | None = None
        self._changed = asyncio.Event()
        socket, port = bind_unused_port()
        self.url = f"http://127.0.0.1:{port}/hook"
        self._server = HTTPServer(web.Application([("/hook", _Hook, {"receiver": self})]))
        self._server.add_socket(socket)

    def add(self, body: dict[str, Any], headers: Any) -> None:
        self.came.append({**body, "id": headers["webhook-id"]})
        self._changed.set()

    async def has(self, count: int) -> list[dict[str, Any]]:
        """What came, once so much has."""
        while len(self.came) < count:
            self._changed.clear()
            await self._changed.wait()
        return self.came

    def close(self) -> None:
        self._server.stop()


class _Hook(web.RequestHandler):
    def initialize(self, receiver: Receiver) -> None:
        self._receiver = receiver

    async def post(self) -> None:
        headers, body = self.request.headers, self.request.body
        signed = f"{headers['webhook-id']}.{headers['webhook-timestamp']}.".encode() + body
        right = base64.b64encode(hmac.new(SECRET.encode(), signed, hashlib.sha256).digest()).decode()
        if headers["webhook-signature"] != f"v1,{right}":
            self.set_status(401)
            return
        self._receiver.add(json.loads(body), headers)
        if self._receiver.before_answer is not None:
            await self._receiver.before_answer()
        self.set_status(self._receiver.answers.pop(0) if self._receiver.answers else 204)
