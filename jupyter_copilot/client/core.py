"""The client without I/O of its own: hello, fold, outbox, resume. The socket is injected.

Promises: records are folded in order, each once. A command is kept until it is acknowledged or refused and sent again
under its id after every reconnect, so that it takes effect once. State belongs to the socket that it came through: what
an old socket still delivers is not read.
"""

from __future__ import annotations

import asyncio
import contextlib
import random
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any, Protocol
from uuid import uuid4

import msgspec
from msgspec import Struct
from typing_extensions import Self, assert_never

from .. import protocol as p
from ..core import state as s
from ..core.reducer import apply
from ..ports.clock import Clock
from ..protocol.errors import ConnectionLost, Gap, Rejected
from .pauses import pause_after

SILENCE_S = 40.0
"""A connection that brings nothing for this long is dead: the server's heartbeat comes every 15 s."""


class Socket(Protocol):
    """A WebSocket, as the client needs it."""

    async def send(self, frame: bytes) -> None:
        """Write a text frame. Raises `OSError` when the socket is closed."""

    async def receive(self) -> str | bytes | None:
        """The next frame, or None once the socket is closed."""

    @property
    def close_code(self) -> int:
        """The code that the socket was closed with; 1006 when the network broke."""

    def close(self) -> None:
        """Close it; a waiting `receive` returns None."""


OpenSocket = Callable[[], Awaitable[Socket]]
"""Opens a socket. Raises `OSError` when it may be tried again, `ConnectionLost` when that would not help."""


class Connecting(Struct, frozen=True, tag="connecting"):
    """A socket is being opened, or is catching up."""


class Live(Struct, frozen=True, tag="live"):
    """Everything that was committed is here."""


class Waiting(Struct, frozen=True, tag="waiting"):
    """The connection was lost; the next try is at `retry_at` (unix ms)."""

    retry_at: int
    reason: str


class Stopped(Struct, frozen=True, tag="stopped"):
    """The client does not come back by itself."""

    error: ConnectionLost | None


Connection = Connecting | Live | Waiting | Stopped


class _Pending(Struct):
    frame: bytes
    done: asyncio.Future[int]


