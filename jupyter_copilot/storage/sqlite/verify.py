"""Checks a store, row by row, and says in sentences what is wrong with it."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator

from ...ports.event_log import Head
from ..checks import other_faults, record_faults
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
        rows = read(connection, room_id, -(1 << 62), -1)
        commands = connection.execute("SELECT command_id, last FROM commands WHERE room_id = ?", (room_id,))
        snapshots = connection.execute("SELECT version, seq, state, crc FROM snapshots WHERE room_id = ?", (room_id,))
        yield from _guarded(f"Room {room_id}", record_faults(room_id, Head(*head), rows))
        yield from _guarded(f"Room {room_id}", other_faults(room_id, Head(*head), commands, snapshots))
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
