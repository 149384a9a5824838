"""What those who come back are given: a room's last records, which are at hand, or a snapshot of its whole state."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Iterable, Sequence
from typing import Protocol

from msgspec import Raw

from .. import protocol as p
from ..core.state import RoomState
from ..ports.event_log import EventLog

MOST_SINCE = 64
LEAST_SINCE = 64 << 10
"""Frames since a snapshot, and their bytes, up to which a new one is not worth it."""
MOST_KEPT = 8 << 20
"""Bytes of frames since a snapshot that nobody asks for any more: it is let go."""


class Buffer:
    """At most `limit` records of at most `max_bytes`: those after `begins_after`, none missing but merged ones.

    `seen_bytes` counts all that was ever appended.
    """

    def __init__(self, head: int, limit: int, max_bytes: int) -> None:
        self.begins_after = head
        self.seen_bytes = 0
        self._limit = limit
        self._max_bytes = max_bytes
        self._bytes = 0
        self._records: deque[p.Record] = deque()
        self._sizes: deque[int] = deque()

    def after(self, seq: int) -> list[p.Record] | None:
        """The records after this seq; None when they begin before the buffer does."""
        if seq < self.begins_after:
            return None
        return [record for record in self._records if record.seq > seq]

    def append(self, records: Iterable[p.Record]) -> None:
        """Take records that follow; the oldest go."""
        for record in records:
            size = len(p.encode(record))
            self._records.append(record)
            self._sizes.append(size)
            self._bytes += size
            self.seen_bytes += size
        while len(self._records) > self._limit or self._bytes > self._max_bytes:
            self.begins_after = self._records.popleft().seq
            self._bytes -= self._sizes.popleft()

    def prepend(self, after: int, records: Sequence[p.Record]) -> None:
        """Take the records after this seq as far as they are missing; what does not fit is left out.

        So are all of them when they end before the buffer begins, as it may have moved on while they were read.
        """
        if after < self.begins_after and records and records[-1].seq >= self.begins_after:
            earlier = [record for record in records if record.seq <= self.begins_after]
            sizes = [len(p.encode(record)) for record in earlier]
            self._records.extendleft(reversed(earlier))
            self._sizes.extendleft(reversed(sizes))
            self._bytes += sum(sizes)
            self.begins_after = after
            self.append(())


def _first(records: list[p.Record], max_bytes: int) -> list[p.Record]:
    """The first records until they have so many bytes; one always."""
    size = 0
    for count, record in enumerate(records, 1):
        size += len(p.encode(record))
        if size >= max_bytes:
            return records[:count]
    return records


class Folded(Protocol):
    """Whose records these are: a room."""

    room_id: p.RoomId
    state: RoomState
    floor: int


class Replay:
    """The latest records of a room, from memory where they are there and from its log where not."""

    def __init__(self, room: Folded, log: EventLog, limit: int, max_bytes: int) -> None:
        self._room = room
        self._log = log
        self._limit = limit
        self._max_bytes = max_bytes
        self._buffer = Buffer(room.state.seq, limit, max_bytes)
        self._recalling = asyncio.Lock()

    @property
    def seen_bytes(self) -> int:
        """How many bytes of records the room took since it was loaded."""
        return self._buffer.seen_bytes

    def append(self, records: Iterable[p.Record]) -> None:
        """Take records that were just committed."""
        self._buffer.append(records)

    async def recall(self, cursor: p.Cursor | None) -> None:
        """Have the records after a client's cursor at hand for `after`, if they are few.

        After a restart they are read from the log, once for all who come back. Raises `StoreError`.
        """
        if cursor is None or not self._is_known(cursor) or self._room.state.seq - cursor.seq > self._limit:
            return
        async with self._recalling:
            if self._buffer.after(cursor.seq) is None:
                records = await self._log.read(self._room.room_id, cursor.seq, self._limit, self._max_bytes)
                self._buffer.prepend(cursor.seq, records)

    def after(self, cursor: p.Cursor | None) -> list[p.Record] | None:
        """The records after a client's cursor, or None when it needs a snapshot."""
        return self._buffer.after(cursor.seq) if cursor is not None and self._is_known(cursor) else None

    def _is_known(self, cursor: p.Cursor) -> bool:
        return cursor.log == self._room.state.log and self._room.floor <= cursor.seq <= self._room.state.seq

    async def history(self, after: int, limit: int, max_bytes: int | None = None) -> list[p.Record]:
        """Records after a seq, from memory when they are there: `limit` at most, and few enough to be held at once.

        None means that there are no more. Raises `StoreError`.
        """
        records = self._buffer.after(after)
        most = min(self._max_bytes, max_bytes or self._max_bytes)
        if records is not None:
            return _first(records[:limit], most)
        return await self._log.read(self._room.room_id, after, limit, most)


class Snapshots:
    """The encoded `snapshot` frame of a room, shared by all who need it, with the frames of the records since.

    It is made anew once those weigh as much as it does. So however many sockets wait with one and do not read, they
    hold the same few frames between them, and whoever posts pays for the encoding, not whoever joins.
    """

    def __init__(self, room: Folded) -> None:
        self._room = room
        self._frame: bytes | None = None
        self._since: list[bytes] = []
        self._since_bytes = 0

    def frames(self) -> list[bytes]:
        """A `snapshot` frame and the `records` frames after it, which together are the state as it is now."""
        frame = self._frame
        if frame is None or len(self._since) > MOST_SINCE or self._since_bytes > max(LEAST_SINCE, len(frame)):
            frame = self._frame = self.frame()
            self._since, self._since_bytes = [], 0
        return [frame, *self._since]

    def frame(self) -> bytes:
        """The `snapshot` frame of the state as it is now, made anew."""
        state = self._room.state
        return p.encode(p.Snapshot(seq=state.seq, log=state.log, state=Raw(p.encode(state))))

    def published(self, frame: bytes | None) -> None:
        """Take the frame of records that were just folded; without one, as nobody was there, the snapshot is void."""
        if frame is None:
            self._frame, self._since, self._since_bytes = None, [], 0
        elif self._frame is not None:
            self._since.append(frame)
            self._since_bytes += len(frame)
            if self._since_bytes > MOST_KEPT:
                self._frame, self._since, self._since_bytes = None, [], 0
