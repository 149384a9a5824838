"""A room: decide → append → publish, one notebook, one order.

Everything that changes a room goes through `submit` (what people and kernels command) or `record` (what the engine
states as facts). Both run one after the other under the room's lock, on the newest state, and return after the commit.
All methods belong to one event loop; no method but these and `catch_up` awaits while it changes the room.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Awaitable, Callable, Sequence, Set
from typing import Any, TypeVar
from uuid import uuid4

from .. import protocol as p
from ..core import state as s
from ..core.decide import decide
from ..core.permissions.house import House
from ..core.pictures import Picture, brings_pictures, set_apart, without_pictures
from ..core.reducer import apply
from ..core.surrogates import well_formed
from ..ports.clock import Clock
from ..ports.event_log import EventLog, Head, WriteId
from ..ports.leases import Fence
from ..protocol.errors import AppendConflict, Gap, Rejected, StoreError
from .audience import Audience, Changes, Leave, Listener, Viewer
from .options import RoomOptions
from .replay import Replay, Snapshots
from .second_look import SecondLook
from .session.visitor import ClientIds
from .supervisor import Supervisor
from .tabs import Tabs

Plan = Callable[[s.RoomState, int], Sequence[p.Event]]
T = TypeVar("T")


class Room:
    """One notebook's room; made by `load_room`.

    `path` is the notebook's key, `state` the fold of all records; readers must not change it.
    """

    def __init__(
        self,
        room_id: p.RoomId,
        path: str,
        log: EventLog,
        clock: Clock,
        options: RoomOptions,
        state: s.RoomState,
        floor: int,
    ) -> None:
        self.room_id = room_id
        self.path = path
        self.clock = clock
        self.options = options
        self.state = state
        self.floor = floor
        self.is_closed = False
        self.picture_bytes = 0
        """Bytes of the pictures that were recorded since the room was loaded."""
        self.supervisor = Supervisor(f"room {path}", clock, lambda: self.is_closed)
        self.audience = Audience(clock, self.supervisor, options.presence_tick_s)
        self.presence = self.audience.presence
        self.tabs = Tabs(self.presence, options.tab_answer_s)
        self.client_ids = ClientIds()
        self.replay = Replay(self, log, options.tail_records, options.tail_bytes)
        self.snapshots = Snapshots(self)
        self.changes = Changes(self)
        self._log = log
        self._second_look = SecondLook(log, room_id)
        self._lock = asyncio.Lock()
        self._with_pictures = asyncio.Lock()
        self._commits: set[asyncio.Future[Any]] = set()
        self._before_close: list[Callable[[], Awaitable[None]]] = []
        self.unfinished: list[Callable[[], bool]] = []
        """Each says whether something beside a run is left to do, for which the room stays loaded."""

    def __repr__(self) -> str:
        runs = sum(isinstance(run, s.Running) for run in self.state.runs.values())
        return f"<Room {self.path!r}: seq {self.state.seq}, {len(self.audience)} sessions, {runs} runs>"

    @property
    def is_busy(self) -> bool:
        """Whether a run is under way or waits for its turn."""
        return any(not isinstance(run, s.Finished) for run in self.state.runs.values())

    @property
    def is_needed(self) -> bool:
        """Whether the room has something to do, with nobody here."""
        return self.is_busy or any(is_left() for is_left in self.unfinished)

    @property
    def house(self) -> House:
        """What the administrator lays down here now, and the tools."""
        return self.options.house(self.path)

    # Following the room

    def attend(self, viewer: Viewer) -> Leave:
        """Hand committed records and presence to `viewer` as they come; returns how to leave."""
        return self.audience.attend(viewer)

    def listen(self, listener: Listener) -> Leave:
        """Call `listener` with new records after they were folded, in order; returns how to leave."""
        return self.audience.listen(listener)

    async def wait(self, predicate: Callable[[s.RoomState], bool]) -> None:
        """Return once the state satisfies `predicate`; in a closed room, which changes no more, it waits for ever."""
        await self.changes.wait(predicate)

    # Changing the room

    async def submit(self, command: p.Command, actor: p.Actor, rights: Set[p.Right], command_id: p.CommandId) -> int:
        """Decide and commit a command, and return the seq of its last record.

        A `command_id` that was committed before returns the seq it had. Raises `Rejected`. When the caller is
        cancelled, the command is finished all the same, as a commit cannot be half done.
        """

        async def locked() -> int:
            try:
                if not brings_pictures(command):
                    return await self._submit(command, actor, rights, command_id)
                # One after the other, so that nobody waits behind more than one of them.
                async with self._with_pictures:
                    named, pictures = await asyncio.to_thread(without_pictures, command)
                    return await self._submit(named, actor, rights, command_id, pictures)
            except (StoreError, Gap) as error:
                raise Rejected("store_unavailable", error.message, retry="after", hint=error.hint) from error

        return await self._uncancelled(locked())

    async def _submit(
        self,
        command: p.Command,
        actor: p.Actor,
        rights: Set[p.Right],
        command_id: p.CommandId,
        pictures: Sequence[Picture] = (),
    ) -> int:
        with self._second_look.waiting(command_id):
            async with self._lock:
                self._check_open()
                return await self._decided(command, actor, rights, command_id, pictures)

    async def _decided(
        self,
        command: p.Command,
        actor: p.Actor,
        rights: Set[p.Right],
        command_id: p.CommandId,
        pictures: Sequence[Picture],
    ) -> int:
        while True:
            now = self.clock.now()
            try:
                events = decide(self.state, command, actor, rights, now, self.house)
            except Rejected:
                # It may be a resend of what was committed, or another process may have moved the room on.
                seq, has_moved = await self._look_again(command_id)
                if seq is not None:
                    return seq
                if has_moved:
                    continue
                raise
            try:
                records = await self._append(events, actor, now, command_id=command_id, pictures=pictures)
            except AppendConflict:
                await self._catch_up()
                continue
            if records and records[0].seq == self.state.seq + 1:
                self._publish(records)
                return records[-1].seq
            self._second_look.forget()
            seq, _ = await self._look_again(command_id)
            assert seq is not None, "append returned without writing, so it knew the command"
            return seq

    async def _look_again(self, command_id: p.CommandId) -> tuple[int | None, bool]:
        """The seq of the command, if the log has it, and whether records were there that are not folded here yet."""
        head, seq = await self._second_look.at(command_id)
        try:
            return seq, head is not None and await self._catch_up(head)
        except BaseException:
            self._second_look.forget()
            raise

    async def record(
        self,
        plan: Plan,
        actor: p.Actor = p.AGENT,
        fence: Fence | None = None,
        *,
        write_id: WriteId | None = None,
        tried: bool = False,
    ) -> list[p.Record]:
        """Commit the facts that `plan(state, now)` states about the newest state; none means that nothing is written.

        `plan` must be pure, as it runs again when another process was first. Raises `StoreError`, `LeaseLost` included.
        After `StoreUnavailable` the facts may be written or not: who states them again gives the `write_id` of the
        first attempt and says that it was `tried`, and they are there once.
        """
        return await self._uncancelled(self._record(plan, actor, fence, write_id or WriteId(str(uuid4())), tried))

    async def _record(
        self, plan: Plan, actor: p.Actor, fence: Fence | None, write_id: WriteId, tried: bool
    ) -> list[p.Record]:
        async with self._lock:
            self._check_open()
            if tried:
                await self._catch_up()
                if (earlier := await self._log.written(self.room_id, write_id)) is not None:
                    return earlier
            while True:
                now = self.clock.now()
                events = plan(self.state, now)
                if not events:
                    return []
                try:
                    records = await self._append(events, actor, now, write_id=write_id, fence=fence)
                except AppendConflict:
                    await self._catch_up()
                    continue
                if records and records[0].seq == self.state.seq + 1:
                    self._publish(records)
                else:  # the first attempt took effect after all
                    await self._catch_up()
                return records

    async def _append(
        self,
        events: Sequence[p.Event],
        actor: p.Actor,
        at: int,
        *,
        command_id: p.CommandId | None = None,
        write_id: WriteId | None = None,
        fence: Fence | None = None,
        pictures: Sequence[Picture] = (),
    ) -> list[p.Record]:
        events, drawn = set_apart(events)
        pictures = [*pictures, *drawn]
        self.picture_bytes += sum(len(picture.data) for picture in pictures)

        async def append(events: Sequence[p.Event]) -> list[p.Record]:
            return await self._log.append(
                self.room_id,
                self.state.seq,
                events,
                actor=actor,
                at=at,
                command_id=command_id,
                write_id=write_id,
                fence=fence,
                pictures=pictures,
            )

        try:
            return await append(events)
        except UnicodeEncodeError:
            return await append(well_formed(events))

    async def _uncancelled(self, work: Awaitable[T]) -> T:
        task = asyncio.ensure_future(work)
        self._commits.add(task)
        task.add_done_callback(self._commits.discard)
        return await asyncio.shield(task)

    def _check_open(self) -> None:
        if self.is_closed:
            raise Rejected("draining", "The server is stopping or moved on.", retry="after")

    # What was committed

    async def catch_up(self) -> None:
        """Publish what other processes wrote into the log. Raises `StoreError`, or `Rejected` when it was replaced."""
        async with self._lock:
            await self._catch_up()

    async def _catch_up(self, head: Head | None = None) -> bool:
        """Publish the records that are in the log and not yet folded here; False when there were none."""
        head = head or await self._log.head(self.room_id)
        self.floor = head.floor
        if head.log != self.state.log or head.seq < self.state.seq:
            self._replaced()
        if head.seq <= self.state.seq:
            return False
        while self.state.seq < head.seq:
            options = self.options
            records = await self._log.read(self.room_id, self.state.seq, options.read_batch, options.read_bytes)
            if not records:
                raise Gap(self.state.seq + 1, head.seq)
            self._publish(records)
        return True

    def _publish(self, records: list[p.Record]) -> None:
        """Fold committed records and hand them to everybody here."""
        first = self.state.seq + 1
        for record in records:
            apply(self.state, record, self.floor)
        self.replay.append(records)
        self.snapshots.published(self.audience.published(first, records))
        self.changes.wake()

    async def picture(self, digest: str) -> Picture | None:
        """A picture that a record names by its digest; None when it is not kept. Raises `StoreError`."""
        return await self._log.picture(self.room_id, digest)

    # The end

    def _replaced(self) -> None:
        """The store was replaced under the room: everybody comes back to the room that the new store has."""
        self.is_closed = True
        self.changes.wake()
        self.audience.replaced()
        raise Rejected("draining", "The copilot's store was replaced; this room starts anew.", retry="after")

    def before_close(self, finish: Callable[[], Awaitable[None]]) -> None:
        """Await `finish` when the room closes, after its last commit; not when its store was replaced."""
        self._before_close.append(finish)

    async def close(self) -> None:
        """Finish what was begun, and take no more."""
        async with self._lock:
            was_open, self.is_closed = not self.is_closed, True
            self.changes.wake()
        await asyncio.gather(*self._commits, return_exceptions=True)
        for finish in self._before_close if was_open else ():
            with contextlib.suppress(StoreError):  # what it would have kept is in the log all the same
                await finish()
        await self.supervisor.close()
