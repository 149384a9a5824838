"""The event log and the catalog in memory: what the ports mean, for tests and for rooms that need not last."""

from __future__ import annotations

from collections.abc import AsyncIterator, Collection, Mapping, Sequence
from dataclasses import dataclass, field

from ..core.pictures import Picture
from ..ports.catalog import RoomEntry
from ..ports.clock import Clock, SystemClock
from ..ports.event_log import WRITES_KEPT, Head, Look, StoredSnapshot, WriteId
from ..ports.leases import Fence
from ..protocol import Actor, CommandId, Event, LogId, Problem, Record, RoomId, encode
from ..protocol.errors import AppendConflict, StoreUnavailable
from ..storage.dropping import Kept, to_drop
from ..storage.ids import new_log_id, new_room_id
from ..storage.lease import NEVER_TAKEN, Lease
from ..storage.merging import merge
from ..storage.paths import is_below, moved
from ..storage.watchers import Watchers


@dataclass
class _Log:
    """One room's records by seq, and what belongs to them; commands and writes have their first and last seq."""

    log: LogId = field(default_factory=new_log_id)
    seq: int = 0
    floor: int = 0
    records: dict[int, Record] = field(default_factory=dict)
    merged: set[int] = field(default_factory=set)
    commands: dict[CommandId, tuple[int, int]] = field(default_factory=dict)
    writes: dict[WriteId, tuple[int, int]] = field(default_factory=dict)
    snapshots: dict[int, StoredSnapshot] = field(default_factory=dict)
    pictures: dict[str, Picture] = field(default_factory=dict)
    owners: dict[str, str] = field(default_factory=dict)

    def head(self) -> Head:
        return Head(self.log, self.seq, self.floor)

    def between(self, first: int, last: int) -> list[Record]:
        """The records from `first` to `last`, or nothing when any of them were merged."""
        found = [record for record in self.records.values() if first <= record.seq <= last]
        is_whole = len(found) == last - first + 1 and not any(record.seq in self.merged for record in found)
        return found if is_whole else []


