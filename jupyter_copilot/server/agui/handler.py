"""`POST api/copilot/agui/<path>`: a run of a notebook's room as a stream of AG-UI events, for people's front ends."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from urllib.parse import quote

import msgspec
from tornado import web
from tornado.iostream import StreamClosedError

from ... import protocol as p
from ...core import state as s
from ...protocol.errors import Rejected
from ...room.room import Room
from ..rest import BEAT, SSE_HEARTBEAT_S, CopilotHandler, authorised
from . import events as e
from .decisions import decision, settled
from .request import Request, message_of, read
from .telling import Subject, Telling

MOST_WAITING_BYTES = 8 << 20
"""Of events that a client has not taken: one that reads so slowly comes back and is told the chat anew."""
_RACES = frozenset({"already_decided", "expired", "withdrawn", "stale"})


class _Outbox:
    """Encoded events on their way."""

    def __init__(self) -> None:
        self.waiting: list[bytes] = []
        self._bytes = 0

    def put(self, events: Iterable[e.Event]) -> None:
        for event in events:
            self.waiting.append(b"data: " + p.encode(event) + b"\n\n")
            self._bytes += len(self.waiting[-1])

    @property
    def overflows(self) -> bool:
        return self._bytes > MOST_WAITING_BYTES

    def take(self) -> bytes:
        waiting, self.waiting, self._bytes = self.waiting, [], 0
        return b"".join(waiting)


@web.stream_request_body
class AguiHandler(CopilotHandler):
    """Posts the client's message or its decisions, unless the room knows them, and tells the run from there on.

    A client that goes away stops nothing: the same request made again goes on where the run is.
    """

    most_bytes = 16 << 20  # clients send the whole chat along

    @web.authenticated
    @authorised
    async def post(self, path: str) -> None:
        """Answer with a stream that ends with the run, or when the run waits for nothing but people."""
        request = read(self.body)
        api_path, key = await self.services.paths.find(path)
        room = await self.services.rooms.at(key)
        release = self.services.rooms.hold(room)
        try:
            await self._run(request, room, api_path)
        finally:
            release()

    async def _run(self, request: Request, room: Room, api_path: str) -> None:
        told = _Outbox()
        for entry in request.resume:
            decision(room.state, entry)  # what is not understood is refused before anything is posted
        await self._post(request, room)
        subject = Subject(
            thread_id=request.thread_id, run_id=_run_of(request, room.state), client_run_id=request.run_id
        )  # fmt: skip
        pictures = f"{self.settings['base_url']}api/copilot/notebooks/{quote(api_path)}/pictures/"
        telling = Telling(subject, lambda digest: pictures + digest)
        deciding = bool(request.resume)
        told.put(telling.begin(room.state))

        def on_records(records: Iterable[p.Record]) -> None:
            told.put(telling.take([*records], room.state))
            if not deciding:
                told.put(telling.settle(room.state))

        leave = room.listen(on_records)
        try:
            if request.ignored:
                text = "Tools of a front end are not called: the room's own tools act, where everybody sees it."
                told.put([e.Custom(name="copilot.tools_ignored", value={"tools": request.ignored, "message": text})])
            told.put(await self._decide(request, room))
            deciding = False
            told.put(telling.settle(room.state))
            await self._stream(room, telling, told)
        finally:
            leave()

    async def _post(self, request: Request, room: Room) -> None:
        """Post the client's last message, unless the room has it. Raises `Rejected`."""
        asked, state = request.asked, room.state
        if asked is None:
            return
        known = state.messages.get(asked.message_id)
        if known is not None and known.thread_id == request.thread_id:
            return
        message = message_of(request, asked)
        if request.thread_id not in state.threads:
            title = (message.text.strip().partition("\n")[0] or "Chat")[:60]
            made = p.CreateThread(thread_id=request.thread_id, title=title)
            await self._submit(room, made, request.command_id(self.visitor.actor, made))
        await self._submit(room, message, request.command_id(self.visitor.actor, message))

    async def _decide(self, request: Request, room: Room) -> list[e.Event]:
        """Decide what the client answered, each by itself; who was first where somebody else was. Raises `Rejected`."""
        raced: list[e.Event] = []
        for entry in request.resume:
            command = decision(room.state, entry)
            try:
                await self._submit(room, command, request.command_id(self.visitor.actor, command))
            except Rejected as refusal:
                if refusal.code not in _RACES:
                    raise
                raced.append(settled(room.state.confirmations[command.confirmation_id]))
        return raced

    async def _submit(self, room: Room, command: p.Command, command_id: p.CommandId) -> None:
        """Give a command as over the route for commands: with its limits, its rights, and its rate."""
        body = p.encode({"command_id": command_id, "command": command})
        if len(body) > p.MAX_FRAME_BYTES:
            raise Rejected("too_large", f"A command has at most {p.MAX_FRAME_BYTES} bytes.")
        checked = p.decode_command_body(body)
        rate = self.services.rooms.rate(room, self.visitor.actor)
        rate.spend(1)
        rate.spend_bytes(len(body))
        actor = msgspec.structs.replace(self.visitor.actor, surface="rest")
        await room.submit(checked.command, actor, self.visitor.rights, command_id)

    async def _stream(self, room: Room, telling: Telling, told: _Outbox) -> None:
        """Send what is told until it ends, the client leaves, or may no longer read."""
        self.set_header("Content-Type", "text/event-stream")
        self.set_header("Cache-Control", "no-cache")
        self.set_header("X-Accel-Buffering", "no")
        self.request.connection.stream.set_nodelay(True)  # type: ignore[union-attr]
        sending = asyncio.create_task(self._send(room, telling, told))
        try:
            with self.services.connections.streaming(self, sending.cancel):
                await sending
        except (StreamClosedError, asyncio.CancelledError):
            return
        except asyncio.TimeoutError:
            self.request.connection.stream.close()  # type: ignore[union-attr]

    async def _send(self, room: Room, telling: Telling, told: _Outbox) -> None:
        while True:
            seq = room.state.seq
            self.write(told.take() or BEAT)
            # Who takes nothing for so long is let go, with what waits for them.
            await asyncio.wait_for(self.flush(), room.options.stalled_s)
            if told.overflows:
                raise asyncio.TimeoutError
            if told.waiting:
                continue
            if telling.is_over:
                break
            if room.is_closed:
                told.put(telling.fail("The server is stopping or moved on. Send this again.", "draining"))
                continue
            await room.changes.grew(seq, SSE_HEARTBEAT_S)
        self.finish()


def _run_of(request: Request, state: s.RoomState) -> p.RunId | None:
    """The run that the client means: the latest for its message, else the one that it answers, else the chat's."""
    message = state.messages.get(request.asked.message_id) if request.asked is not None else None
    if isinstance(message, s.Posted) and message.run_ids:
        return message.run_ids[-1]
    for entry in request.resume:
        asked = state.confirmations.get(entry.interrupt_id.rpartition("@")[0])
        if asked is not None and asked.run_id is not None:
            return asked.run_id
    run = s.active_run(state, request.thread_id)
    return None if run is None else run.run_id
