"""What keeps a room cheap to hold, load and store: old items leave the state, snapshots are saved, deltas compacted."""

from __future__ import annotations

from collections.abc import Sequence

from .. import protocol as p
from ..core import state as s
from ..core.weight import prune_to
from ..ports.event_log import StoredSnapshot
from ..ports.store import RoomStore
from .room import Room


class Housekeeping:
    """Saves a room's state every so many records and when the room closes; `saved_seq` is what is saved already."""

    def __init__(self, room: Room, log: RoomStore, saved_seq: int) -> None:
        self._room = room
        self._log = log
        self._saved_seq = saved_seq
        self._compacted_seq = room.floor
        self._is_saving = False
        self._is_pruning = False
        self._weighed_at = 0
        self._saved_at = 0
        self._is_dropping = False
        self._dropped_at = -room.options.picture_bytes
        room.listen(self._heard)
        room.before_close(self._close)

    def _heard(self, records: Sequence[p.Record]) -> None:
        room, seen = self._room, self._room.replay.seen_bytes
        options = room.options
        if not self._is_dropping and room.picture_bytes - self._dropped_at > options.picture_bytes // 8:
            self._is_dropping = True
            room.supervisor.keep("dropping pictures", self._drop)
        if not self._is_pruning and seen - self._weighed_at >= room.options.state_bytes // 8:
            self._is_pruning = True
            room.supervisor.keep("pruning", self._prune)
        is_much = seen - self._saved_at >= room.options.snapshot_bytes
        if not self._is_saving and (is_much or room.state.seq - self._saved_seq >= room.options.snapshot_every):
            self._is_saving = True
            self._room.supervisor.keep("saving a snapshot", self._save)

    async def _prune(self) -> None:
        """Let old items leave a state that became too heavy, as an event, so that everybody folds the same."""
        self._weighed_at = self._room.replay.seen_bytes
        budget = self._room.options.state_bytes
        await self._room.record(lambda state, now: prune_to(state, budget), actor=p.SERVER)
        self._is_pruning = False

    async def _drop(self) -> None:
        """Let old pictures go: their records still say that they were there."""
        self._dropped_at = self._room.picture_bytes
        await self._log.drop_pictures(self._room.room_id, self._room.options.picture_bytes)
        self._is_dropping = False

    async def _save(self) -> None:
        self._saved_at = self._room.replay.seen_bytes
        stored = StoredSnapshot(self._room.state.seq, s.STATE_VERSION, p.encode(self._room.state))
        await self._log.save_snapshot(self._room.room_id, stored)
        self._saved_seq = max(self._saved_seq, stored.seq)
        await self._compact()
        self._is_saving = False

    async def _compact(self) -> None:
        room, seq = self._room, self._room.state.seq
        if room.is_busy or seq - self._compacted_seq < room.options.compact_every:
            return
        await self._log.compact(room.room_id, seq - room.options.tail_records)
        self._compacted_seq = seq
        room.floor = (await self._log.head(room.room_id)).floor

    async def _close(self) -> None:
        if self._saved_seq < self._room.state.seq:
            await self._save()