class Client:
    """A participant of one room. All methods belong to the loop in which it was entered."""

    def __init__(
        self,
        open_socket: OpenSocket,
        clock: Clock,
        *,
        surface: str = "client",
        client_id: str | None = None,
        jitter: Callable[[], float] = random.random,
    ) -> None:
        self.client_id = client_id or uuid4().hex
        self.state: s.RoomState | None = None
        self.connection: Connection = Connecting()
        self.you: p.You | None = None
        self.path: str | None = None
        self.participants: list[p.Participant] = []
        self.notices: list[p.Problem] = []
        self._open_socket = open_socket
        self._clock = clock
        self._surface = surface
        self._jitter = jitter
        self._outbox: dict[str, _Pending] = {}
        self._socket: Socket | None = None
        self._needs_snapshot = False
        self._failures = 0
        self._changed = asyncio.Event()
        self._listeners: list[Callable[[p.ServerFrame], None]] = []
        self._task: asyncio.Task[None] | None = None

    async def __aenter__(self) -> Self:
        self.start()
        return self

    async def __aexit__(self, *exc: object) -> None:
        await self.close()

    def start(self) -> None:
        """Begin to connect; returns at once."""
        if self._task is None:
            self._task = asyncio.create_task(self._run())

    async def close(self) -> None:
        """Leave the room; commands that are not acknowledged yet fail with `ConnectionLost`."""
        if self._task is not None:
            self._task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._task
        self._stop(None)

    # What a participant does

    async def command(self, command: p.Command, command_id: str | None = None) -> int:
        """Give a command and return the seq under which it was committed, however often the connection breaks.

        Given twice under one id, it is one command with one answer. Raises `Rejected` with the server's code, or
        `ConnectionLost` when the client has stopped for good.
        """
        if isinstance(self.connection, Stopped):
            raise self.connection.error or ConnectionLost("The client is closed.")
        command_id = command_id or uuid4().hex
        if command_id in self._outbox:
            return await asyncio.shield(self._outbox[command_id].done)
        frame = p.encode(p.CommandFrame(command_id=p.CommandId(command_id), command=command))
        if len(frame) > p.MAX_FRAME_BYTES:
            raise Rejected("too_large", f"A command has at most {p.MAX_FRAME_BYTES} bytes, this has {len(frame)}.")
        pending = _Pending(frame, asyncio.get_running_loop().create_future())
        self._outbox[command_id] = pending
        if isinstance(self.connection, Live) and self._socket is not None:
            with contextlib.suppress(OSError):
                await self._socket.send(frame)
        try:
            return await pending.done
        finally:
            if self._outbox.get(command_id) is pending:
                del self._outbox[command_id]

    async def post(self, text: str, *, thread_id: str = p.MAIN_THREAD, run: bool = True, **fields: Any) -> str:
        """Post a message, by default one that the agent answers; returns its id."""
        message_id = p.MessageId(uuid4().hex)
        command = p.PostMessage(
            message_id=message_id, text=text, thread_id=p.ThreadId(thread_id), run=run, **fields
        )  # fmt: skip
        await self.command(command)
        return message_id

    async def decide(self, confirmation_id: str, option: str, *, args_hash: str | None = None, **fields: Any) -> int:
        """Decide a confirmation, as it was seen under `args_hash`, else as it stands in the folded state.

        Raises `Rejected`: `already_decided`, or `stale` when it is no longer what was seen.
        """
        found = self.state.confirmations.get(confirmation_id) if self.state is not None else None
        if found is None:
            raise Rejected("not_found", f"There is no confirmation {confirmation_id!r} here.")
        seen = found.args_hash if args_hash is None else args_hash
        return await self.command(
            p.Decide(confirmation_id=found.confirmation_id, args_hash=seen, option=option, **fields)
        )

    async def show(self, presence: p.ClientPresence) -> None:
        """Replace what others see of this client; dropped while there is no connection."""
        if isinstance(self.connection, Live) and self._socket is not None:
            with contextlib.suppress(OSError):
                await self._socket.send(p.encode(presence))

    async def wait(self, predicate: Callable[[s.RoomState], bool]) -> s.RoomState:
        """Return the state once it satisfies `predicate`. Raises `ConnectionLost` when the client stops."""
        while True:
            if self.state is not None and predicate(self.state):
                return self.state
            if isinstance(self.connection, Stopped):
                raise self.connection.error or ConnectionLost("The client is closed.")
            await self._changed.wait()

    def changed(self) -> Awaitable[object]:
        """Returns, when awaited, after the first change of state, participants or connection since this call."""
        return self._changed.wait()

    async def live(self) -> s.RoomState:
        """Return the state once it is live. Raises `ConnectionLost` when the client stops."""
        return await self.wait(lambda _: isinstance(self.connection, Live))

    async def frames(self) -> AsyncIterator[p.ServerFrame]:
        """Every frame from now on, after it was folded, until the client stops."""
        queue: asyncio.Queue[p.ServerFrame] = asyncio.Queue()
        remove = self.listen(queue.put_nowait)
        try:
            while True:
                yield await queue.get()
        finally:
            remove()

    def listen(self, listener: Callable[[p.ServerFrame], None]) -> Callable[[], None]:
        """Call `listener` with each frame after it was folded; returns the remover."""
        self._listeners.append(listener)
        return lambda: self._listeners.remove(listener)

    # The connection

    async def _run(self) -> None:
        while not isinstance(self.connection, Stopped):
            reason = "The server cannot be reached."
            try:
                self._set(Connecting())
                self._socket = await self._open_socket()
                reason = await self._converse(self._socket)
            except ConnectionLost as error:
                self._stop(error)
            except OSError as error:
                reason = str(error) or reason
            finally:
                if self._socket is not None:
                    self._socket.close()
                    self._socket = None
            if not isinstance(self.connection, Stopped):
                await self._back_off(reason)

    async def _back_off(self, reason: str) -> None:
        self._failures += 1
        pause = pause_after(self._failures, self._jitter())
        self._set(Waiting(self._clock.now() + round(pause * 1000), reason))
        await self._clock.sleep(pause)

    async def _converse(self, socket: Socket) -> str:
        """Speak over one socket until it ends; returns why it ended."""
        cursor = None
        if self.state is not None and not self._needs_snapshot:
            cursor = p.Cursor(log=self.state.log, seq=self.state.seq)
        surface: Any = self._surface
        hello = p.Hello(
            protocol=p.PROTOCOL_VERSION, client_id=p.ClientId(self.client_id), surface=surface, cursor=cursor
        )  # fmt: skip
        await socket.send(p.encode(hello))
        while True:
            data = await self._receive(socket)
            if data is None:
                return self._closed(socket.close_code, "The connection was lost.")
            try:
                frame = p.decode_server_frame(data)
                if frame is not None:
                    await self._take(frame, socket)
            except (Gap, msgspec.DecodeError) as error:
                self._needs_snapshot = True
                return f"Out of step: {error}"
            if isinstance(frame, p.Closing):
                return self._closed(frame.code, frame.reason)

    async def _receive(self, socket: Socket) -> str | bytes | None:
        """The next frame; a socket that stays silent is closed, and then brings None."""
        watchdog = asyncio.get_running_loop().call_later(SILENCE_S, socket.close)
        try:
            return await socket.receive()
        finally:
            watchdog.cancel()

    def _closed(self, code: int, reason: str) -> str:
        retry = p.retry_for(code)
        if retry in ("never", "reauth"):
            hint = "Sign in again." if retry == "reauth" else ""
            raise ConnectionLost(reason, hint=hint, code="reauth" if retry == "reauth" else "connection_lost")
        return reason

    async def _take(self, frame: p.ServerFrame, socket: Socket) -> None:
        match frame:
            case p.Welcome():
                self.you, self.path = frame.you, frame.path
            case p.Snapshot():
                self.state = s.decode_state(frame.state)
                self._needs_snapshot = False
            case p.Records():
                self._fold(frame)
            case p.Live():
                self._failures = 0
                self._set(Live())
                for pending in list(self._outbox.values()):
                    await socket.send(pending.frame)
            case p.Ack():
                self._settle(frame.command_id, lambda done: done.set_result(frame.seq))
            case p.Reject():
                self._refused(frame)
            case p.PresenceFrame():
                self.participants = frame.participants
            case p.PathChanged():
                self.path = frame.path
            case p.Notice():
                self.notices.append(frame.problem)
            case p.ReadRequest():
                error = "This client does not show the notebook."
                await socket.send(p.encode(p.ReadReply(request_id=frame.request_id, error=error)))
            case p.Heartbeat() | p.Closing():
                pass
            case _:
                assert_never(frame)
        self._notify(frame)

    def _fold(self, frame: p.Records) -> None:
        """Fold the records that are new; a frame that begins later than it should is a gap."""
        if self.state is None or not frame.records:
            return
        if frame.first > self.state.seq + 1:
            raise Gap(self.state.seq + 1, frame.first)
        last = frame.records[-1].seq
        for record in frame.records:
            if record.seq > self.state.seq:
                apply(self.state, record, floor=last)

    def _refused(self, frame: p.Reject) -> None:
        if frame.command_id is None or frame.code == "draining":
            return  # a draining server takes it after the reconnect
        refusal = Rejected(frame.code, frame.message, retry=frame.retry, details=frame.details, hint=frame.hint)
        self._settle(frame.command_id, lambda done: done.set_exception(refusal))

    def _settle(self, command_id: str, settle: Callable[[asyncio.Future[int]], None]) -> None:
        pending = self._outbox.pop(command_id, None)
        if pending is not None and not pending.done.done():
            settle(pending.done)

    def _set(self, connection: Connection) -> None:
        self.connection = connection
        self._wake()

    def _stop(self, error: ConnectionLost | None) -> None:
        if isinstance(self.connection, Stopped):
            return
        self._set(Stopped(error))
        for command_id in list(self._outbox):
            lost = error or ConnectionLost("The client was closed before the server answered.")
            self._settle(command_id, lambda done, lost=lost: done.set_exception(lost))  # type: ignore[misc]

    def _notify(self, frame: p.ServerFrame) -> None:
        for listener in tuple(self._listeners):
            listener(frame)
        self._wake()

    def _wake(self) -> None:
        self._changed.set()
        self._changed = asyncio.Event()
