"""What may be wrong with a room's rows, in sentences that name room and seq; the rules for every store."""

from __future__ import annotations

import zlib
from collections.abc import Iterable, Iterator

from ..ports.event_log import Head
from ..protocol import RoomId
from ..protocol.errors import StoreCorrupt
from .rows import Row, record_of


def record_faults(room_id: RoomId, head: Head, rows: Iterable[Row]) -> Iterator[str]:
    """One sentence for each gap, damaged row or wrong end; `rows` are all of the room's, in order."""
    last = 0
    for row in rows:
        yield from _gap(room_id, last, row.first)
        last = row.seq
        if row.first != row.seq and row.seq > head.floor:
            yield f"Room {room_id}: record {row.seq} is merged, though it is above the floor {head.floor}."
        try:
            record_of(row)
        except StoreCorrupt as damage:
            yield damage.message
    if last != head.seq:
        yield f"Room {room_id}: the head is {head.seq}, but the last record is {last}."


def _gap(room_id: RoomId, last: int, first: int) -> Iterator[str]:
    if first == last + 2:
        yield f"Room {room_id}: record {last + 1} is missing."
    elif first > last + 1:
        yield f"Room {room_id}: records {last + 1} to {first - 1} are missing."
    elif first <= last:
        yield f"Room {room_id}: record {first} is out of order after record {last}."


def other_faults(
    room_id: RoomId,
    head: Head,
    commands: Iterable[tuple[str, int]],
    snapshots: Iterable[tuple[int, int, bytes, int]],
) -> Iterator[str]:
    """One sentence for each command id with its last seq, or snapshot by version, seq, state and CRC, that is wrong."""
    if head.floor > head.seq:
        yield f"Room {room_id}: the floor {head.floor} is above the head {head.seq}."
    for command_id, last in commands:
        if last > head.seq:
            yield f"Room {room_id}: command {command_id} is said to end at {last}, above the head {head.seq}."
    for version, seq, state, crc in snapshots:
        if zlib.crc32(state) != crc:
            yield f"Room {room_id}: the snapshot of version {version} at {seq} is damaged; its checksum differs."
        elif seq > head.seq:
            yield f"Room {room_id}: the snapshot of version {version} is at {seq}, above the head {head.seq}."
