"""A session: one connection's life in a room, without any I/O of its own.

It begins waiting for `hello`, is live until it is closed, and is bound to its transport: a client that reconnects gets
a new session, whatever happens to the old one. Frames go out in the order in which the room made them.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable, Coroutine
from typing import Protocol

import msgspec
from typing_extensions import assert_never

from .. import protocol as p
from ..protocol.errors import ConnectionLost, Rejected, Retry, StoreError
from .outbox import Batch, Outbox
from .rate_limit import RateLimit
from .room import Room

STALLED_S = 30.0
"""How long a socket may take nothing at all before its session closes."""
HEARTBEAT_S = 15.0


class Transport(Protocol):
    """A socket, as a session needs it."""

    def send(self, frame: bytes) -> None:
        """Write a text frame; it may wait in the socket's own buffer."""

    def is_writing(self) -> bool:
        """Whether an earlier frame still waits in the socket's own buffer."""

    async def flushed(self) -> None:
        """Return once the socket's own buffer is empty. Raises `ConnectionLost` when the socket is closed."""

    def close(self, code: int, reason: str) -> None:
        """Close the socket with this code."""


class Visitor(msgspec.Struct, frozen=True, kw_only=True):
    """Who is at the other end, as the server found out: never from a frame."""

    actor: p.Actor
    rights: frozenset[p.Right]
    color: str | None = None
    initials: str | None = None


class Host(msgspec.Struct, frozen=True, kw_only=True):
    """What sessions tell of their server: its version, what people should know, and a room's path as people know it.

    A room's key is a path of the server's disk, which is nobody's business outside.
    """

    version: str = ""
    notices: Callable[[], list[p.Problem]] = list
    shown_path: Callable[[str], str] = str


