"""Checks a store, row by row, and says in sentences what is wrong with it."""

from __future__ import annotations

import sqlite3
import zlib
from collections.abc import Iterator

from ...ports.event_log import Head
from ...protocol import RoomId
from ...protocol.errors import StoreCorrupt
from ..rows import record_of
from . import pictures
from .records import read


def faults(connection: sqlite3.Connection) -> Iterator[str]:
    """One sentence for each fault, naming room and seq; takes some seconds for a million records.

    Only reads, in one transaction. Damage anywhere is a sentence, never an error.
    """
    connection.execute("BEGIN")
    try:
        yield from _guarded("The file", _file_faults(connection))
        yield from _guarded("The file", _rooms_without_head(connection))
        yield from _guarded("The file", _room_faults(connection))
    finally:
        connection.execute("ROLLBACK")


def _room_faults(connection: sqlite3.Connection) -> Iterator[str]:
    for room_id, *head in connection.execute("SELECT room_id, log, seq, floor FROM heads").fetchall():
        yield from _guarded(f"Room {room_id}", _record_faults(connection, room_id, Head(*head)))
        yield from _guarded(f"Room {room_id}", _other_faults(connection, room_id, Head(*head)))
        yield from _guarded(f"Room {room_id}", pictures.faults(connection, room_id))


def _guarded(where: str, found: Iterator[str]) -> Iterator[str]:
    """A part that cannot be read is a fault itself, and the rest is checked nevertheless."""
    try:
        yield from found
    except sqlite3.DatabaseError as error:
        yield f"{where}: a part cannot be read: {error}."


def _file_faults(connection: sqlite3.Connection) -> Iterator[str]:
    for (text,) in connection.execute("PRAGMA integrity_check"):
        if text != "ok":
            yield f"The file: {text}."


def _rooms_without_head(connection: sqlite3.Connection) -> Iterator[str]:
    for (room_id,) in connection.execute("SELECT room_id FROM records EXCEPT SELECT room_id FROM heads"):
        yield f"Room {room_id}: it has records, but no head."


def _record_faults(connection: sqlite3.Connection, room_id: RoomId, head: Head) -> Iterator[str]:
    last = 0
    for row in read(connection, room_id, -(1 << 62), -1):
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


def _other_faults(connection: sqlite3.Connection, room_id: RoomId, head: Head) -> Iterator[str]:
    if head.floor > head.seq:
        yield f"Room {room_id}: the floor {head.floor} is above the head {head.seq}."
    for command_id, last in connection.execute(
        "SELECT command_id, last FROM commands WHERE room_id = ? AND last > ?", (room_id, head.seq)
    ):
        yield f"Room {room_id}: command {command_id} is said to end at {last}, above the head {head.seq}."
    for version, seq, state, crc in connection.execute(
        "SELECT version, seq, state, crc FROM snapshots WHERE room_id = ?", (room_id,)
    ):
        if zlib.crc32(state) != crc:
            yield f"Room {room_id}: the snapshot of version {version} at {seq} is damaged; its checksum differs."
        elif seq > head.seq:
            yield f"Room {room_id}: the snapshot of version {version} is at {seq}, above the head {head.seq}."
