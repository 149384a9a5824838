"""The event log port: what a room needs of durable storage to write, read and follow its records."""

from __future__ import annotations

from collections.abc import AsyncIterator, Collection, Mapping, Sequence
from typing import NamedTuple, NewType, Protocol

from ..core.pictures import Picture
from ..protocol import Actor, CommandId, Event, LogId, Record, RoomId
from .leases import Fence

WriteId = NewType("WriteId", str)
"""Names one write of the engine, over all attempts at it; not part of the records."""

WRITES_KEPT = 1_000
"""For how many later records of its room a write is known again."""


class Head(NamedTuple):
    """Where a room's log stands: its random id, its last seq, and the last seq that was merged by compaction."""

    log: LogId
    seq: int
    floor: int


class Look(NamedTuple):
    """A room's head, and the seq of the last record of each command that was asked about and committed."""

    head: Head
    committed: Mapping[CommandId, int]


class StoredSnapshot(NamedTuple):
    """A saved fold of the records up to `seq`; `version` names the shape of `state`."""

    seq: int
    version: int
    state: bytes


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
        write_id: WriteId | None = None,
        fence: Fence | None = None,
        pictures: Sequence[Picture] = (),
    ) -> list[Record]:
        """Write the events after `expected_head`, all or none, and return them as records once they are durable.

        So are the pictures that they name, each of which is stored once.

        A `command_id` that was appended before returns that append's records again (compacted ones excepted: then an
        empty list; `look` still tells the seq) and writes nothing, whatever `expected_head` says. So does a
        `write_id`, for the next `WRITES_KEPT` records: after `StoreUnavailable` it is unknown whether the append took
        effect, and whoever tries again under the same id cannot double it. Raises `AppendConflict` when the head
        differs, `LeaseLost` when the fence's lease has a higher number.
        """

    async def look(self, room_id: RoomId, command_ids: Collection[CommandId]) -> Look:
        """The room's head now, and which of these commands were committed; one query, however many they are."""

    async def written(self, room_id: RoomId, write_id: WriteId) -> list[Record] | None:
        """What was appended under this id, as `append` would return it again, or None when nothing was."""

    async def picture(self, room_id: RoomId, digest: str) -> Picture | None:
        """The picture that the room's records name so; None when it was never there, or was dropped."""

    async def read(self, room_id: RoomId, after: int, limit: int = 1000, max_bytes: int | None = None) -> list[Record]:
        """Up to `limit` records with a seq above `after`, in order; fewer once they have `max_bytes`, but one always.

        At or below the floor the deltas of finished steps are merged, so that seqs there may skip.
        """

    def watch(self, room_id: RoomId) -> AsyncIterator[int]:
        """Yield the head's seq whenever it grew, other processes' appends included, within 300 ms; may coalesce."""

    async def save_snapshot(self, room_id: RoomId, snapshot: StoredSnapshot) -> None:
        """Keep this snapshot instead of an older one; one with a lower seq is ignored."""

    async def load_snapshot(self, room_id: RoomId, version: int) -> StoredSnapshot | None:
        """The latest snapshot of this version, or None."""
