"""The event log and the catalog in one SQLite file, shared by the servers of one user."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import AsyncIterator, Collection, Mapping, Sequence
from pathlib import Path
from typing import TypeVar

from ...core.pictures import Picture
from ...ports.catalog import RoomEntry
from ...ports.clock import Clock, SystemClock
from ...ports.event_log import Head, Look, StoredSnapshot, WriteId
from ...ports.leases import Fence
from ...protocol import Actor, CommandId, Event, Problem, Record, RoomId
from ..rows import Row, record_of, sealed
from ..watchers import Watchers
from . import catalog, leases, records, verify
from . import compaction as compact
from . import pictures as apart
from .failpoints import Failpoint
from .location import default_store_path
from .store_file import StoreFile
from .transfer import SqliteTransfer
from .worker import Reader, Work, Writer

T = TypeVar("T")


def open_sqlite(address: str, clock: Clock) -> SqliteEventLog:
    """The store in the file at `address`, a path or a `sqlite://` URL; at the default place when it is empty."""
    path = address.removeprefix("sqlite://")
    return SqliteEventLog(Path(path).expanduser() if path else default_store_path(), clock=clock)


class SqliteEventLog:
    """Implements `Store`, with the ports that it joins: see there for what each method promises.

    The file is opened, made or migrated by the first call; until that succeeds, each call tries again and raises
    `StoreUnavailable` with what to do. A damaged file is set aside: whoever met the damage gets `StoreCorrupt`, the
    next call finds a fresh store, in which the rooms have other `log` ids, and `notices` tells people what happened.
    Leases run by the clock.
    """

    def __init__(
        self,
        path: Path,
        *,
        clock: Clock | None = None,
        busy_timeout_s: float = 5.0,
        watch_interval_s: float = 0.25,
        failpoint: Failpoint | None = None,
    ) -> None:
        self._clock = clock or SystemClock()
        self._file = StoreFile(path.absolute(), clock=self._clock, busy_timeout_s=busy_timeout_s, failpoint=failpoint)
        self._writer = Writer(self._file, "eventlog writer", failpoint)
        self._reader = Reader(self._file, "eventlog reader")
        self._examiner = Reader(self._file, "eventlog examiner")  # for what takes long, so that nobody waits for it
        self._watchers = Watchers(self._read_heads, self._read_changed_heads, watch_interval_s)
        self._polled: tuple[sqlite3.Connection, int] | None = None

    @property
    def path(self) -> Path:
        """The store's file."""
        return self._file.path

    @property
    def clock(self) -> Clock:
        """This machine's: no other one uses the file."""
        return self._clock

    @property
    def notices(self) -> list[Problem]:
        """What went wrong with the file since the start and was mended, oldest first."""
        return list(self._file.notices)

    @property
    def files(self) -> list[str]:
        """The file, which tools keep out of."""
        return [str(self.path)]

    @property
    def transfer(self) -> SqliteTransfer:
        """The rows of this store, for copying."""
        return SqliteTransfer(lambda work: self._write("transfer", work))

    async def open_room(self, room_id: RoomId) -> Head:
        """The head of the room's log, which is created when there is none."""
        return await self._write("open_room", lambda con: records.open_head(con, room_id))

    async def head(self, room_id: RoomId) -> Head:
        """The room's head now; like `open_room`, it makes the log of a room that has none."""
        found = await self._read(lambda con: records.find_head(con, room_id))
        return found or await self.open_room(room_id)

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

        def append(connection: sqlite3.Connection) -> list[Row] | None:
            earlier = records.append(connection, room_id, expected_head, rows, command_id, write_id, fence)
            if earlier is None and pictures:
                apart.keep(connection, room_id, expected_head + len(rows), f"{actor.kind} {actor.id}", pictures)
            return earlier

        earlier = await self._write("append", append)
        if earlier is not None:
            return [record_of(row) for row in earlier]
        self._watchers.saw(room_id, expected_head + len(rows))
        return written

    async def look(self, room_id: RoomId, command_ids: Collection[CommandId]) -> Look:
        """The room's head now, and which of these commands were committed."""
        head, found = await self._read(lambda con: records.look(con, room_id, command_ids))
        return Look(head or await self.open_room(room_id), found)

    async def written(self, room_id: RoomId, write_id: WriteId) -> list[Record] | None:
        """What was appended under this id, or None."""
        rows = await self._read(lambda con: records.written(con, room_id, write_id))
        return None if rows is None else [record_of(row) for row in rows]

    async def picture(self, room_id: RoomId, digest: str) -> Picture | None:
        """The picture that the room's records name so, if it is kept."""
        return await self._read(lambda con: apart.find(con, room_id, digest))

    async def read(self, room_id: RoomId, after: int, limit: int = 1000, max_bytes: int | None = None) -> list[Record]:
        """Up to `limit` records with a seq above `after`, in order; fewer once they have `max_bytes`."""

        def read(connection: sqlite3.Connection) -> list[Record]:
            found, size = [], 0
            for row in records.read(connection, room_id, after, limit):
                found.append(record_of(row))
                size += len(row.event)
                if max_bytes is not None and size >= max_bytes:
                    break
            return found

        return await self._read(read)

    def watch(self, room_id: RoomId) -> AsyncIterator[int]:
        """Yield the head's seq at once, unless it is 0, and whenever it has moved since; ends with `close`."""
        return self._watchers.follow(room_id)

    async def save_snapshot(self, room_id: RoomId, snapshot: StoredSnapshot) -> None:
        """Keep this snapshot instead of an older one."""
        await self._write("save_snapshot", lambda con: records.save_snapshot(con, room_id, snapshot))

    async def load_snapshot(self, room_id: RoomId, version: int) -> StoredSnapshot | None:
        """The latest snapshot of this version, or None; also None when it is damaged, as the records have it all."""
        return await self._read(lambda con: records.load_snapshot(con, room_id, version))

    async def compact(self, room_id: RoomId, floor: int) -> int:
        """Merge settled deltas up to `floor`; returns rows removed.

        What to merge is worked out beside the writer, which then only puts the merged rows in place.
        """
        plan = await self._examine(lambda con: compact.plan(con, room_id, floor))
        if plan.floor == plan.old_floor:
            return 0
        removed = await self._write("compact", lambda con: compact.carry_out(con, room_id, plan))
        await self._give_back()
        return removed

    async def drop_pictures(self, room_id: RoomId, keep_bytes: int) -> int:
        """Delete the oldest pictures of whoever has most, some at a time, until the others fit; returns how many."""
        dropped = 0
        while some := await self._write("compact", lambda con: apart.drop(con, room_id, keep_bytes)):
            dropped += some
        await self._give_back()
        return dropped

    async def _give_back(self) -> None:
        """Give free pages back to the disk, some at a time."""
        while await self._write("compact", apart.give_back):
            pass

    async def acquire(self, lease: str, owner: str, ttl_s: float) -> Fence | None:
        """Take the lease with a higher number, or None while another live owner holds it."""
        now = self._clock.now()
        return await self._write("acquire", lambda con: leases.acquire(con, lease, owner, now, ttl_s))

    async def renew(self, fence: Fence, owner: str, ttl_s: float) -> bool:
        """Keep the lease; False when it was lost."""
        now = self._clock.now()
        return await self._write("renew", lambda con: leases.renew(con, fence, owner, now, ttl_s))

    async def release(self, fence: Fence, owner: str) -> None:
        """Give the lease back, if it is still held."""
        await self._write("release", lambda con: leases.release(con, fence, owner))

    async def verify(self) -> list[str]:
        """One sentence for each fault of the file, naming room and seq; empty when all is well."""
        return await self._examine(lambda con: list(verify.faults(con)))

    async def room_for(self, path: str, now: int) -> RoomId:
        """The room of the notebook at `path`, made when there is none."""
        found = await self.find(path)
        if found is not None:
            return found
        return await self._write("room_for", lambda con: catalog.room_for(con, path, now))

    async def find(self, path: str) -> RoomId | None:
        """The room of the notebook at `path`, if there is one."""
        return await self._read(lambda con: catalog.find(con, path))

    async def path_of(self, room_id: RoomId) -> str | None:
        """The notebook's key now, or None when the room is archived or unknown."""
        return await self._read(lambda con: catalog.path_of(con, room_id))

    async def move(self, source: str, target: str, now: int) -> list[RoomId]:
        """Take the rooms at or below `source` to `target`; returns those that moved."""
        return await self._write("move", lambda con: catalog.move(con, source, target, now))

    async def archive(self, path: str, now: int) -> list[RoomId]:
        """Archive the rooms at or below `path`; returns them."""
        return await self._write("archive", lambda con: catalog.archive(con, path, now))

    async def rooms(self) -> list[RoomEntry]:
        """Every room, newest last."""
        return await self._read(catalog.rooms)

    async def close(self) -> None:
        """Finish what was begun, end every `watch`, and release the file."""
        self._watchers.close()
        for worker in (self._examiner, self._writer, self._reader):
            await asyncio.to_thread(worker.close)

    async def _write(self, name: str, work: Work[T]) -> T:
        return await asyncio.wrap_future(self._writer.submit(name, work))

    async def _read(self, work: Work[T]) -> T:
        return await asyncio.wrap_future(self._reader.submit("read", work))

    async def _examine(self, work: Work[T]) -> T:
        return await asyncio.wrap_future(self._examiner.submit("examine", work))

    async def _read_heads(self, room_ids: Collection[RoomId]) -> Mapping[RoomId, Head]:
        return await self._read(lambda con: records.find_heads(con, room_ids))

    async def _read_changed_heads(self, room_ids: Collection[RoomId]) -> Mapping[RoomId, Head]:
        """The heads, if anybody committed since the last time that this was asked."""

        def changed(connection: sqlite3.Connection) -> dict[RoomId, Head]:
            (version,) = connection.execute("PRAGMA data_version").fetchone()
            if self._polled == (connection, version):
                return {}
            heads = records.find_heads(connection, room_ids)
            self._polled = (connection, version)
            return heads

        return await self._read(changed)
