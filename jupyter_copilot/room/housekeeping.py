"""What keeps a room cheap to load and to store: snapshots now and then, and compaction of what is settled."""

from __future__ import annotations

from collections.abc import Sequence

from .. import protocol as p
from ..core import state as s
from ..ports.event_log import EventLog, StoredSnapshot
from .room import Room


class Housekeeping:
    """Saves a room's state every so many records and when the room closes; `saved_seq` is what is saved already."""

    def __init__(self, room: Room, log: EventLog, saved_seq: int) -> None:
        self._room = room
        self._log = log
        self._saved_seq = saved_seq
        self._compacted_seq = room.floor
        self._is_saving = False
        room.listen(self._heard)
        room.before_close(self._close)

    def _heard(self, records: Sequence[p.Record]) -> None:
        if not self._is_saving and self._room.state.seq - self._saved_seq >= self._room.options.snapshot_every:
            self._is_saving = True
            self._room.supervisor.keep("saving a snapshot", self._save)

    async def _save(self) -> None:
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
