"""`POST api/copilot/mcp/<path>`: the door for agents from outside, which speak the Model Context Protocol.

A guest's token is no token of Jupyter: no other route takes it, and this one takes nothing else.
"""

from __future__ import annotations

import asyncio
from typing import Any
from urllib.parse import quote

from jupyter_server.auth.decorator import allow_unauthenticated
from tornado import web
from tornado.iostream import StreamClosedError

from ... import protocol as p
from ...protocol import JsonObject
from ...protocol.errors import Rejected, StoreError
from ..guests.requests import Visit
from ..rest import CopilotHandler
from . import wire
from .answers import Answers
from .texts import waiting_for

AT_ONCE_S = 1.0
"""What takes no longer is answered as JSON, without a stream."""
PROGRESS_S = 5.0
NO_GUEST = (
    "This address is for agents that people let in: it takes a guest's token as `Authorization: Bearer …`, and no "
    "token of Jupyter. `jupyter copilot connect NOTEBOOK`, or “Connect an agent…” in the copilot's sidebar, makes one."
)


class McpHandler(CopilotHandler):
    """One JSON-RPC message by HTTP POST; a call that takes long is answered by a stream of events."""

    visit: Visit | None = None

    async def prepare(self) -> None:  # type: ignore[override]
        """Find out which guest it is, before a body is taken; a browser is never one."""
        self._gone = asyncio.Event()
        self._streams = False
        if "Origin" in self.request.headers:
            raise web.HTTPError(403, "This is for agents, not for web pages.")
        scheme, _, token = self.request.headers.get("Authorization", "").partition(" ")
        try:
            given = token.strip() if scheme.lower() == "bearer" else None
            await self._identify(given)
        except (Rejected, StoreError) as error:
            raise web.HTTPError(503, str(error)) from error
        await super().prepare()

    async def _identify(self, token: str | None) -> None:
        """Find out whose token it is. Raises `Rejected`, `StoreError`."""
        self.visit = self.services.hands.visit(token) or await self.services.door.admit(token)

    def check_xsrf_cookie(self) -> None:
        """No cookie lets anybody in here, so there is none to protect."""

    def is_known(self) -> bool:
        """Whether a guest that may come in has this token."""
        return self.visit is not None

    def on_connection_close(self) -> None:
        """The client went away."""
        super().on_connection_close()
        self._gone.set()

    def write_error(self, status_code: int, **kwargs: Any) -> None:
        """Tell every refusal as JSON, and never by a page to sign in at."""
        error = kwargs.get("exc_info", (None, None, None))[1]
        message = error.log_message if isinstance(error, web.HTTPError) and error.log_message else self._reason
        self.answer({"jsonrpc": "2.0", "id": None, "error": {"code": -32000, "message": message}}, status_code)

    @allow_unauthenticated
    async def get(self, *path: str) -> None:
        """No stream stands beside the requests."""
        self._no_method()

    @allow_unauthenticated
    async def delete(self, *path: str) -> None:
        """No session is kept that could be ended."""
        self._no_method()

    def _no_method(self) -> None:
        if not self.is_known():
            self._no_guest()
            return
        self.set_header("Allow", "POST")
        self.answer({"message": "Send requests by POST."}, 405)

    def _no_guest(self) -> None:
        self.set_header("WWW-Authenticate", "Bearer")
        self.answer({"jsonrpc": "2.0", "id": None, "error": {"code": -32001, "message": NO_GUEST}}, 401)

    @allow_unauthenticated
    async def post(self, path: str) -> None:
        """Answer one message of a guest."""
        if self.visit is None:
            self._no_guest()
            return
        try:
            await self._answer_to(wire.read(self.body, self.request.headers), await self._own_path(path, self.visit))
        except wire.WireError as error:
            self._send(wire.error_body(error), error.status)

    async def _own_path(self, path: str, visit: Visit) -> str:
        """The notebook's path, when it is the one that the token is for. Raises `WireError`."""
        own = self.services.paths.api_path(visit.room.path) or ""
        try:
            api_path, key = await self.services.paths.find(path)
        except web.HTTPError:
            api_path, key = path, ""
        if key != visit.room.path:
            raise wire.WireError(
                wire.INVALID_REQUEST, f"This token is for the notebook at api/copilot/mcp/{quote(own)}.", status=403
            )
        return api_path

    async def _answer_to(self, message: wire.Message, path: str) -> None:
        assert self.visit is not None
        door = self.visit.requests
        if message.id is None:
            if message.method == "notifications/cancelled":
                door.cancelled(self.visit, message.params.get("requestId"))
            self.set_status(202)
            self.finish()
            return
        answers = Answers(self.visit, self.services, path)
        try:
            asked = await answers.to(message)
            if isinstance(asked, str):
                result = await self._follow(message, asked, answers)
                if result is None:
                    return
            else:
                result = asked
        except wire.WireError as error:
            error.id = message.id
            error.status = 404 if message.modern and error.code == wire.NO_METHOD else error.status
            raise
        self._send(message.result(result))

    async def _follow(self, message: wire.Message, request_id: str, answers: Answers) -> JsonObject | None:
        """Wait for a request, telling progress; None when the client went away."""
        assert self.visit is not None
        visit, door = self.visit, self.visit.requests
        leave = door.attend(visit, request_id, message.id, self._gone.set)
        waited, patience = 0.0, answers.patience(message)
        try:
            over = await self._waits(visit, request_id, min(AT_ONCE_S, patience))
            while not over and waited < patience and not self._gone.is_set():
                self._progress(message, request_id, waited)
                over = await self._waits(visit, request_id, min(PROGRESS_S, patience - waited))
                waited += PROGRESS_S
        except StreamClosedError:
            self._gone.set()
        finally:
            leave(self._gone.is_set())
        if self._gone.is_set():
            return None
        if over:
            door.told(request_id)
        return answers.outcome(message, request_id, over)

    async def _waits(self, visit: Visit, request_id: str, seconds: float) -> bool:
        """Wait for the request, until the client goes away."""
        waiting = asyncio.create_task(visit.requests.wait(visit, request_id, seconds))
        gone = asyncio.create_task(self._gone.wait())
        try:
            await asyncio.wait({waiting, gone}, return_when=asyncio.FIRST_COMPLETED)
            return waiting.done() and waiting.result()
        finally:
            waiting.cancel()
            gone.cancel()

    def _progress(self, message: wire.Message, request_id: str, waited: float) -> None:
        """Say that the call goes on, and what it waits for."""
        assert self.visit is not None
        if "text/event-stream" not in self.request.headers.get("Accept", ""):
            return
        if not self._streams:
            self._streams = True
            self.set_header("Content-Type", "text/event-stream")
            self.set_header("Cache-Control", "no-cache")
            self.set_header("X-Accel-Buffering", "no")
            self.request.connection.stream.set_nodelay(True)  # type: ignore[union-attr]
        token = message.progress_token
        if token is None:
            self.write(b": still waiting\n\n")
        else:
            calls = self.visit.requests.calls(self.visit, request_id) or []
            text = waiting_for(self.visit.room.state, calls)
            params = {"progressToken": token, "progress": waited, "message": text}
            self._event({"jsonrpc": "2.0", "method": "notifications/progress", "params": params})
        self.flush()

    def _event(self, value: JsonObject) -> None:
        self.write(b"event: message\ndata: " + p.encode(value) + b"\n\n")

    def _send(self, body: JsonObject, status: int = 200) -> None:
        """The response, as JSON or as the last event."""
        if not self._streams:
            self.answer(body, status)
            return
        self._event(body)
        self.finish()
