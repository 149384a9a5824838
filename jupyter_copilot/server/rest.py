"""REST beside the WebSocket: the same rules, the same rooms, the same commit."""

from __future__ import annotations

import asyncio
from asyncio import Future
from collections.abc import Awaitable, Callable
from functools import wraps
from typing import Any

import msgspec
from jupyter_server.base.handlers import APIHandler
from tornado import web
from tornado.iostream import StreamClosedError

from .. import protocol as p
from ..protocol.errors import Rejected, StoreError
from ..room.audit import confirmation_history
from ..room.provenance import provenance
from ..room.room import Room
from ..room.session.session import reject_frame
from ..room.session.visitor import Visitor
from .audit_csv import csv_of
from .identity import RESOURCE, may_administer
from .services import Services

PAGE = 1000
SSE_HEARTBEAT_S = 15.0
SSE_BYTES = 256 << 10
"""Of records that wait for the reader of a stream at once."""
BEAT = b": alive\n\n"

_STATUS = {
    "bad_frame": 400, "unknown_command": 400, "invalid_option": 400, "invalid_value": 400, "invalid_args": 400,
    "forbidden": 403, "not_found": 404, "too_large": 413, "rate_limited": 429,
    "draining": 503, "store_unavailable": 503, "room_full": 503, "internal": 500,
}  # fmt: skip
"""HTTP status by reject code; every other refusal is a conflict with the room's state."""


def authorised(method: Callable[..., Awaitable[None]]) -> Callable[..., Awaitable[None]]:
    """Authenticate, then authorise, and only then run the method; refusals are answered as JSON."""

    @wraps(method)
    async def checked(self: CopilotHandler, *args: str) -> None:
        self.visitor = await self.services.visitor(self, self.current_user)
        if "read" not in self.visitor.rights:
            raise web.HTTPError(403, "You may not see this notebook's copilot.")
        try:
            self.services.unread.check(self.visitor.actor.id)
            await method(self, *args)
        except Rejected as refusal:
            self.refuse(None, refusal)
        except StoreError as error:
            self.refuse(None, Rejected("store_unavailable", error.message, retry="after", hint=error.hint))

    return checked


def whole_number(text: str) -> int | None:
    """The number that these digits are; None for anything else, such as ² or ٣ or more digits than any seq has."""
    return int(text) if text.isascii() and text.isdigit() and len(text) <= 15 else None


@web.stream_request_body
class CopilotHandler(APIHandler):
    """Base of the REST handlers. A body is kept only of who may send one, and only up to the limit of a command."""

    auth_resource = RESOURCE
    most_bytes = p.MAX_FRAME_BYTES
    visitor: Visitor

    def initialize(self, services: Services) -> None:
        """Take the extension's services."""
        self.services = services
        self._body: list[bytes] = []
        self._keeps_body = False

    async def prepare(self) -> None:  # type: ignore[override]
        """Refuse a body that says that it is too long, before it comes; then find out who sends it."""
        declared = whole_number(self.request.headers.get("Content-Length", "0"))
        if declared is None or declared > self.most_bytes:
            self.set_header("Connection", "close")
            raise web.HTTPError(413, f"A command has at most {self.most_bytes} bytes.")
        self.request.connection.set_max_body_size(self.most_bytes)  # type: ignore[union-attr]
        await super().prepare()
        self._keeps_body = self.is_known()

    def is_known(self) -> bool:
        """Whether the request carries credentials that hold; what it may do is looked up later."""
        return self.current_user is not None

    def data_received(self, chunk: bytes) -> None:
        """Keep a piece of the body, of who is known."""
        if self._keeps_body:
            self._body.append(chunk)

    def on_finish(self) -> None:
        """Let go of the body at once: the handler itself goes with the next collection of garbage, much later."""
        super().on_finish()
        self._body = []

    @property
    def body(self) -> bytes:
        """The body, whole."""
        return b"".join(self._body)

    async def room_at(self, path: str) -> Room:
        """The room of the notebook in the URL. Raises a 404 without one."""
        _, key = await self.services.paths.find(path)
        return await self.services.rooms.at(key)

    def answer(self, value: object, status: int = 200) -> None:
        """Answer with JSON."""
        self.set_status(status)
        self.finish(p.encode(value))

    def finish(self, *args: Any, **how: Any) -> Future[None]:
        """Answer; who does not take the answer is let go after a while."""
        written = super().finish(*args, **how)
        if hasattr(self, "visitor"):
            stream = self.request.connection.stream  # type: ignore[union-attr]
            self.services.unread.follow(self.visitor.actor.id, sum(map(len, args)), written, stream.close)
        return written

    def refuse(self, command_id: p.CommandId | None, refusal: Rejected) -> None:
        """Answer with a reject, under the HTTP status that fits it."""
        self.answer(reject_frame(command_id, refusal), _STATUS.get(refusal.code, 409))

    def number(self, name: str, default: int) -> int:
        """A whole number of the query."""
        text = self.get_query_argument(name, str(default))
        found = whole_number(text)
        if found is None:
            raise web.HTTPError(400, f"{name} must be a whole number, not {text!r}.")
        return found


