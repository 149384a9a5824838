"""Checks a store in PostgreSQL, room by room, and says in sentences what is wrong with it."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator

from ...ports.event_log import Head
from ...protocol import LogId, RoomId
from ..checks import other_faults, record_faults
from ..rows import Row
from .connection import Connection
from .records import COLUMNS


async def faults(connection: Connection) -> list[str]:
    """One sentence for each fault, naming room and seq. Only reads, in one transaction."""
    found: list[str] = []
    async with connection.transaction(isolation="repeatable_read", readonly=True):
        orphans = "SELECT room_id FROM copilot.records EXCEPT SELECT room_id FROM copilot.heads"
        found += [f"Room {room_id}: it has records, but no head." for (room_id,) in await connection.fetch(orphans)]
        for room_id, log, seq, floor in await connection.fetch("SELECT room_id, log, seq, floor FROM copilot.heads"):
            found += await _room_faults(connection, RoomId(room_id), Head(LogId(log), seq, floor))
    return found


async def _room_faults(connection: Connection, room_id: RoomId, head: Head) -> list[str]:
    rows = f"SELECT {COLUMNS} FROM copilot.records WHERE room_id = $1 ORDER BY seq"
    records = [Row(*row) async for row in connection.cursor(rows, room_id)]
    commands = "SELECT command_id, last FROM copilot.commands WHERE room_id = $1 AND last > $2"
    above = [(name, last) for name, last in await connection.fetch(commands, room_id, head.seq)]
    snapshots = "SELECT version, seq, state, crc FROM copilot.snapshots WHERE room_id = $1"
    kept = [(version, seq, state, crc) for version, seq, state, crc in await connection.fetch(snapshots, room_id)]
    found = [*record_faults(room_id, head, records), *other_faults(room_id, head, above, kept)]
    pictures = "SELECT digest, data FROM copilot.pictures WHERE room_id = $1"
    async for digest, data in connection.cursor(pictures, room_id):
        found += _picture_fault(room_id, digest, data)
    return found


def _picture_fault(room_id: RoomId, digest: str, data: bytes) -> Iterator[str]:
    if hashlib.sha256(data).hexdigest() != digest:
        yield f"Room {room_id}: the picture {digest[:12]} is damaged."
