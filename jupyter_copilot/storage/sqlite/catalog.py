"""The SQL of the catalog: which room belongs to which notebook."""

from __future__ import annotations

import sqlite3

from ...ports.catalog import RoomEntry
from ...protocol import RoomId
from ..ids import new_room_id
from ..paths import moved


def room_for(connection: sqlite3.Connection, path: str, now: int) -> RoomId:
    """The room of the notebook at the path, made when there is none."""
    found = find(connection, path)
    if found is not None:
        return found
    room_id = new_room_id()
    connection.execute("INSERT INTO rooms (room_id, path, created_at) VALUES (?, ?, ?)", (room_id, path, now))
    return room_id


def find(connection: sqlite3.Connection, path: str) -> RoomId | None:
    """The room of the notebook at the path, if there is one."""
    row = connection.execute("SELECT room_id FROM rooms WHERE path = ? AND archived_at IS NULL", (path,)).fetchone()
    return None if row is None else RoomId(row[0])


def path_of(connection: sqlite3.Connection, room_id: RoomId) -> str | None:
    """The notebook's key, or None when the room is archived or unknown."""
    row = connection.execute("SELECT path FROM rooms WHERE room_id = ? AND archived_at IS NULL", (room_id,)).fetchone()
    return None if row is None else str(row[0])


def move(connection: sqlite3.Connection, source: str, target: str, now: int) -> list[RoomId]:
    """Take the rooms at or below `source` to `target`; what is in their way there is archived first."""
    if source == target:
        return []
    leaving = _below(connection, source)
    for room_id, _ in leaving:
        connection.execute("UPDATE rooms SET archived_at = ? WHERE room_id = ?", (now, room_id))
    for room_id, path in leaving:
        new_path = moved(path, source, target)
        archived = "UPDATE rooms SET archived_at = ? WHERE path = ? AND archived_at IS NULL"
        connection.execute(archived, (now, new_path))
        connection.execute("UPDATE rooms SET path = ?, archived_at = NULL WHERE room_id = ?", (new_path, room_id))
    return [room_id for room_id, _ in leaving]


def archive(connection: sqlite3.Connection, path: str, now: int) -> list[RoomId]:
    """Archive the rooms at or below the path."""
    archived = [room_id for room_id, _ in _below(connection, path)]
    for room_id in archived:
        connection.execute("UPDATE rooms SET archived_at = ? WHERE room_id = ?", (now, room_id))
    return archived


def rooms(connection: sqlite3.Connection) -> list[RoomEntry]:
    """Every room, newest last."""
    found = connection.execute(
        "SELECT room_id, path, created_at, archived_at, coalesce(heads.seq, 0), coalesce(records.at, 0) FROM rooms"
        " LEFT JOIN heads USING (room_id) LEFT JOIN records USING (room_id, seq) ORDER BY number"
    )
    return [RoomEntry(*row) for row in found]


def _below(connection: sqlite3.Connection, folder: str) -> list[tuple[RoomId, str]]:
    # "0" is the character after "/": a range needs no pattern, so nothing in a name can be taken for a wildcard.
    found = connection.execute(
        "SELECT room_id, path FROM rooms WHERE archived_at IS NULL"
        " AND (path = ? OR (path > ? AND path < ?)) ORDER BY number",
        (folder, folder + "/", folder + "0"),
    )
    return [(RoomId(room_id), path) for room_id, path in found]