class Session:
    """One connection in a room; made when the socket opens, after authentication and authorisation."""

    def __init__(
        self,
        room: Room,
        visitor: Visitor,
        transport: Transport,
        rate: RateLimit,
        host: Host,
    ) -> None:
        self.room = room
        self.visitor = visitor
        self.actor = visitor.actor
        self.is_live = False
        self.is_closed = False
        self.on_refused: Callable[[p.Command, Rejected], None] | None = None
        """Told of each command of this session that was refused."""
        self._transport = transport
        self._rate = rate
        self._host = host
        self._outbox = Outbox(self._fresh_snapshot)
        self._pump: asyncio.Task[None] | None = None
        self._tasks: set[asyncio.Task[None]] = set()
        self._leave_room: Callable[[], None] | None = None
        self._reads: dict[str, asyncio.Future[p.ReadReply]] = {}

    # Frames from the client

    async def receive(self, data: bytes | str) -> None:
        """Take a frame; a bad one is answered by a reject, and the session goes on."""
        if self.is_closed:
            return
        try:
            if len(data) > p.MAX_FRAME_BYTES:
                raise Rejected("too_large", f"A frame has at most {p.MAX_FRAME_BYTES} bytes.")
            await self._handle(p.decode_client_frame(data))
        except Rejected as refusal:
            self._reject(None, refusal)

    async def _handle(self, frame: p.ClientFrame) -> None:
        if not self.is_live and not isinstance(frame, p.Hello):
            raise Rejected("out_of_order", "The first frame must be hello.")
        match frame:
            case p.Hello():
                await self._hello(frame)
            case p.CommandFrame():
                await self._command(frame)
            case p.ClientPresence():
                self._rate.spend(0.25)
                self.room.presence.update(self, frame)
            case p.ReadReply():
                waiting = self._reads.pop(frame.request_id, None)
                if waiting is not None and not waiting.done():
                    waiting.set_result(frame)
            case _:
                assert_never(frame)

    async def _hello(self, hello: p.Hello) -> None:
        if self.is_live:
            raise Rejected("out_of_order", "hello was said already.")
        if hello.protocol != p.PROTOCOL_VERSION:
            message = (
                f"This server speaks protocol {p.PROTOCOL_VERSION}, not {hello.protocol}. Reload the page or update."
            )
            self._reject(None, Rejected("unsupported_protocol", message))
            self.close(p.CLOSE_PROTOCOL, message, "never")
            return
        surface = "kernel" if self.actor.kind == "kernel" else hello.surface
        # A kernel's visitor brings the name of its process, so that its end can be told from a lost connection.
        client_id = self.visitor.actor.client_id or hello.client_id
        self.actor = msgspec.structs.replace(self.visitor.actor, surface=surface, client_id=client_id)
        with contextlib.suppress(StoreError):  # then a snapshot, which is in memory, brings the client up to date
            await self.room.recall(hello.cursor)
        if self.is_closed:
            return
        if self.room.is_closed:  # before this session could be told
            self.replaced()
            return
        # From here to `live` nothing awaits, so that no record can slip between what is sent and what follows.
        self.is_live = True
        self._send(p.encode(self._welcome()))
        missing = self.room.tail_after(hello.cursor)
        if missing is None:
            self._send(self.room.snapshot())
        elif missing:
            self._send(p.encode(p.Records(first=missing[0].seq, records=missing)))
        self._send(p.encode(p.Live(seq=self.room.state.seq)))
        for problem in self._host.notices():
            self._send(p.encode(p.Notice(problem=problem)))
        self._leave_room = self.room.attend(self)
        self.room.presence.join(self, self._participant(hello.client_id, surface))
        if self.actor.kind == "person":
            self.room.tabs.join(self, self.read_notebook)
        self._spawn(self._heartbeat())

    def _welcome(self) -> p.Welcome:
        you = p.You(
            id=self.actor.id,
            name=self.actor.name,
            kind=self.actor.kind,
            can=sorted(self.visitor.rights),
            color=self.visitor.color,
            initials=self.visitor.initials,
        )
        state = self.room.state
        return p.Welcome(
            protocol=p.PROTOCOL_VERSION,
            log=state.log,
            head=state.seq,
            floor=self.room.floor,
            you=you,
            limits=p.Limits(),
            path=self._host.shown_path(self.room.path),
            server=self._host.version,
            now=self.room.clock.now(),
        )

    def _participant(self, client_id: p.ClientId, surface: p.Surface) -> p.Participant:
        return p.Participant(
            client_id=client_id,
            kind=self.actor.kind,
            id=self.actor.id,
            name=self.actor.name,
            surface=surface,
            color=self.visitor.color,
            initials=self.visitor.initials,
        )

    async def _command(self, frame: p.CommandFrame) -> None:
        try:
            self._rate.spend(1)
            seq = await self.room.submit(frame.command, self.actor, self.visitor.rights, frame.command_id)
        except Rejected as refusal:
            self._reject(frame.command_id, refusal)
            if self.on_refused is not None:
                self.on_refused(frame.command, refusal)
        else:
            self._send(p.encode(p.Ack(command_id=frame.command_id, seq=seq)))

    def _reject(self, command_id: p.CommandId | None, refusal: Rejected) -> None:
        self._send(p.encode(reject_frame(command_id, refusal)))

    # Frames to the client

    def records(self, batch: Batch) -> None:
        """Send records that were committed."""
        if self._pump is None and not self._transport.is_writing():
            self._transport.send(batch.frame)
        else:
            self._outbox.put_batch(batch)
            self._keep_pumping()

    def _send(self, frame: bytes) -> None:
        if self.is_closed:
            return
        if self._pump is None and not self._transport.is_writing():
            self._transport.send(frame)
        else:
            self._outbox.put_frame(frame)
            self._keep_pumping()

    def notify(self, problem: p.Problem) -> None:
        """Tell this connection what its person should know."""
        if self.is_live:
            self._send(p.encode(p.Notice(problem=problem)))

    def moved(self) -> None:
        """Tell this connection that the notebook has another path."""
        if self.is_live:
            self._send(p.encode(p.PathChanged(path=self._host.shown_path(self.room.path))))

    def _keep_pumping(self) -> None:
        if self._outbox.overflowed:
            self.close(p.CLOSE_SLOW, "This connection was too slow to follow; it may come back.", "after")
        elif self._pump is None:
            self._pump = self._spawn(self._pump_outbox())

    async def _pump_outbox(self) -> None:
        try:
            while self._outbox and not self.is_closed:
                await asyncio.wait_for(self._transport.flushed(), STALLED_S)
                for frame in self._outbox.take():
                    self._transport.send(frame)
        except asyncio.TimeoutError:
            self.close(p.CLOSE_SLOW, "This connection took nothing for a while; it may come back.", "after")
        except ConnectionLost:
            self.closed()
        finally:
            self._pump = None

    def _fresh_snapshot(self) -> list[bytes]:
        return [self.room.snapshot(), p.encode(p.Live(seq=self.room.state.seq))]

    def replaced(self) -> None:
        """Close, so that the client comes back to the room of the new store."""
        self.close(p.CLOSE_STORE, "The copilot's store was replaced; this connection comes back.", "after")

    def presence(self, frame: bytes) -> None:
        """Send who is here."""
        self._outbox.put_presence(frame)
        self._keep_pumping()

    async def _heartbeat(self) -> None:
        while True:
            await self.room.clock.sleep(HEARTBEAT_S)
            self._send(p.encode(p.Heartbeat(now=self.room.clock.now())))

    async def read_notebook(self, request_id: str) -> p.ReadReply:
        """Ask this tab for the notebook as it shows it; cancellable."""
        reply: asyncio.Future[p.ReadReply] = asyncio.get_running_loop().create_future()
        self._reads[request_id] = reply
        self._send(p.encode(p.ReadRequest(request_id=request_id)))
        try:
            return await reply
        finally:
            self._reads.pop(request_id, None)

    # The end

    def close(self, code: int, reason: str, retry: Retry) -> None:
        """Tell the client why, and close the socket."""
        if self.is_closed:
            return
        if not self._transport.is_writing():
            self._transport.send(p.encode(p.Closing(code=code, reason=reason, retry=retry)))
        self.closed()
        self._transport.close(code, reason[:120])

    def closed(self) -> None:
        """The socket is gone: leave the room."""
        self.is_closed = True
        self.is_live = False
        if self._leave_room is not None:
            self._leave_room()
            self._leave_room = None
        self.room.presence.leave(self)
        self.room.tabs.leave(self)
        for waiting in self._reads.values():
            if not waiting.done():
                waiting.set_exception(ConnectionLost("The tab closed."))
        for task in tuple(self._tasks):
            task.cancel()

    def _spawn(self, work: Coroutine[object, object, None]) -> asyncio.Task[None]:
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return task


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
