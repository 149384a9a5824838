"""The SQL of heads, records, command ids and snapshots; every function runs in the caller's transaction."""

from __future__ import annotations

import json
import sqlite3
import zlib
from collections.abc import Collection, Iterator, Sequence

from ...ports.event_log import WRITES_KEPT, Head, StoredSnapshot, WriteId
from ...ports.leases import Fence
from ...protocol import CommandId, RoomId
from ...protocol.errors import AppendConflict
from ..ids import new_log_id
from ..rows import Row
from .columns import COLUMNS, INSERT
from .leases import check_fence


def find_head(connection: sqlite3.Connection, room_id: RoomId) -> Head | None:
    """The room's head, or None for a room without a log."""
    row = connection.execute("SELECT log, seq, floor FROM heads WHERE room_id = ?", (room_id,)).fetchone()
    return None if row is None else Head(*row)


def find_heads(connection: sqlite3.Connection, room_ids: Collection[RoomId]) -> dict[RoomId, Head]:
    """The heads of those of the rooms that have a log."""
    found = ((room_id, find_head(connection, room_id)) for room_id in room_ids)
    return {room_id: head for room_id, head in found if head is not None}


def open_head(connection: sqlite3.Connection, room_id: RoomId) -> Head:
    """The room's head, made with a fresh log id when there is none."""
    head = find_head(connection, room_id)
    if head is None:
        head = Head(log=new_log_id(), seq=0, floor=0)
        connection.execute("INSERT INTO heads VALUES (?, ?, ?, ?)", (room_id, *head))
    return head


def append(
    connection: sqlite3.Connection,
    room_id: RoomId,
    expected_head: int,
    rows: Sequence[Row],
    command_id: CommandId | None,
    write_id: WriteId | None,
    fence: Fence | None,
) -> list[Row] | None:
    """Write the rows after the expected head; returns None, or the rows that this command or write wrote before.

    Raises `LeaseLost` and `AppendConflict`.
    """
    if command_id is not None and (earlier := _earlier(connection, room_id, command_id)) is not None:
        return earlier
    if write_id is not None and (earlier := written(connection, room_id, write_id)) is not None:
        return earlier
    if fence is not None:
        check_fence(connection, fence)
    _advance(connection, room_id, expected_head, expected_head + len(rows))
    connection.executemany(INSERT, rows)
    last = expected_head + len(rows)
    if command_id is not None:
        connection.execute("INSERT INTO commands VALUES (?, ?, ?, ?)", (room_id, command_id, expected_head + 1, last))
    if write_id is not None:
        connection.execute("INSERT INTO writes VALUES (?, ?, ?, ?)", (room_id, write_id, expected_head + 1, last))
        connection.execute("DELETE FROM writes WHERE room_id = ? AND last <= ?", (room_id, last - WRITES_KEPT))
    return None


def _earlier(connection: sqlite3.Connection, room_id: RoomId, command_id: CommandId) -> list[Row] | None:
    """What the command wrote before: nothing left when compaction merged any of it, None when it is new."""
    found = connection.execute(
        "SELECT first, last FROM commands WHERE room_id = ? AND command_id = ?", (room_id, command_id)
    ).fetchone()
    return None if found is None else _between(connection, room_id, *found)


def written(connection: sqlite3.Connection, room_id: RoomId, write_id: WriteId) -> list[Row] | None:
    """What was written under this id: nothing left when compaction merged any of it, None when it is not known."""
    found = connection.execute(
        "SELECT first, last FROM writes WHERE room_id = ? AND write_id = ?", (room_id, write_id)
    ).fetchone()
    return None if found is None else _between(connection, room_id, *found)


def _between(connection: sqlite3.Connection, room_id: RoomId, first: int, last: int) -> list[Row]:
    """The rows from `first` to `last`, or nothing when any of them were merged."""
    rows = connection.execute(
        f"SELECT {COLUMNS} FROM records WHERE room_id = ? AND seq BETWEEN ? AND ? ORDER BY seq", (room_id, first, last)
    ).fetchall()
    found = [Row(*row) for row in rows]
    return found if len(found) == last - first + 1 and found[:1] and found[0].first == first else []


def _advance(connection: sqlite3.Connection, room_id: RoomId, expected: int, seq: int) -> None:
    """Move the head on by compare-and-set."""
    update = "UPDATE heads SET seq = ? WHERE room_id = ? AND seq = ?"
    if connection.execute(update, (seq, room_id, expected)).rowcount == 1:
        return
    head = open_head(connection, room_id)
    if head.seq != expected:
        raise AppendConflict(expected, head.seq)
    connection.execute(update, (seq, room_id, expected))


def look(
    connection: sqlite3.Connection, room_id: RoomId, command_ids: Collection[CommandId]
) -> tuple[Head | None, dict[CommandId, int]]:
    """The room's head, if it has a log, and the last seq of each of the commands that is known."""
    found = connection.execute(
        "SELECT command_id, last FROM commands WHERE room_id = ? AND command_id IN (SELECT value FROM json_each(?))",
        (room_id, json.dumps([*command_ids])),
    )
    known = {CommandId(command_id): int(last) for command_id, last in found}
    return find_head(connection, room_id), known  # asked in this order, the head is never below a command


def read(connection: sqlite3.Connection, room_id: RoomId, after: int, limit: int) -> Iterator[Row]:
    """The rows above `after` in order; a negative limit is none."""
    rows = connection.execute(
        f"SELECT {COLUMNS} FROM records WHERE room_id = ? AND seq > ? ORDER BY seq LIMIT ?", (room_id, after, limit)
    )
    return (Row(*row) for row in rows)


def save_snapshot(connection: sqlite3.Connection, room_id: RoomId, snapshot: StoredSnapshot) -> None:
    """Keep the snapshot, unless a later one of its version is kept."""
    connection.execute(
        "INSERT INTO snapshots VALUES (?, ?, ?, ?, ?) ON CONFLICT (room_id, version) DO UPDATE"
        " SET seq = excluded.seq, state = excluded.state, crc = excluded.crc WHERE excluded.seq > seq",
        (room_id, snapshot.version, snapshot.seq, snapshot.state, zlib.crc32(snapshot.state)),
    )


def load_snapshot(connection: sqlite3.Connection, room_id: RoomId, version: int) -> StoredSnapshot | None:
    """The snapshot of this version; None when there is none, or it is damaged and the records must do."""
    row = connection.execute(
        "SELECT seq, state, crc FROM snapshots WHERE room_id = ? AND version = ?", (room_id, version)
    ).fetchone()
    if row is None or zlib.crc32(row[1]) != row[2]:
        return None
    return StoredSnapshot(seq=row[0], version=version, state=row[1])
