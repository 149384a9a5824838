"""The SQL of the catalog: which room belongs to which notebook."""

from __future__ import annotations

from ...ports.catalog import RoomEntry
from ...protocol import RoomId
from ..ids import new_room_id
from ..paths import moved
from .connection import Connection, Row


async def room_for(connection: Connection, path: str, now: int) -> RoomId:
    """The room of the notebook at the path, made when there is none."""
    while True:
        await connection.execute(
            "INSERT INTO copilot.rooms (room_id, path, created_at) VALUES ($1, $2, $3)"
            " ON CONFLICT (path) WHERE archived_at IS NULL DO NOTHING",
            new_room_id(),
            path,
            now,
        )
        found = await find(connection, path)
        if found is not None:  # else it was archived in between
            return found


async def find(connection: Connection, path: str) -> RoomId | None:
    """The room of the notebook at the path, if there is one."""
    found = await connection.fetchval("SELECT room_id FROM copilot.rooms WHERE path = $1 AND archived_at IS NULL", path)
    return None if found is None else RoomId(found)


async def path_of(connection: Connection, room_id: RoomId) -> str | None:
    """The notebook's key, or None when the room is archived or unknown."""
    found = await connection.fetchval(
        "SELECT path FROM copilot.rooms WHERE room_id = $1 AND archived_at IS NULL", room_id
    )
    return None if found is None else str(found)


async def move(connection: Connection, source: str, target: str, now: int) -> list[RoomId]:
    """Take the rooms at or below `source` to `target`; what is in their way there is archived first."""
    if source == target:
        return []
    async with connection.transaction():
        leaving = await _below(connection, source)
        await _archive(connection, [room_id for room_id, _ in leaving], now)
        for room_id, path in leaving:
            new_path = moved(path, source, target)
            await connection.execute(
                "UPDATE copilot.rooms SET archived_at = $1 WHERE path = $2 AND archived_at IS NULL", now, new_path
            )
            await connection.execute(
                "UPDATE copilot.rooms SET path = $1, archived_at = NULL WHERE room_id = $2", new_path, room_id
            )
    return [RoomId(room_id) for room_id, _ in leaving]


async def archive(connection: Connection, path: str, now: int) -> list[RoomId]:
    """Archive the rooms at or below the path."""
    async with connection.transaction():
        archived = [RoomId(room_id) for room_id, _ in await _below(connection, path)]
        await _archive(connection, archived, now)
    return archived


async def rooms(connection: Connection) -> list[RoomEntry]:
    """Every room, newest last."""
    found = await connection.fetch(
        "SELECT room_id, path, created_at, archived_at, coalesce(heads.seq, 0), coalesce(records.at, 0)"
        " FROM copilot.rooms LEFT JOIN copilot.heads USING (room_id) LEFT JOIN copilot.records USING (room_id, seq)"
        " ORDER BY number"
    )
    return [RoomEntry(*row) for row in found]


async def _archive(connection: Connection, room_ids: list[RoomId] | list[str], now: int) -> None:
    await connection.execute("UPDATE copilot.rooms SET archived_at = $1 WHERE room_id = ANY($2)", now, room_ids)


async def _below(connection: Connection, folder: str) -> list[Row]:
    # "0" is the character after "/": a range needs no pattern, so nothing in a name can be taken for a wildcard. The
    # rows are locked in one order, so that two moves at once wait for each other.
    return await connection.fetch(
        "SELECT room_id, path FROM copilot.rooms WHERE archived_at IS NULL"
        " AND (path = $1 OR (path > $2 AND path < $3)) ORDER BY number FOR UPDATE",
        folder,
        folder + "/",
        folder + "0",
    )
