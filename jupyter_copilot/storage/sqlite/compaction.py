"""The SQL of compaction: what is merged takes the place of its parts in one transaction."""

from __future__ import annotations

import sqlite3

from ...ports.event_log import Head
from ...protocol import LogId, RoomId
from .. import merging
from ..merging import Plan
from .columns import INSERT
from .records import find_head, read


def plan(connection: sqlite3.Connection, room_id: RoomId, floor: int) -> Plan:
    """Find what can be merged above the room's present floor, without writing."""
    head = find_head(connection, room_id) or Head(LogId(""), 0, 0)
    return merging.plan(room_id, head, [*read(connection, room_id, head.floor, -1)], floor)


def carry_out(connection: sqlite3.Connection, room_id: RoomId, plan: Plan) -> int:
    """Put the merged rows in the place of the others; returns rows removed, 0 when somebody else moved the floor."""
    update = "UPDATE heads SET floor = ? WHERE room_id = ? AND floor = ?"
    if connection.execute(update, (plan.floor, room_id, plan.old_floor)).rowcount == 0:
        return 0
    removed = 0
    for row in plan.rows:
        delete = "DELETE FROM records WHERE room_id = ? AND seq BETWEEN ? AND ?"
        removed += connection.execute(delete, (room_id, row.first, row.seq)).rowcount - 1
        connection.execute(INSERT, row)
    return removed
