"""The SQL of pictures, each stored once a room under its digest; and disk that is given back."""

from __future__ import annotations

import hashlib
import sqlite3
from collections.abc import Iterator, Sequence

from ...core.pictures import Picture
from ...protocol import RoomId

VACUUM_PAGES = 2_000
"""Pages given back in one transaction, so that nobody waits long behind it."""


def keep(connection: sqlite3.Connection, room_id: RoomId, seq: int, pictures: Sequence[Picture]) -> None:
    """Store pictures that the record `seq` names; one that is there already is used again from now on."""
    connection.executemany(
        "INSERT INTO pictures VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT (room_id, digest) DO UPDATE SET seq = excluded.seq",
        [(room_id, one.digest, one.mime, seq, len(one.data), one.data) for one in pictures],
    )


def find(connection: sqlite3.Connection, room_id: RoomId, digest: str) -> Picture | None:
    """The picture with this digest, if the room has it."""
    row = connection.execute(
        "SELECT mime, data FROM pictures WHERE room_id = ? AND digest = ?", (room_id, digest)
    ).fetchone()
    return None if row is None else Picture(digest=digest, mime=row[0], data=row[1])


def drop(connection: sqlite3.Connection, room_id: RoomId, keep_bytes: int) -> int:
    """Delete the pictures that were named longest ago, until the others fit; returns how many."""
    kept, dropped = 0, []
    rows = connection.execute(
        "SELECT digest, bytes FROM pictures WHERE room_id = ? ORDER BY seq DESC, digest", (room_id,)
    )
    for digest, size in rows:
        kept += size
        if kept > keep_bytes:
            dropped.append((room_id, digest))
    connection.executemany("DELETE FROM pictures WHERE room_id = ? AND digest = ?", dropped)
    return len(dropped)


def give_back(connection: sqlite3.Connection) -> bool:
    """Give some free pages back to the disk; whether there are more."""
    before = _free_pages(connection)
    if before:
        connection.execute(f"PRAGMA incremental_vacuum({VACUUM_PAGES})").fetchall()
    return 0 < _free_pages(connection) < before


def _free_pages(connection: sqlite3.Connection) -> int:
    (count,) = connection.execute("PRAGMA freelist_count").fetchone()
    return int(count)


def faults(connection: sqlite3.Connection, room_id: RoomId) -> Iterator[str]:
    """One sentence for each picture that is not what its digest says."""
    for digest, data in connection.execute("SELECT digest, data FROM pictures WHERE room_id = ?", (room_id,)):
        if hashlib.sha256(data).hexdigest() != digest:
            yield f"Room {room_id}: the picture {digest[:12]} is damaged."
