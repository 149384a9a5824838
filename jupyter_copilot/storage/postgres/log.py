"""The event log, the leases and the catalog in a PostgreSQL database."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Collection, Mapping, Sequence
from typing import TypeVar

from ...core.pictures import Picture
from ...ports.catalog import RoomEntry
from ...ports.clock import Clock, SystemClock
from ...ports.event_log import Head, Look, StoredSnapshot, WriteId
from ...ports.leases import Fence
from ...protocol import Actor, CommandId, Event, LogId, Problem, Record, RoomId
from ...protocol.errors import AppendConflict, LeaseLost, StoreUnavailable
from .. import merging
from ..rows import record_of, sealed
from ..watchers import Watchers
from . import catalog, leases, records, verify
from .address import read_address
from .bounded import Limits
from .clock import DatabaseClock
from .database import Database, Work
from .faults import is_away
from .hints import Hints
from .transfer import PostgresTransfer

T = TypeVar("T")

ATTEMPTS = 3
"""So often an append is tried whose answer was lost; more is for whoever keeps the command."""


def open_postgres(address: str, clock: Clock) -> PostgresEventLog:
    """The store at a `postgresql://` address; `clock` is this machine's, which counts between two looks at its own."""
    return PostgresEventLog(address, clock=clock)


class PostgresEventLog:
    """Implements `Store`, with the ports that it joins: see there for what each method promises.

    An append is one statement, durable when it returns. One whose answer was lost is asked again under its
    `command_id` or `write_id`. Other processes' records are noticed by a hint, and at the latest by polling. Leases
    run by the database's clock, or by `leases_by`. All methods belong to one event loop.
    """

    files: Sequence[str] = ()

    def __init__(
        self,
        address: str,
        *,
        clock: Clock | None = None,
        leases_by: Clock | None = None,
        watch_interval_s: float = 0.25,
        limits: Limits = Limits(),  # noqa: B008
    ) -> None:
        self.clock = DatabaseClock(clock or SystemClock())
        self._database = Database(read_address(address), self.clock, limits)
        self._leases_by = leases_by
        self._watchers = Watchers(self._read_heads, self._read_heads, watch_interval_s)
        self._hints = Hints(self._database, self._watchers.saw)

    @property
    def notices(self) -> Sequence[Problem]:
        """What went wrong with the database since the start and was mended, oldest first."""
        return tuple(self._database.notices)

    @property
    def transfer(self) -> PostgresTransfer:
        """The rows of this store, for copying."""
        return PostgresTransfer(self._run)

    async def open_room(self, room_id: RoomId) -> Head:
        """The head of the room's log, which is created when there is none."""
        return await self._run(lambda con: records.open_head(con, room_id))

    async def head(self, room_id: RoomId) -> Head:
        """The room's head now; like `open_room`, it makes the log of a room that has none."""
        return (await self._read_heads([room_id])).get(room_id) or await self.open_room(room_id)

    async def append(
        self,
        room_id: RoomId,
        expected_head: int,
        events: Sequence[Event],
        *,
        actor: Actor,
        at: int,
        command_id: CommandId | None = None,
        write_id: WriteId | None = None,
        fence: Fence | None = None,
        pictures: Sequence[Picture] = (),
    ) -> list[Record]:
        """Write the events after `expected_head`, all or none, and return them once they are durable."""
        written = [
            Record(seq=seq, at=at, actor=actor, event=event, command_id=command_id)
            for seq, event in enumerate(events, expected_head + 1)
        ]
        rows = [sealed(room_id, record) for record in written]
        is_named = command_id is not None or write_id is not None
        outcome = await self._insist(
            is_named,
            lambda con: records.append(
                con, room_id, expected_head, rows, at, actor, command_id, write_id, fence, pictures
            ),
        )
        match outcome:
            case ("known", int() as first, int() as last):
                earlier = await self._run(lambda con: records.between(con, room_id, first, last))
                return [record_of(row) for row in earlier]
            case ("fenced", _, _):
                assert fence is not None
                raise LeaseLost(
                    f"The lease {fence.lease} was taken over ({fence.number} is no longer its latest number).",
                    hint="Another server drives this now.",
                )
            case ("conflict", int() as head, _):
                raise AppendConflict(expected_head, head)
        seq = expected_head + len(rows)
        self._watchers.saw(room_id, seq)
        self._hints.tell(room_id, seq)
        return written

    async def _insist(self, is_named: bool, work: Work[T]) -> T:
        """Do it again when nobody knows whether it was done, if it is named, so that it cannot be done twice."""
        for _ in range(ATTEMPTS - 1):
            try:
                return await self._run(work)
            except StoreUnavailable as error:
                if not is_named or error.__cause__ is None or not is_away(error.__cause__):
                    raise
        return await self._run(work)

    async def look(self, room_id: RoomId, command_ids: Collection[CommandId]) -> Look:
        """The room's head now, and which of these commands were committed."""
        found = await self._run(lambda con: records.look(con, room_id, command_ids))
        return found or Look(await self.open_room(room_id), {})

    async def written(self, room_id: RoomId, write_id: WriteId) -> list[Record] | None:
        """What was appended under this id, or None."""
        rows = await self._run(lambda con: records.written(con, room_id, write_id))
        return None if rows is None else [record_of(row) for row in rows]

    async def picture(self, room_id: RoomId, digest: str) -> Picture | None:
        """The picture that the room's records name so, if it is kept."""
        return await self._run(lambda con: records.picture(con, room_id, digest))

    async def read(self, room_id: RoomId, after: int, limit: int = 1000, max_bytes: int | None = None) -> list[Record]:
        """Up to `limit` records with a seq above `after`, in order; fewer once they have `max_bytes`."""
        rows = await self._run(lambda con: records.read_bytes(con, room_id, after, limit, max_bytes))
        return [record_of(row) for row in rows]

    def watch(self, room_id: RoomId) -> AsyncIterator[int]:
        """Yield the head's seq at once, unless it is 0, and whenever it has moved since; ends with `close`."""
        return self._watch(room_id)

    async def _watch(self, room_id: RoomId) -> AsyncIterator[int]:
        self._hints.listen()
        async for seq in self._watchers.follow(room_id):
            yield seq

    async def save_snapshot(self, room_id: RoomId, snapshot: StoredSnapshot) -> None:
        """Keep this snapshot instead of an older one."""
        await self._run(lambda con: records.save_snapshot(con, room_id, snapshot))

    async def load_snapshot(self, room_id: RoomId, version: int) -> StoredSnapshot | None:
        """The latest snapshot of this version, or None; also None when it is damaged, as the records have it all."""
        return await self._run(lambda con: records.load_snapshot(con, room_id, version))

    async def compact(self, room_id: RoomId, floor: int) -> int:
        """Merge settled deltas up to `floor`; returns rows removed. What to merge is worked out beside the loop."""
        head = (await self._read_heads([room_id])).get(room_id, Head(LogId(""), 0, 0))
        if floor <= head.floor:
            return 0
        rows = await self._run(lambda con: records.read(con, room_id, head.floor, None))
        plan = await asyncio.to_thread(merging.plan, room_id, head, rows, floor)
        if plan.floor == plan.old_floor:
            return 0
        return await self._run(lambda con: records.carry_out(con, room_id, plan))

    async def drop_pictures(self, room_id: RoomId, keep_bytes: int) -> int:
        """Delete the pictures that were named longest ago, so that the others fit; returns how many."""
        return await self._run(lambda con: records.drop_pictures(con, room_id, keep_bytes))

    async def acquire(self, lease: str, owner: str, ttl_s: float) -> Fence | None:
        """Take the lease with a higher number, or None while another live owner holds it."""
        return await self._run(lambda con: leases.acquire(con, lease, owner, self._now(), ttl_s))

    async def renew(self, fence: Fence, owner: str, ttl_s: float) -> bool:
        """Keep the lease; False when it was lost."""
        return await self._run(lambda con: leases.renew(con, fence, owner, self._now(), ttl_s))

    async def release(self, fence: Fence, owner: str) -> None:
        """Give the lease back, if it is still held."""
        await self._run(lambda con: leases.release(con, fence, owner))

    async def verify(self) -> list[str]:
        """One sentence for each fault of the store, naming room and seq; empty when all is well."""
        return await self._run(verify.faults)

    async def room_for(self, path: str, now: int) -> RoomId:
        """The room of the notebook at `path`, made when there is none."""
        found = await self.find(path)
        if found is not None:
            return found
        return await self._run(lambda con: catalog.room_for(con, path, now))

    async def find(self, path: str) -> RoomId | None:
        """The room of the notebook at `path`, if there is one."""
        return await self._run(lambda con: catalog.find(con, path))

    async def path_of(self, room_id: RoomId) -> str | None:
        """The notebook's key now, or None when the room is archived or unknown."""
        return await self._run(lambda con: catalog.path_of(con, room_id))

    async def move(self, source: str, target: str, now: int) -> list[RoomId]:
        """Take the rooms at or below `source` to `target`; returns those that moved."""
        return await self._run(lambda con: catalog.move(con, source, target, now))

    async def archive(self, path: str, now: int) -> list[RoomId]:
        """Archive the rooms at or below `path`; returns them."""
        return await self._run(lambda con: catalog.archive(con, path, now))

    async def rooms(self) -> list[RoomEntry]:
        """Every room, newest last."""
        return await self._run(catalog.rooms)

    async def close(self) -> None:
        """Finish what was begun, end every `watch`, and release the connections."""
        self._watchers.close()
        await self._hints.close()
        await self._database.close()

    def _now(self) -> int | None:
        return None if self._leases_by is None else self._leases_by.now()

    async def _run(self, work: Work[T]) -> T:
        return await self._database.run(work)

    async def _read_heads(self, room_ids: Collection[RoomId]) -> Mapping[RoomId, Head]:
        return await self._run(lambda con: records.find_heads(con, room_ids))
