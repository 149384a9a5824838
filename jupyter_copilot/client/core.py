"""The client without I/O of its own: hello, fold, outbox, resume. The socket is injected.

Promises: records are folded in order, each once, and a state is shown once it is whole. A command is kept until it is
acknowledged or refused and sent again under its id after every reconnect, so that it takes effect once. State belongs
to the socket that it came through: what an old socket still delivers is not read.
"""

from __future__ import annotations

import asyncio
import contextlib
import random
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable
from typing import Any
from uuid import uuid4

import msgspec
from typing_extensions import Self, assert_never

from .. import protocol as p
from ..core import state as s
from ..core.replica import Replica
from ..ports.clock import Clock
from ..protocol.errors import ConnectionLost, Gap, Rejected, Retry
from .commands import CommandQueue
from .connection import Connected, Connecting, Connection, OpenSocket, Socket, Stopped, Waiting
from .pauses import pause_after
from .timers import ClockTimers

SILENCE_S = 40.0
"""A connection that brings nothing for this long is dead: the server's heartbeat comes every 15 s."""


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
        self.connection: Connection = Connecting()
        self.you: p.You | None = None
        self.path: str | None = None
        self.participants: list[p.Participant] = []
        self.notices: list[p.Problem] = []
        self._open_socket = open_socket
        self._clock = clock
        self._surface = surface
        self._jitter = jitter
        self._replica = Replica()
        self._timers = ClockTimers(clock)
        self._commands = CommandQueue(self._send_command, self._timers)
        self._answers: dict[str, asyncio.Future[int]] = {}
        self._socket: Socket | None = None
        self._outgoing: asyncio.Queue[bytes] = asyncio.Queue()
        self._max_frame_bytes = p.MAX_FRAME_BYTES
        self._gaps = 0
        """Times that something was missing, since the client was last live."""
        self._failures = 0
        self._changed = asyncio.Event()
        self._listeners: list[Callable[[p.ServerFrame], None]] = []
        self._task: asyncio.Task[None] | None = None

    @property
    def state(self) -> s.RoomState | None:
        """The folded state; None until the room was first seen whole."""
        return self._replica.state

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
        id = p.CommandId(command_id or uuid4().hex)
        if id in self._answers:
            return await asyncio.shield(self._answers[id])
        size = len(p.encode(p.CommandFrame(command_id=id, command=command)))
        if size > self._max_frame_bytes:
            message = f"This is too large to send: {size} bytes, where {self._max_frame_bytes} are allowed."
            raise Rejected("too_large", message, hint="Send less.")
        answer: asyncio.Future[int] = asyncio.get_running_loop().create_future()
        self._answers[id] = answer
        self._commands.submit(id, command, lambda end: _settle(answer, end))
        try:
            return await answer
        finally:
            del self._answers[id]
            self._commands.drop(id)

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

    async def decide_all(self, confirmation_ids: Iterable[str], option: str, *, comment: str = "") -> int:
        """Decide several confirmations alike, as they stand in the folded state: all that are open, or none.

        Raises `Rejected` as `decide` does, and `forbidden` for an approval that has to be given by itself.
        """
        known = {} if self.state is None else self.state.confirmations
        found = [known[each] for each in confirmation_ids if each in known]
        decisions = [
            p.Decide(confirmation_id=each.confirmation_id, args_hash=each.args_hash, option=option, comment=comment)
            for each in found
        ]
        if not decisions:
            raise Rejected("not_found", "There are no such confirmations here.")
        return await self.command(p.DecideAll(decisions=decisions))

    async def grant_rule(self, scope: p.RuleScope, **fields: Any) -> p.RuleId:
        """Let calls in without asking, as `Grant` says; returns the rule's id. Raises `Rejected`."""
        rule_id = p.RuleId(uuid4().hex)
        await self.command(p.GrantRule(grant=p.Grant(rule_id=rule_id, scope=scope, **fields)))
        return rule_id

    async def end_rule(self, rule_id: str) -> int:
        """End a rule for everybody: nothing begins by it once this returns. Raises `Rejected`."""
        return await self.command(p.EndRule(rule_id=p.RuleId(rule_id)))

    async def set_mode(self, mode: p.Mode, *, thread_id: str = p.MAIN_THREAD, **fields: Any) -> int:
        """Choose what the agent may do in a thread without asking, as `SetMode` says. Raises `Rejected`."""
        return await self.command(p.SetMode(thread_id=p.ThreadId(thread_id), mode=mode, **fields))

    async def rewind(self, to: str, *, notebook: bool = True, conversation: bool = False) -> p.MessageId:
        """Go back to before a message, as `Rewind` says; returns the id by which it is undone. Raises `Rejected`."""
        id = p.MessageId(uuid4().hex)
        await self.command(p.Rewind(message_id=id, to=p.MessageId(to), notebook=notebook, conversation=conversation))
        return id

    async def undo_rewind(self, rewind_id: str, *, thread_id: str = p.MAIN_THREAD) -> int:
        """Bring back what a rewind took from a chat. Raises `Rejected`."""
        return await self.command(p.UndoRewind(thread_id=p.ThreadId(thread_id), rewind_id=rewind_id))

    async def show(self, presence: p.ClientPresence) -> None:
        """Replace what others see of this client; dropped while there is no connection."""
        if isinstance(self.connection, Connected):
            self._outgoing.put_nowait(p.encode(presence))

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
        return await self.wait(lambda _: isinstance(self.connection, Connected))

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
        reason = ""
        while not isinstance(self.connection, Stopped):
            self._set(Connecting(reason))
            try:
                self._socket = await self._open_socket()
                reason = await self._converse(self._socket)
            except ConnectionLost as error:
                self._stop(error)
            except OSError as error:
                reason = str(error) or "The server cannot be reached."
            finally:
                self._left()
            if not isinstance(self.connection, Stopped):
                await self._back_off(reason)

    def _left(self) -> None:
        """The connection is gone; what it brought of a state that goes on is true all the same."""
        if self._socket is not None:
            self._socket.close()
            self._socket = None
        self._replica.abandon()
        self._commands.suspend()

    async def _back_off(self, reason: str) -> None:
        self._failures += 1
        pause = pause_after(self._failures, self._jitter())
        self._set(Waiting(self._clock.now() + round(pause * 1000), reason))
        await self._clock.sleep(pause)

    async def _converse(self, socket: Socket) -> str:
        """Speak over one socket until it ends; returns why it ended."""
        surface: Any = self._surface
        hello = p.Hello(
            protocol=p.PROTOCOL_VERSION,
            client_id=p.ClientId(self.client_id),
            surface=surface,
            cursor=self._replica.cursor,
        )
        await socket.send(p.encode(hello))
        self._outgoing = asyncio.Queue()
        writing = asyncio.create_task(_write(socket, self._outgoing))
        try:
            return await self._listen_to(socket)
        finally:
            writing.cancel()

    async def _listen_to(self, socket: Socket) -> str:
        while True:
            data = await self._receive(socket)
            if data is None:
                code = socket.close_code
                return self._closed(p.retry_for(code), "The connection was lost.")
            try:
                frame = p.decode_server_frame(data)
                if frame is not None:
                    self._take(frame)
            except (Gap, msgspec.DecodeError) as error:
                return self._resync(f"Out of step: {error}", forget=not isinstance(error, Gap))
            if isinstance(frame, p.Closing):
                return self._closed(frame.retry, frame.reason)
            if isinstance(frame, p.Reject) and frame.retry == "resync":
                return self._resync(frame.message, forget=True)

    async def _receive(self, socket: Socket) -> str | bytes | None:
        """The next frame; a socket that stays silent is closed, and then brings None."""
        watchdog = asyncio.get_running_loop().call_later(SILENCE_S, socket.close)
        try:
            return await socket.receive()
        finally:
            watchdog.cancel()

    def _resync(self, reason: str, *, forget: bool) -> str:
        """Come back to the cursor; if that did not help before, ask for everything."""
        self._gaps += 1
        if forget or self._gaps > 1:
            self._replica.forget()
        return reason

    def _closed(self, retry: Retry, reason: str) -> str:
        """Do to the connection what `retry` says. Raises `ConnectionLost` when the client is to stay away."""
        match retry:
            case "after":
                return reason
            case "resync":
                return self._resync(reason, forget=True)
            case "reauth":
                raise ConnectionLost(reason, hint="Sign in again.", code="reauth")
            case "never":
                raise ConnectionLost(reason, code="connection_lost")
        assert_never(retry)

    def _take(self, frame: p.ServerFrame) -> None:
        match frame:
            case p.Welcome():
                self.you, self.path = frame.you, frame.path
                self._max_frame_bytes = frame.limits.frame_bytes
                self._replica.begin(frame.log)
            case p.Snapshot():
                self._replica.replace(frame)
            case p.Records():
                self._replica.fold(frame)
            case p.Live():
                self._replica.settle(frame.seq)
                self._live()
            case p.Ack():
                self._commands.acked(frame.command_id, frame.seq)
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
                self._outgoing.put_nowait(p.encode(p.ReadReply(request_id=frame.request_id, error=error)))
            case p.Heartbeat() | p.Closing():
                pass
            case _:
                assert_never(frame)
        self._notify(frame)

    def _live(self) -> None:
        if isinstance(self.connection, Connected) or self.you is None:
            return  # a snapshot came in between, because this client was slow
        self._gaps = self._failures = 0
        self._set(Connected())
        # This client keeps its credentials for its life, while a server that starts again names a token's holder anew.
        self._commands.resume(self.client_id, self.state)

    def _refused(self, frame: p.Reject) -> None:
        if frame.command_id is not None:
            self._commands.rejected(frame.command_id, frame)
        else:
            self.notices.append(p.Problem(code=frame.code, message=frame.message, hint=frame.hint))

    def _send_command(self, command_id: p.CommandId, command: p.Command) -> None:
        self._outgoing.put_nowait(p.encode(p.CommandFrame(command_id=command_id, command=command)))

    def _set(self, connection: Connection) -> None:
        self.connection = connection
        self._wake()

    def _stop(self, error: ConnectionLost | None) -> None:
        if isinstance(self.connection, Stopped):
            return
        self._set(Stopped(error))
        self._timers.close()
        for answer in list(self._answers.values()):
            if not answer.done():
                answer.set_exception(error or ConnectionLost("The client was closed before the server answered."))

    def _notify(self, frame: p.ServerFrame) -> None:
        for listener in tuple(self._listeners):
            listener(frame)
        self._wake()

    def _wake(self) -> None:
        self._changed.set()
        self._changed = asyncio.Event()


def _settle(answer: asyncio.Future[int], end: int | Rejected) -> None:
    if answer.done():
        return
    if isinstance(end, Rejected):
        answer.set_exception(end)
    else:
        answer.set_result(end)


async def _write(socket: Socket, outgoing: asyncio.Queue[bytes]) -> None:
    """Write what is to be sent, in order; a socket that cannot be written to is closed, which its reader notices."""
    try:
        while True:
            await socket.send(await outgoing.get())
    except OSError:
        socket.close()
