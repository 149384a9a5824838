"""A room: decide → append → broadcast → apply, one notebook, one order.

Everything that changes a room goes through `submit` (what people and kernels command) or `record` (what the engine
states as facts). Both run one after the other under the room's lock, on the newest state, and return after the commit.
All methods belong to one event loop; no method but these two awaits while it changes the room.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Awaitable, Callable, Sequence, Set
from typing import Any, Protocol, TypeVar

from msgspec import Raw

from .. import protocol as p
from ..core import state as s
from ..core.decide import decide, expire, next_expiry
from ..core.reducer import apply
from ..core.surrogates import well_formed
from ..ports.clock import Clock
from ..ports.event_log import EventLog, Fence, StoredSnapshot
from ..protocol.errors import AppendConflict, Gap, Rejected, StoreError
from .outbox import Batch, batch_of
from .presence import Presence
from .replay import Tail
from .tabs import Tabs

TAIL_RECORDS = 1000
"""Records kept in memory for those who resume; further behind, a snapshot is cheaper."""
SNAPSHOT_EVERY = 500
COMPACT_EVERY = 4000
READ_BATCH = 1000
PRESENCE_TICK_S = 0.05

Plan = Callable[[s.RoomState, int], Sequence[p.Event]]
Listener = Callable[[Sequence[p.Record]], None]
T = TypeVar("T")


class Audience(Protocol):
    """Somebody who watches a room live: a session."""

    def records(self, batch: Batch) -> None:
        """Records were committed."""

    def replaced(self) -> None:
        """The log was replaced: everything folded before is void, and the room is closed."""

    def presence(self, frame: bytes) -> None:
        """The encoded `presence` frame changed."""


class Room:
    """One notebook's room; made by `Room.load`.

    `path` is the notebook's key, `state` the fold of all records; readers must not change it.
    """

    def __init__(
        self, room_id: p.RoomId, path: str, log: EventLog, clock: Clock, state: s.RoomState, floor: int
    ) -> None:
        self.room_id = room_id
        self.path = path
        self.clock = clock
        self.state = state
        self.floor = floor
        self.presence = Presence(self._presence_changed)
        self.tabs = Tabs(self.presence)
        self._log = log
        self._lock = asyncio.Lock()
        self._tail = Tail(state.seq, TAIL_RECORDS)
        self._recalling = asyncio.Lock()
        self._listeners: list[Listener] = []
        self._audience: list[Audience] = []
        self._presence_due = False
        self._changed = asyncio.Event()
        self._snapshot_cache: tuple[int, bytes] = (-1, b"")
        self._saved_seq = state.seq
        self._compacted_seq = floor
        self._tasks: set[asyncio.Task[object]] = set()
        self._commits: set[asyncio.Future[Any]] = set()
        self._expiry: asyncio.Task[object] | None = None
        self._expiry_at: int | None = None
        self.is_closed = False

    def __repr__(self) -> str:
        runs = sum(isinstance(run, s.Running) for run in self.state.runs.values())
        return f"<Room {self.path!r}: seq {self.state.seq}, {len(self._audience)} sessions, {runs} runs>"

    @classmethod
    async def load(cls, room_id: p.RoomId, path: str, log: EventLog, clock: Clock) -> Room:
        """Fold the room from its latest snapshot and the records after it. Raises `StoreError`."""
        head = await log.open_room(room_id)
        stored = await log.load_snapshot(room_id, s.STATE_VERSION)
        state = s.initial(head.log)
        if stored is not None:
            with contextlib.suppress(ValueError):
                state = s.decode_state(stored.state)
        if state.log != head.log or state.seq > head.seq:
            state = s.initial(head.log)
        room = cls(room_id, path, log, clock, state, head.floor)
        room._saved_seq = stored.seq if stored is not None and state.seq else 0
        await room._catch_up()
        room._spawn(room._watch())
        room._arm_expiry()
        return room

    # Changing the room

    async def submit(self, command: p.Command, actor: p.Actor, rights: Set[p.Right], command_id: p.CommandId) -> int:
        """Decide and commit a command, and return the seq of its last record.

        A `command_id` that was committed before returns the seq it had. Raises `Rejected`. When the caller is
        cancelled, the command is finished all the same, as a commit cannot be half done.
        """

        async def locked() -> int:
            try:
                return await self._submit(command, actor, rights, command_id)
            except StoreError as error:
                raise _refuse(error) from error

        return await self._uncancelled(locked())

    async def _submit(self, command: p.Command, actor: p.Actor, rights: Set[p.Right], command_id: p.CommandId) -> int:
        async with self._lock:
            self._check_open()
            while True:
                now = self.clock.now()
                try:
                    events = decide(self.state, command, actor, rights, now)
                except Rejected:
                    # It may be a resend of what was committed, or another process may have moved the room on.
                    seq = await self._log.committed(self.room_id, command_id)
                    if await self._catch_up() and seq is None:
                        continue
                    if seq is None:
                        raise
                    return seq
                try:
                    records = await self._append(events, actor, now, command_id=command_id)
                except AppendConflict:
                    await self._catch_up()
                    continue
                if records and records[0].seq == self.state.seq + 1:
                    self._publish(records)
                    return records[-1].seq
                await self._catch_up()
                seq = await self._log.committed(self.room_id, command_id)
                assert seq is not None, "append returned without writing, so it knew the command"
                return seq

    async def record(self, plan: Plan, actor: p.Actor = p.AGENT, fence: Fence | None = None) -> list[p.Record]:
        """Commit the facts that `plan(state, now)` states about the newest state; none means that nothing is written.

        `plan` must be pure, as it runs again when another process was first. Raises `StoreError`, `LeaseLost` included.
        """
        return await self._uncancelled(self._record(plan, actor, fence))

    async def _record(self, plan: Plan, actor: p.Actor, fence: Fence | None) -> list[p.Record]:
        async with self._lock:
            self._check_open()
            while True:
                now = self.clock.now()
                events = plan(self.state, now)
                if not events:
                    return []
                try:
                    records = await self._append(events, actor, now, fence=fence)
                except AppendConflict:
                    await self._catch_up()
                    continue
                self._publish(records)
                return records

    async def _append(
        self,
        events: Sequence[p.Event],
        actor: p.Actor,
        at: int,
        *,
        command_id: p.CommandId | None = None,
        fence: Fence | None = None,
    ) -> list[p.Record]:
        seq = self.state.seq
        try:
            return await self._log.append(
                self.room_id, seq, events, actor=actor, at=at, command_id=command_id, fence=fence
            )
        except UnicodeEncodeError:
            clean = well_formed(events)
            return await self._log.append(
                self.room_id, seq, clean, actor=actor, at=at, command_id=command_id, fence=fence
            )

    def _check_open(self) -> None:
        if self.is_closed:
            raise Rejected("draining", "The server is stopping or moved on.", retry="after")

    async def _uncancelled(self, work: Awaitable[T]) -> T:
        task = asyncio.ensure_future(work)
        self._commits.add(task)
        task.add_done_callback(self._commits.discard)
        return await asyncio.shield(task)

    async def _catch_up(self) -> bool:
        """Publish the records that are in the log and not yet folded here; False when there were none."""
        head = await self._log.head(self.room_id)
        self.floor = head.floor
        if head.log != self.state.log or head.seq < self.state.seq:
            self._replaced()
        if head.seq <= self.state.seq:
            return False
        while self.state.seq < head.seq:
            records = await self._log.read(self.room_id, self.state.seq, READ_BATCH)
            if not records:
                raise Gap(self.state.seq + 1, head.seq)
            self._publish(records)
        return True

    def _replaced(self) -> None:
        """The store was replaced under the room: everybody comes back to the room that the new store has."""
        self.is_closed = True
        self._wake()
        for audience in tuple(self._audience):
            audience.replaced()
        raise Rejected("draining", "The copilot's store was replaced; this room starts anew.", retry="after")

    def _publish(self, records: list[p.Record]) -> None:
        """Fold committed records and hand them to everybody here, encoded once."""
        first = self.state.seq + 1
        for record in records:
            apply(self.state, record, self.floor)
        self._tail.append(records)
        if self._audience:
            batch = batch_of(first, records)
            for audience in tuple(self._audience):
                audience.records(batch)
        for listen in tuple(self._listeners):
            listen(records)
        self._wake()
        if any(isinstance(record.event, _MOVES_EXPIRY) for record in records):
            self._arm_expiry()
        if self.state.seq - self._saved_seq >= SNAPSHOT_EVERY:
            self._saved_seq = self.state.seq
            self._spawn(self._save())

    # Watching the room

    def attend(self, audience: Audience) -> Callable[[], None]:
        """Hand committed records and presence to `audience` as they come; returns the remover."""
        self._audience.append(audience)
        return lambda: self._audience.remove(audience)

    def listen(self, listener: Listener) -> Callable[[], None]:
        """Call `listener` with new records after they were folded, in order; returns the remover."""
        self._listeners.append(listener)
        return lambda: self._listeners.remove(listener)

    def _presence_changed(self) -> None:
        if not self._presence_due and self._audience:
            self._presence_due = True
            self._spawn(self._send_presence())

    async def _send_presence(self) -> None:
        await self.clock.sleep(PRESENCE_TICK_S)
        self._presence_due = False
        frame = p.encode(p.PresenceFrame(participants=self.presence.participants))
        for audience in tuple(self._audience):
            audience.presence(frame)

    async def wait(self, predicate: Callable[[s.RoomState], bool]) -> None:
        """Return once the state satisfies `predicate`; it is asked again after records, and when the room closes.

        A closed room changes no more: waiting there ends by being cancelled.
        """
        while not predicate(self.state):
            await self._changed.wait()

    def _wake(self) -> None:
        """Let those who wait look again, once: an event that stays set would have them look for ever."""
        self._changed.set()
        self._changed = asyncio.Event()

    async def grew(self, seq: int, timeout_s: float) -> bool:
        """Return True once there are records after `seq`, or False after `timeout_s` or when the room closed."""
        waiting = asyncio.ensure_future(self.wait(lambda state: state.seq > seq or self.is_closed))
        try:
            await asyncio.wait({waiting}, timeout=timeout_s)  # `wait_for` may swallow that its caller is cancelled
        finally:
            waiting.cancel()
        return self.state.seq > seq

    async def recall(self, cursor: p.Cursor | None) -> None:
        """Have the records after a client's cursor at hand for `tail_after`, if they are few.

        After a restart they are read from the log, once for all who come back. Raises `StoreError`.
        """
        if cursor is None or not self._is_known(cursor) or self.state.seq - cursor.seq > TAIL_RECORDS:
            return
        async with self._recalling:
            if self._tail.after(cursor.seq) is None:
                self._tail.prepend(cursor.seq, await self._log.read(self.room_id, cursor.seq, TAIL_RECORDS))

    def tail_after(self, cursor: p.Cursor | None) -> list[p.Record] | None:
        """The records after a client's cursor, or None when it needs a snapshot."""
        return self._tail.after(cursor.seq) if cursor is not None and self._is_known(cursor) else None

    def _is_known(self, cursor: p.Cursor) -> bool:
        return cursor.log == self.state.log and self.floor <= cursor.seq <= self.state.seq

    async def history(self, after: int, limit: int) -> list[p.Record]:
        """Records after a seq, from memory when they are there. Raises `StoreError`."""
        records = self._tail.after(after)
        return records[:limit] if records is not None else await self._log.read(self.room_id, after, limit)

    def snapshot(self) -> bytes:
        """The encoded `snapshot` frame of the state as it is now; made once for all who join at the same seq."""
        seq, frame = self._snapshot_cache
        if seq != self.state.seq:
            raw = p.encode(self.state)
            frame = p.encode(p.Snapshot(seq=self.state.seq, log=self.state.log, state=Raw(raw)))
            self._snapshot_cache = (self.state.seq, frame)
        return frame

    @property
    def is_busy(self) -> bool:
        """Whether a run is under way or waits for its turn."""
        return any(not isinstance(run, s.Finished) for run in self.state.runs.values())

    # Time, other processes, and the end

    async def _watch(self) -> None:
        async for head in self._log.watch(self.room_id):
            if head != self.state.seq:
                async with self._lock:
                    await self._catch_up()

    def _arm_expiry(self) -> None:
        due = next_expiry(self.state)
        if due == self._expiry_at:
            return
        if self._expiry is not None:
            self._expiry.cancel()
        self._expiry_at = due
        self._expiry = self._spawn(self._expire_at(due)) if due is not None else None

    async def _expire_at(self, due: int) -> None:
        await self.clock.sleep(max(0, due - self.clock.now()) / 1000)
        self._expiry, self._expiry_at = None, None
        await self.record(expire, actor=p.SERVER)
        self._arm_expiry()

    async def _save(self) -> None:
        stored = StoredSnapshot(self.state.seq, s.STATE_VERSION, p.encode(self.state))
        await self._log.save_snapshot(self.room_id, stored)
        if not self.is_busy and self.state.seq - self._compacted_seq >= COMPACT_EVERY:
            self._compacted_seq = self.state.seq
            await self._log.compact(self.room_id, self.state.seq - TAIL_RECORDS)
            self.floor = (await self._log.head(self.room_id)).floor

    def _spawn(self, work: Awaitable[object]) -> asyncio.Task[object]:
        async def guarded() -> None:
            # A store that fails in the background fails again in the next command, where somebody is told.
            with contextlib.suppress(StoreError, Rejected):
                await work

        task: asyncio.Task[object] = asyncio.ensure_future(guarded())
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return task

    async def close(self) -> None:
        """Finish what was begun, save a snapshot, and take no more; what a replaced store lost is not saved into it."""
        async with self._lock:
            was_open, self.is_closed = not self.is_closed, True
            self._wake()
        await asyncio.gather(*self._commits, return_exceptions=True)
        if was_open and self._saved_seq < self.state.seq:
            with contextlib.suppress(StoreError):
                await self._save()
        for task in tuple(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)


_MOVES_EXPIRY = (p.ConfirmationOpened, p.ConfirmationDecided, p.ConfirmationExpired, p.ConfirmationWithdrawn)


def _refuse(error: StoreError) -> Rejected:
    return Rejected("store_unavailable", error.message, retry="after", hint=error.hint)
