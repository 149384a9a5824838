"""A record as a row of the store, sealed with a checksum over all of it."""

from __future__ import annotations

import zlib
from functools import lru_cache
from typing import NamedTuple

import msgspec

from ..protocol import Actor, CommandId, Record, RoomId, decode_event, encode
from ..protocol.errors import StoreCorrupt


class Row(NamedTuple):
    """One row of `records`, its JSON in UTF-8; it stands for the records from `first` to `seq`."""

    room_id: str
    seq: int
    first: int
    at: int
    actor: bytes
    command_id: str | None
    event: bytes
    crc: int


def sealed(room_id: RoomId, record: Record, first: int | None = None) -> Row:
    """The row of a record; `first` is the seq of the first record that it merges."""
    row = Row(
        room_id=room_id,
        seq=record.seq,
        first=record.seq if first is None else first,
        at=record.at,
        actor=encode(record.actor),
        command_id=record.command_id,
        event=encode(record.event),
        crc=0,
    )
    return row._replace(crc=checksum(row))


def checksum(row: Row) -> int:
    """The CRC-32 over all other columns."""
    head = f"{row.room_id}\n{row.seq}\n{row.first}\n{row.at}\n{row.command_id or ''}\n"
    return zlib.crc32(row.event, zlib.crc32(row.actor, zlib.crc32(head.encode())))


def record_of(row: Row) -> Record:
    """The record that a row holds. Raises `StoreCorrupt`, naming room and seq, when the row is damaged."""
    if row.crc != checksum(row):
        raise _damaged(row, "its checksum differs")
    try:
        return Record(
            seq=row.seq,
            at=row.at,
            actor=_actor(row.actor),
            event=decode_event(row.event),
            command_id=None if row.command_id is None else CommandId(row.command_id),
        )
    except (msgspec.DecodeError, UnicodeError, RecursionError) as error:
        raise _damaged(row, f"it cannot be read: {error}") from error


def _damaged(row: Row, why: str) -> StoreCorrupt:
    return StoreCorrupt(
        f"Room {row.room_id}: record {row.seq} is damaged; {why}.",
        hint="`jupyter copilot doctor` lists all that is damaged; the other rooms are not concerned.",
    )


@lru_cache(maxsize=256)
def _actor(data: bytes) -> Actor:
    # Few people write many records.
    return msgspec.json.decode(data, type=Actor)