class MemoryEventLog:
    """Implements `Store`, with the ports that it joins: see there for what each method promises."""

    notices: Sequence[Problem] = ()
    files: Sequence[str] = ()

    def __init__(self, *, clock: Clock | None = None) -> None:
        self.clock: Clock = clock or SystemClock()
        self._logs: dict[RoomId, _Log] = {}
        self._leases: dict[str, Lease] = {}
        self._rooms: dict[RoomId, RoomEntry] = {}
        self._watchers = Watchers(self._heads)
        self._closed = False

    async def open_room(self, room_id: RoomId) -> Head:
        """The head of the room's log, which is created when there is none."""
        return self._log(room_id).head()

    async def head(self, room_id: RoomId) -> Head:
        """The room's head now; like `open_room`, it makes the log of a room that has none."""
        return self._log(room_id).head()

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
        """Write the events after `expected_head`, all or none, and return them."""
        log = self._log(room_id)
        if command_id in log.commands:
            return log.between(*log.commands[command_id])
        if write_id in log.writes:
            return log.between(*log.writes[write_id])
        if fence is not None:
            self._leases.get(fence.lease, NEVER_TAKEN).check(fence)
        if expected_head != log.seq:
            raise AppendConflict(expected_head, log.seq)
        written = [
            Record(seq=seq, at=at, actor=actor, event=event, command_id=command_id)
            for seq, event in enumerate(events, expected_head + 1)
        ]
        log.records |= {record.seq: record for record in written}
        log.seq += len(written)
        for picture in pictures:
            log.pictures.pop(picture.digest, None)
            log.pictures[picture.digest] = picture
            log.owners.setdefault(picture.digest, f"{actor.kind} {actor.id}")
        if command_id is not None:
            log.commands[command_id] = (expected_head + 1, log.seq)
        if write_id is not None:
            log.writes[write_id] = (expected_head + 1, log.seq)
            log.writes = {name: span for name, span in log.writes.items() if span[1] > log.seq - WRITES_KEPT}
        self._watchers.saw(room_id, log.seq)
        return written

    async def look(self, room_id: RoomId, command_ids: Collection[CommandId]) -> Look:
        """The room's head now, and which of these commands were committed."""
        log = self._log(room_id)
        return Look(log.head(), {each: log.commands[each][1] for each in command_ids if each in log.commands})

    async def written(self, room_id: RoomId, write_id: WriteId) -> list[Record] | None:
        """What was appended under this id, or None."""
        log = self._log(room_id)
        return log.between(*log.writes[write_id]) if write_id in log.writes else None

    async def picture(self, room_id: RoomId, digest: str) -> Picture | None:
        """The picture that the room's records name so, if it is kept."""
        return self._log(room_id).pictures.get(digest)

    async def drop_pictures(self, room_id: RoomId, keep_bytes: int) -> int:
        """Delete the oldest pictures of whoever has most, until the others fit; returns how many."""
        log = self._log(room_id)
        newest_first = (Kept(name, log.owners[name], len(one.data)) for name, one in reversed(log.pictures.items()))
        old = to_drop(newest_first, keep_bytes, len(log.pictures))
        for digest in old:
            del log.pictures[digest], log.owners[digest]
        return len(old)

    async def read(self, room_id: RoomId, after: int, limit: int = 1000, max_bytes: int | None = None) -> list[Record]:
        """Up to `limit` records with a seq above `after`, in order; fewer once they have `max_bytes`."""
        records: list[Record] = []
        size = 0
        for seq, record in self._log(room_id).records.items():
            if len(records) == limit or (max_bytes is not None and size >= max_bytes):
                break
            if seq > after:
                records.append(record)
                size += len(encode(record.event))
        return records

    def watch(self, room_id: RoomId) -> AsyncIterator[int]:
        """Yield the head's seq at once, unless it is 0, and whenever it has moved since; ends with `close`."""
        return self._watchers.follow(room_id)

    async def save_snapshot(self, room_id: RoomId, snapshot: StoredSnapshot) -> None:
        """Keep this snapshot instead of an older one."""
        snapshots = self._log(room_id).snapshots
        kept = snapshots.get(snapshot.version)
        if kept is None or snapshot.seq > kept.seq:
            snapshots[snapshot.version] = snapshot

    async def load_snapshot(self, room_id: RoomId, version: int) -> StoredSnapshot | None:
        """The latest snapshot of this version, or None."""
        return self._log(room_id).snapshots.get(version)

    async def compact(self, room_id: RoomId, floor: int) -> int:
        """Merge settled deltas up to `floor`; returns rows removed."""
        log = self._log(room_id)
        before = len(log.records)
        floor = max(log.floor, min(floor, log.seq))
        for first, record in merge([r for r in log.records.values() if r.seq > log.floor], floor):
            for seq in range(first, record.seq):
                del log.records[seq]
            log.records[record.seq] = record
            log.merged.add(record.seq)
        log.floor = floor
        return before - len(log.records)

    async def acquire(self, lease: str, owner: str, ttl_s: float) -> Fence | None:
        """Take the lease with a higher number, or None while another live owner holds it."""
        self._check_open()
        taken = self._leases.get(lease, NEVER_TAKEN).taken(owner, self.clock.now(), ttl_s)
        if taken is None:
            return None
        self._leases[lease] = taken
        return Fence(lease, taken.number)

    async def renew(self, fence: Fence, owner: str, ttl_s: float) -> bool:
        """Keep the lease; False when it was lost."""
        self._check_open()
        held = self._leases.get(fence.lease, NEVER_TAKEN)
        if (held.number, held.owner) != (fence.number, owner):
            return False
        self._leases[fence.lease] = held._replace(until=self.clock.now() + round(ttl_s * 1000))
        return True

    async def release(self, fence: Fence, owner: str) -> None:
        """Give the lease back, if it is still held."""
        self._check_open()
        held = self._leases.get(fence.lease, NEVER_TAKEN)
        if (held.number, held.owner) == (fence.number, owner):
            self._leases[fence.lease] = held._replace(owner=None, until=0)

    async def verify(self) -> list[str]:
        """Nothing: memory keeps what it was given."""
        self._check_open()
        return []

    async def room_for(self, path: str, now: int) -> RoomId:
        """The room of the notebook at `path`, made when there is none."""
        found = await self.find(path)
        if found is not None:
            return found
        room_id = new_room_id()
        self._rooms[room_id] = RoomEntry(room_id, path, created_at=now, archived_at=None, seq=0)
        return room_id

    async def find(self, path: str) -> RoomId | None:
        """The room of the notebook at `path`, if there is one."""
        return next((room.room_id for room in self._live() if room.path == path), None)

    async def path_of(self, room_id: RoomId) -> str | None:
        """The notebook's key now, or None when the room is archived or unknown."""
        return next((room.path for room in self._live() if room.room_id == room_id), None)

    async def move(self, source: str, target: str, now: int) -> list[RoomId]:
        """Take the rooms at or below `source` to `target`; returns those that moved."""
        leaving = [room for room in self._live() if is_below(room.path, source)] if source != target else []
        arriving = {moved(room.path, source, target) for room in leaving}
        for room in self._live():
            if room.path in arriving and room not in leaving:
                self._rooms[room.room_id] = room._replace(archived_at=now)
        for room in leaving:
            self._rooms[room.room_id] = room._replace(path=moved(room.path, source, target))
        return [room.room_id for room in leaving]

    async def archive(self, path: str, now: int) -> list[RoomId]:
        """Archive the rooms at or below `path`; returns them."""
        archived = [room for room in self._live() if is_below(room.path, path)]
        for room in archived:
            self._rooms[room.room_id] = room._replace(archived_at=now)
        return [room.room_id for room in archived]

    async def rooms(self) -> list[RoomEntry]:
        """Every room, newest last."""
        self._check_open()
        return [self._entry(room) for room in self._rooms.values()]

    async def close(self) -> None:
        """End every `watch`; further calls raise `StoreUnavailable`."""
        self._closed = True
        self._watchers.close()

    def _log(self, room_id: RoomId) -> _Log:
        self._check_open()
        return self._logs.setdefault(room_id, _Log())

    def _entry(self, room: RoomEntry) -> RoomEntry:
        log = self._logs.get(room.room_id)
        if log is None or log.seq == 0:
            return room
        return room._replace(seq=log.seq, updated_at=log.records[log.seq].at)

    def _live(self) -> list[RoomEntry]:
        self._check_open()
        return [room for room in self._rooms.values() if room.archived_at is None]

    def _check_open(self) -> None:
        if self._closed:
            raise StoreUnavailable("The copilot's store was closed.", hint="The server is shutting down.")

    async def _heads(self, room_ids: Collection[RoomId]) -> Mapping[RoomId, Head]:
        return {room_id: self._log(room_id).head() for room_id in room_ids}
