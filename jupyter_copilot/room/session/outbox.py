"""A session's outbox: what waits for a socket that is slower than the room, within fixed bounds.

The ladder when too many frames wait: merge the deltas in them; then drop the records that wait for one fresh snapshot;
then give up, and the session closes with a retryable reason. Too many bytes in few frames skip the first step, which
would hardly help. Acks keep their place after the records they speak of.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from typing import NamedTuple

from ... import protocol as p
from ...core.deltas import merge_deltas

MAX_FRAMES = 256
MAX_BYTES = 2 << 20


class Batch(NamedTuple):
    """A `records` frame, encoded once for all sessions, beside the records in it."""

    frame: bytes
    first: int
    records: list[p.Record]


def batch_of(first: int, records: list[p.Record]) -> Batch:
    """The frame that covers the seqs from `first` to the last record's."""
    return Batch(p.encode(p.Records(first=first, records=records)), first, records)


class _SnapshotMark:
    """Stands for a snapshot that is taken when it can be sent."""


Waiting = Batch | bytes | _SnapshotMark


class Outbox:
    """A bounded queue of frames; `snapshot` makes one of the room's state at the moment it is called."""

    def __init__(self, snapshot: Callable[[], list[bytes]]) -> None:
        self._snapshot = snapshot
        self._waiting: deque[Waiting] = deque()
        self._bytes = 0
        self._presence: bytes | None = None
        self.overflowed = False
        """Whether even a snapshot did not help: the session must close."""

    def __bool__(self) -> bool:
        return bool(self._waiting) or self._presence is not None

    @property
    def size(self) -> tuple[int, int]:
        """How many frames and bytes wait."""
        return len(self._waiting), self._bytes

    def put_batch(self, batch: Batch) -> None:
        """Queue records; while a snapshot is due they are part of it already."""
        if not any(isinstance(entry, _SnapshotMark) for entry in self._waiting):
            self._put(batch)

    def put_frame(self, frame: bytes) -> None:
        """Queue a frame that must not be lost, such as an ack."""
        self._put(frame)

    def put_presence(self, frame: bytes) -> None:
        """Queue presence; only the latest is ever sent."""
        self._presence = frame

    def take(self) -> list[bytes]:
        """The next frames to send, or none."""
        if not self._waiting:
            frame, self._presence = self._presence, None
            return [frame] if frame is not None else []
        entry = self._waiting.popleft()
        self._bytes -= _size(entry)
        if isinstance(entry, _SnapshotMark):
            return self._snapshot()
        return [entry.frame if isinstance(entry, Batch) else entry]

    def _put(self, entry: Batch | bytes) -> None:
        self._waiting.append(entry)
        self._bytes += _size(entry)
        if len(self._waiting) > MAX_FRAMES:  # few frames that are too large do not get smaller by it
            self._merge()
        if self._over():
            self._mark_snapshot()
        if self._over():
            self.overflowed = True

    def _over(self) -> bool:
        return len(self._waiting) > MAX_FRAMES or self._bytes > MAX_BYTES

    def _merge(self) -> None:
        """Join the batches that wait into one at the place of the first; later frames keep their order after it."""
        batches = [entry for entry in self._waiting if isinstance(entry, Batch)]
        if len(batches) < 2:
            return
        records = merge_deltas(record for batch in batches for record in batch.records)
        self._replace_batches(batch_of(batches[0].first, records))

    def _mark_snapshot(self) -> None:
        self._replace_batches(_SnapshotMark())

    def _replace_batches(self, entry: Batch | _SnapshotMark) -> None:
        kept: deque[Waiting] = deque()
        placed = False
        for waiting in self._waiting:
            if not isinstance(waiting, Batch):
                kept.append(waiting)
            elif not placed:
                kept.append(entry)
                placed = True
        self._waiting = kept
        self._bytes = sum(map(_size, kept))


def _size(entry: Waiting) -> int:
    if isinstance(entry, Batch):
        return len(entry.frame)
    return len(entry) if isinstance(entry, bytes) else 0