class RoomHandler(CopilotHandler):
    """`GET …/notebooks/<path>`: the state."""

    @web.authenticated
    @authorised
    async def get(self, path: str) -> None:
        """The room's state, and who is there."""
        room = await self.room_at(path)
        self.answer(
            {
                "path": self.services.rooms.host.shown_path(room.path),
                "log": room.state.log,
                "head": room.state.seq,
                "floor": room.floor,
                "participants": room.presence.participants,
                "state": room.state,
            }
        )


class RecordsHandler(CopilotHandler):
    """`GET …/notebooks/<path>/records?after=N`: JSON, or a live stream of server-sent events."""

    @web.authenticated
    @authorised
    async def get(self, path: str) -> None:
        """A page of records; with `Accept: text/event-stream` all of them and what follows."""
        room = await self.room_at(path)
        after = self.number("after", 0)
        if "text/event-stream" in self.request.headers.get("Accept", ""):
            last = self.request.headers.get("Last-Event-ID", "")
            await self._stream(room, after if (seq := whole_number(last)) is None else seq)
            return
        limit = min(self.number("limit", PAGE), PAGE)
        records = await room.replay.history(after, limit)
        self.answer({"log": room.state.log, "head": room.state.seq, "floor": room.floor, "records": records})

    async def _stream(self, room: Room, after: int) -> None:
        """Send what there is and what follows, until the client leaves, or may no longer read."""
        self.set_header("Content-Type", "text/event-stream")
        self.set_header("Cache-Control", "no-cache")
        self.set_header("X-Accel-Buffering", "no")
        # As for WebSockets: else an event waits until the one before is acknowledged.
        self.request.connection.stream.set_nodelay(True)  # type: ignore[union-attr]
        release = self.services.rooms.hold(room)
        pulling = asyncio.create_task(self._pull(room, after))
        try:
            with self.services.connections.streaming(self, pulling.cancel):
                await pulling
        except (StreamClosedError, asyncio.CancelledError):
            return
        except asyncio.TimeoutError:
            self.request.connection.stream.close()  # type: ignore[union-attr]
        finally:
            release()

    async def _pull(self, room: Room, after: int) -> None:
        """Pull page after page, as fast as the client reads; a beat keeps a silent stream alive."""
        cursor = after
        self.write(BEAT)  # whoever opened the stream sees at once that it is open
        await self.flush()
        while not room.is_closed:
            records = await room.replay.history(cursor, PAGE, SSE_BYTES)
            for record in records:
                self.write(b"id: %d\ndata: %s\n\n" % (record.seq, p.encode(record)))
                cursor = record.seq
            if not records and not await room.changes.grew(cursor, SSE_HEARTBEAT_S):
                self.write(BEAT)
            # Who takes nothing for so long is let go, with what waits for them.
            await asyncio.wait_for(self.flush(), room.options.stalled_s)


class CommandsHandler(CopilotHandler):
    """`POST …/notebooks/<path>/commands`: one command, answered when it is committed."""

    @web.authenticated
    @authorised
    async def post(self, path: str) -> None:
        """Submit the command; answers an ack, or a reject."""
        await submit(self, await self.room_at(path))


