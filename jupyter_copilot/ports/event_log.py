"""The event log port: what a room needs of durable storage, and what storage promises."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from typing import NamedTuple, Protocol

from ..protocol import Actor, CommandId, Event, LogId, Record, RoomId


class Fence(NamedTuple):
    """A lease by name, and the number under which its holder writes."""

    lease: str
    number: int


class Head(NamedTuple):
    """Where a room's log stands: its random id, its last seq, and the last seq that was merged by compaction."""

    log: LogId
    seq: int
    floor: int


class StoredSnapshot(NamedTuple):
    """A saved fold of the records up to `seq`; `version` names the shape of `state`."""

    seq: int
    version: int
    state: bytes


class RoomEntry(NamedTuple):
    """A room in the catalog; `path` is the notebook's key; times are unix ms, `updated_at` the last record's."""

    room_id: RoomId
    path: str
    created_at: int
    archived_at: int | None
    seq: int
    updated_at: int = 0


class EventLog(Protocol):
    """A durable sequence of records for each room, seqs contiguous from 1.

    Every method may raise `StoreUnavailable` or `StoreCorrupt`. All are safe to cancel: a cancelled `append` either
    took effect wholly or not at all.
    """

    async def open_room(self, room_id: RoomId) -> Head:
        """The head of the room's log, which is created with a fresh `log` id when there is none."""

    async def head(self, room_id: RoomId) -> Head:
        """The room's head now, other processes' records included."""

    async def append(
        self,
        room_id: RoomId,
        expected_head: int,
        events: Sequence[Event],
        *,
        actor: Actor,
        at: int,
        command_id: CommandId | None = None,
        fence: Fence | None = None,
    ) -> list[Record]:
        """Write the events after `expected_head`, all or none, and return them as records once they are durable.

        A `command_id` that was appended before returns that append's records again (compacted ones excepted: then an
        empty list; `committed` still tells the seq) and writes nothing, whatever `expected_head` says. Raises
        `AppendConflict` when the head differs, `LeaseLost` when the fence's lease has a higher number.
        """

    async def committed(self, room_id: RoomId, command_id: CommandId) -> int | None:
        """The seq of the last record of this command, or None when it was never appended."""

    async def read(self, room_id: RoomId, after: int, limit: int = 1000) -> list[Record]:
        """Up to `limit` records with a seq above `after`, in order.

        At or below the floor the deltas of finished steps are merged, so that seqs there may skip.
        """

    def watch(self, room_id: RoomId) -> AsyncIterator[int]:
        """Yield the head's seq whenever it grew, other processes' appends included, within 300 ms; may coalesce."""

    async def save_snapshot(self, room_id: RoomId, snapshot: StoredSnapshot) -> None:
        """Keep this snapshot instead of an older one; one with a lower seq is ignored."""

    async def load_snapshot(self, room_id: RoomId, version: int) -> StoredSnapshot | None:
        """The latest snapshot of this version, or None."""

    async def compact(self, room_id: RoomId, floor: int) -> int:
        """Merge the text, reasoning and output deltas of settled steps and calls up to `floor`; returns rows removed.

        A merged row folds to the same state as the rows that it replaces and takes the last one's seq. A crash in
        between leaves the log as it was before or as it is after.
        """

    async def acquire(self, lease: str, owner: str, ttl_s: float) -> Fence | None:
        """Take the lease with a higher number, or None while another live owner holds it.

        A lease held by a process of this machine that no longer exists is taken at once.
        """

    async def renew(self, fence: Fence, owner: str, ttl_s: float) -> bool:
        """Keep the lease; False when it was lost."""

    async def release(self, fence: Fence, owner: str) -> None:
        """Give the lease back, if it is still held."""

    async def verify(self) -> list[str]:
        """One sentence for each gap, damaged row or other fault, naming room and seq; empty when all is well."""

    async def close(self) -> None:
        """Finish what was begun and release everything; further calls raise `StoreUnavailable`."""


class Catalog(Protocol):
    """Which room belongs to which notebook; keys are real paths with `/` between the parts."""

    async def room_for(self, path: str, now: int) -> RoomId:
        """The room of the notebook at `path`, made when there is none."""

    async def find(self, path: str) -> RoomId | None:
        """The room of the notebook at `path`, if there is one."""

    async def path_of(self, room_id: RoomId) -> str | None:
        """The notebook's key now, or None when the room is archived or unknown."""

    async def move(self, source: str, target: str, now: int) -> list[RoomId]:
        """Take the rooms at `source`, or below it when it is a folder, to `target`; returns those that moved.

        A room that was at the target is archived first.
        """

    async def archive(self, path: str, now: int) -> list[RoomId]:
        """Archive the rooms at `path`, or below it when it is a folder; their records stay."""

    async def rooms(self) -> list[RoomEntry]:
        """Every room, archived ones included, newest last."""
