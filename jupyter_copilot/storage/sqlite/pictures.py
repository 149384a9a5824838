"""The SQL of pictures, each stored once a room under its digest; and disk that is given back."""

from __future__ import annotations

import hashlib
import sqlite3
from collections.abc import Iterator, Sequence

from ...core.pictures import Picture
from ...protocol import RoomId
from ..dropping import Kept, to_drop

VACUUM_PAGES = 250
"""Pages given back in one transaction, so that nobody waits long behind it."""
MOST_DROPPED = 4
"""Pictures dropped in one transaction, for the same reason."""


def keep(connection: sqlite3.Connection, room_id: RoomId, seq: int, owner: str, pictures: Sequence[Picture]) -> None:
    """Store pictures that the record `seq` names; one that is there already is used again from now on."""
    connection.executemany(
        "INSERT INTO pictures VALUES (?, ?, ?, ?, ?, ?, ?)"
        " ON CONFLICT (room_id, digest) DO UPDATE SET seq = excluded.seq",
        [(room_id, one.digest, one.mime, seq, len(one.data), one.data, owner) for one in pictures],
    )


def find(connection: sqlite3.Connection, room_id: RoomId, digest: str) -> Picture | None:
    """The picture with this digest, if the room has it."""
    row = connection.execute(
        "SELECT mime, data FROM pictures WHERE room_id = ? AND digest = ?", (room_id, digest)
    ).fetchone()
    return None if row is None else Picture(digest=digest, mime=row[0], data=row[1])


def drop(connection: sqlite3.Connection, room_id: RoomId, keep_bytes: int) -> int:
    """Delete some of the pictures that are too many; returns how many, and 0 once the others fit."""
    (total,) = connection.execute("SELECT TOTAL(bytes) FROM pictures WHERE room_id = ?", (room_id,)).fetchone()
    if total <= keep_bytes:
        return 0
    rows = connection.execute(
        "SELECT digest, owner, bytes FROM pictures WHERE room_id = ? ORDER BY seq DESC, digest", (room_id,)
    )
    dropped = to_drop((Kept(*row) for row in rows), keep_bytes, MOST_DROPPED)
    connection.executemany(
        "DELETE FROM pictures WHERE room_id = ? AND digest = ?", [(room_id, digest) for digest in dropped]
    )
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
