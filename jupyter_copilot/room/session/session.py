"""A session: one connection's life in a room, without any I/O of its own.

It awaits `hello`, is live until it closes, and is bound to its transport: a client that reconnects gets a new session,
whatever happens to the old one. Frames go out in the order in which the room made them.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable

from msgspec import Struct
from msgspec.structs import replace
from typing_extensions import assert_never

from ... import protocol as p
from ...protocol.errors import Rejected, Retry, StoreError
from ..audience import Leave
from ..room import Room
from ..supervisor import Supervisor
from .handshake import check_protocol, greeting, introduced, participant
from .notebook_reads import NotebookReads
from .outbox import Batch
from .outgoing import Outgoing
from .rate_limit import RateLimit
from .visitor import Host, Transport, Visitor

MOST_BAD_FRAMES = 50
"""Frames of one connection that cannot be read, before it is closed for good."""
MOST_TOO_MANY = 1_000
"""Frames in a row that are beyond the rate, before the connection is closed for a while."""


class AwaitingHello(Struct, frozen=True):
    """The socket is open; with `said`, hello came and what the client missed is being fetched."""

    said: bool = False


class Joined(Struct, frozen=True):
    """In the room, as `actor`."""

    actor: p.Actor
    leave: Leave


class Ended(Struct, frozen=True):
    """Out of the room: the server closed the socket, or the socket is gone."""


Life = AwaitingHello | Joined | Ended


class Session:
    """One connection in a room; made when the socket opens, after authentication and authorisation."""

    def __init__(self, room: Room, visitor: Visitor, transport: Transport, rate: RateLimit, host: Host) -> None:
        self.room = room
        self.visitor = visitor
        self.life: Life = AwaitingHello()
        self.on_refused: Callable[[p.Command, Rejected], None] | None = None
        """Told of each command of this session that was refused."""
        self._bad_frames = 0
        self._too_many = 0
        self._transport = transport
        self._rate = rate
        self._host = host
        self._supervisor = Supervisor(f"a session of {visitor.actor.name}", room.clock, lambda: self.is_closed)
        self.outgoing = Outgoing(
            transport, self._supervisor, self._fresh_snapshot, self._slow, self.closed, room.options.stalled_s
        )
        self._reads = NotebookReads(self.outgoing.send)

    @property
    def actor(self) -> p.Actor:
        """Who is at the other end, once live with the surface and client id of this connection."""
        return self.life.actor if isinstance(self.life, Joined) else self.visitor.actor

    @property
    def is_live(self) -> bool:
        """Whether hello was said and answered, and the session follows the room."""
        return isinstance(self.life, Joined)

    @property
    def is_closed(self) -> bool:
        """Whether the session has left the room for good."""
        return isinstance(self.life, Ended)

    @property
    def is_behind(self) -> bool:
        """Whether frames wait for the client to read."""
        return bool(self.outgoing.outbox) or self._transport.is_writing()

    # Frames from the client

    async def receive(self, data: bytes | str) -> None:
        """Take a frame; a bad one is answered by a reject, and the session goes on."""
        if self.is_closed:
            return
        try:
            if len(data) > p.MAX_FRAME_BYTES:
                raise Rejected("too_large", f"A frame has at most {p.MAX_FRAME_BYTES} bytes.")
            frame = p.decode_client_frame(data)
            match self.life:
                case AwaitingHello(said=False) if isinstance(frame, p.Hello):
                    await self._hello(frame)
                case AwaitingHello():
                    raise Rejected("out_of_order", "The first frame must be hello.")
                case Joined(actor=actor):
                    await self._handle(frame, actor, len(data))
                case Ended():
                    pass
                case _:
                    assert_never(self.life)
        except Rejected as refusal:
            self._reject(None, refusal)
            self._count(refusal)

    async def _handle(self, frame: p.ClientFrame, actor: p.Actor, size: int) -> None:
        match frame:
            case p.Hello():
                raise Rejected("out_of_order", "hello was said already.")
            case p.CommandFrame():
                await self._command(frame, actor, size)
            case p.ClientPresence():
                self._rate.spend(0.25)
                if not self.visitor.may_show_documents:
                    frame = replace(frame, document=None)
                self.room.presence.update(self, frame)
            case p.ReadReply():
                if not self._reads.answered(frame):
                    self._rate.spend_bytes(size)  # it came late, or nobody asked for it
            case _:
                assert_never(frame)

    def _count(self, refusal: Rejected) -> None:
        """Close on whoever goes on sending what cannot be read, or far too much."""
        if refusal.code in ("bad_frame", "too_large", "out_of_order"):
            self._bad_frames += 1
        elif refusal.code == "rate_limited":
            self._too_many += 1
        if self._bad_frames > MOST_BAD_FRAMES:
            self.close(p.CLOSE_BAD_FRAME, "Too many frames that cannot be read.", "never")
        elif self._too_many > MOST_TOO_MANY:
            self.close(p.CLOSE_RATE_LIMITED, "Too many frames in a short time.", "after")

    async def _hello(self, hello: p.Hello) -> None:
        try:
            check_protocol(hello)
        except Rejected as refusal:
            self._reject(None, refusal)
            self.close(p.CLOSE_PROTOCOL, refusal.message, "never")
            return
        self.life = AwaitingHello(said=True)
        with contextlib.suppress(StoreError):  # then a snapshot, which is in memory, brings the client up to date
            await self.room.replay.recall(hello.cursor)
        if self.is_closed:
            return
        if self.room.is_closed:  # before this session could be told
            self.replaced()
            return
        for frame in greeting(self.room, self.visitor, hello.cursor, self._host):
            self.outgoing.send(frame)
        actor = introduced(self.room, self.visitor, hello)
        self.life = Joined(actor, self.room.attend(self))
        client_id = actor.client_id if actor.kind == "person" else None
        self.room.presence.join(self, participant(self.visitor, actor, client_id or hello.client_id))
        if self.visitor.may_show_documents:
            self.room.tabs.join(self, self._reads.ask, actor.session, self.visitor.rights)
        self._supervisor.once("heartbeat", self._heartbeat)

    async def _command(self, frame: p.CommandFrame, actor: p.Actor, size: int) -> None:
        try:
            self._rate.spend(1)
            self._rate.spend_bytes(size)
            seq = await self.room.submit(frame.command, actor, self.visitor.rights, frame.command_id)
        except Rejected as refusal:
            self._reject(frame.command_id, refusal)
            if refusal.code == "rate_limited":
                self._count(refusal)
            if self.on_refused is not None:
                self.on_refused(frame.command, refusal)
        else:
            self._too_many = 0
            self.outgoing.send(p.encode(p.Ack(command_id=frame.command_id, seq=seq)))

    def _reject(self, command_id: p.CommandId | None, refusal: Rejected) -> None:
        self.outgoing.send(p.encode(reject_frame(command_id, refusal)))

    # Frames to the client

    def records(self, batch: Batch) -> None:
        """Send records that were committed."""
        self.outgoing.send_records(batch)

    def presence(self, frame: bytes) -> None:
        """Send who is here."""
        self.outgoing.send_presence(frame)

    def replaced(self) -> None:
        """Close, so that the client comes back to the room of the new store."""
        self.close(p.CLOSE_STORE, "The copilot's store was replaced; this connection comes back.", "after")

    def notify(self, problem: p.Problem) -> None:
        """Tell this connection what its person should know."""
        if self.is_live:
            self.outgoing.send(p.encode(p.Notice(problem=problem)))

    def moved(self) -> None:
        """Tell this connection that the notebook has another path."""
        if self.is_live:
            self.outgoing.send(p.encode(p.PathChanged(path=self._host.shown_path(self.room.path))))

    def _fresh_snapshot(self) -> list[bytes]:
        return [*self.room.snapshots.frames(), p.encode(p.Live(seq=self.room.state.seq))]

    async def _heartbeat(self) -> None:
        while True:
            await self.room.clock.sleep(self.room.options.heartbeat_s)
            self.outgoing.send(p.encode(p.Heartbeat(now=self.room.clock.now())))

    # The end

    def _slow(self, reason: str) -> None:
        self.close(p.CLOSE_SLOW, reason, "after")

    def close(self, code: int, reason: str, retry: Retry) -> None:
        """Tell the client why, and close the socket."""
        if not self.is_closed:
            self._end(p.encode(p.Closing(code=code, reason=reason, retry=retry)))
            self._transport.close(code, reason[:120])

    def closed(self) -> None:
        """The socket is gone: leave the room."""
        self._end(None)

    def _end(self, last: bytes | None) -> None:
        life, self.life = self.life, Ended()
        self.outgoing.close(last)
        if isinstance(life, Joined):
            life.leave()
            self.room.client_ids.release(life.actor.session)
        self.room.presence.leave(self)
        self.room.tabs.leave(self)
        self._reads.lost()
        self._supervisor.cancel()


def reject_frame(command_id: p.CommandId | None, refusal: Rejected) -> p.Reject:
    """The frame that tells a client of a refusal."""
    return p.Reject(
        command_id=command_id,
        code=refusal.code,  # type: ignore[arg-type]
        message=refusal.message,
        retry=refusal.retry,
        details=refusal.details,
        hint=refusal.hint,
    )