async def submit(
    handler: CopilotHandler, room: Room, on_refused: Callable[[p.Command], None] = lambda command: None
) -> None:
    """Submit the request's command for the handler's visitor, and answer an ack or a reject."""
    command_id: p.CommandId | None = None
    command: p.Command | None = None
    try:
        body = p.decode_command_body(handler.body)
        command_id, command = body.command_id, body.command
        handler.services.rooms.rate(room, handler.visitor.actor).spend(1)
        handler.services.rooms.rate(room, handler.visitor.actor).spend_bytes(len(handler.body))
        actor = msgspec.structs.replace(handler.visitor.actor, surface="rest")
        seq = await room.submit(command, actor, handler.visitor.rights, command_id)
    except Rejected as refusal:
        if command is not None:
            on_refused(command)
        handler.refuse(command_id, refusal)
    else:
        handler.answer(p.Ack(command_id=command_id, seq=seq))


class ConfirmationsHandler(CopilotHandler):
    """`GET …/notebooks/<path>/confirmations`: the whole history of decisions, as JSON or CSV."""

    @web.authenticated
    @authorised
    async def get(self, path: str) -> None:
        """Every confirmation from the first record on; `?format=csv` or `Accept: text/csv` gives CSV."""
        room = await self.room_at(path)
        history = await confirmation_history(room.replay)
        if wants_csv(self):
            self.finish(csv_of(history), set_content_type="text/csv; charset=utf-8")
            return
        self.answer({"log": room.state.log, "head": room.state.seq, "confirmations": history})


class ChangesHandler(CopilotHandler):
    """`GET …/notebooks/<path>/changes`: what agents did to the notebook's cells, as JSON or CSV."""

    @web.authenticated
    @authorised
    async def get(self, path: str) -> None:
        """A `CellWork` for each cell of each call that was begun; `?format=csv` or `Accept: text/csv` gives CSV."""
        room = await self.room_at(path)
        changes = await provenance(room.replay)
        if wants_csv(self):
            self.finish(csv_of(msgspec.to_builtins(changes)), set_content_type="text/csv; charset=utf-8")
            return
        self.answer({"log": room.state.log, "head": room.state.seq, "changes": changes})


def wants_csv(handler: CopilotHandler) -> bool:
    """Whether the request asks for CSV."""
    accepted = handler.request.headers.get("Accept", "")
    return handler.get_query_argument("format", "") == "csv" or "text/csv" in accepted


class RoomsHandler(CopilotHandler):
    """`GET api/copilot/rooms`: the rooms of this server's notebooks."""

    @web.authenticated
    @authorised
    async def get(self) -> None:
        """The notebooks that have a room, with how many people are there."""
        self.answer({"rooms": await self.services.room_list()})


class ModelsHandler(CopilotHandler):
    """`GET api/copilot/models`: the models and the agents that people may choose."""

    @web.authenticated
    @authorised
    async def get(self) -> None:
        """The models and the agents, the defaults first; never a key."""
        self.answer({"models": self.services.model.models(), "agents": self.services.agents.specs()})


class StatusHandler(CopilotHandler):
    """`GET api/copilot/status`: versions and health, for `jupyter copilot doctor`."""

    @web.authenticated
    @authorised
    async def get(self) -> None:
        """Versions, rooms, the store's health; `?verify=1` reads every row, for who may stop the server too."""
        verify = self.get_query_argument("verify", "") == "1"
        if verify and not await may_administer(self, self.current_user):
            raise Rejected("forbidden", "Only who administers this server may have the whole store read.")
        self.answer(await self.services.status(verify=verify))


class RecheckHandler(CopilotHandler):
    """`POST api/copilot/recheck`: check everybody's access now."""

    @web.authenticated
    @authorised
    async def post(self) -> None:
        """Cut off whoever may no longer be here; needs the right to execute."""
        if "execute" not in self.visitor.rights:
            raise Rejected("forbidden", "This takes the right to execute.")
        self.answer({"cut": await self.services.connections.recheck()})
