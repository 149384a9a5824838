"""The rows of a SQLite store as they are, for copying."""

from __future__ import annotations

import sqlite3
from collections.abc import Awaitable, Callable, Sequence
from typing import TypeVar

from ...ports.event_log import Head
from ...ports.transfer import TABLES, CatalogRow, Row, Table, Value
from ...protocol import LogId, RoomId

T = TypeVar("T")
Run = Callable[[Callable[[sqlite3.Connection], T]], Awaitable[T]]

_AS_BYTES = {("records", "actor"), ("records", "event")}
"""Text in this store and bytes in every other: what is damaged is copied as it is."""


class SqliteTransfer:
    """Implements `Transfer`; `run` does some work in a transaction of its own."""

    def __init__(self, run: Run) -> None:  # type: ignore[type-arg]
        self._run = run

    async def heads(self) -> dict[RoomId, Head]:
        """Every room with a head."""
        rows = await self._run(lambda con: con.execute("SELECT room_id, log, seq, floor FROM heads").fetchall())
        return {RoomId(room_id): Head(LogId(log), seq, floor) for room_id, log, seq, floor in rows}

    async def page(self, table: Table, room_id: RoomId, after: Value, limit: int) -> list[Row]:
        """Some of the room's rows above `after`."""
        columns = ", ".join(_selected(table.name, column) for column in table.columns)
        above = "" if after is None else f" AND {table.key} > ?"
        query = f"SELECT {columns} FROM {table.name} WHERE room_id = ?{above} ORDER BY {table.key} LIMIT ?"
        values = (room_id, limit) if after is None else (room_id, after, limit)
        rows: list[Row] = await self._run(lambda con: con.execute(query, values).fetchall())
        return rows

    async def put(self, table: Table, rows: Sequence[Row]) -> None:
        """Write rows; those that are there stay."""
        marks = ", ".join("CAST(? AS TEXT)" if (table.name, each) in _AS_BYTES else "?" for each in table.columns)
        insert = f"INSERT INTO {table.name} ({', '.join(table.columns)}) VALUES ({marks}) ON CONFLICT DO NOTHING"
        await self._run(lambda con: con.executemany(insert, rows))

    async def clear(self, room_id: RoomId) -> None:
        """Delete the room's rows and its head."""

        def clear(connection: sqlite3.Connection) -> None:
            for name in ("heads", *(table.name for table in TABLES)):
                connection.execute(f"DELETE FROM {name} WHERE room_id = ?", (room_id,))

        await self._run(clear)

    async def put_head(self, room_id: RoomId, head: Head) -> None:
        """Write the head."""
        await self._run(lambda con: con.execute("INSERT INTO heads VALUES (?, ?, ?, ?)", (room_id, *head)))

    async def catalog(self) -> list[CatalogRow]:
        """Every room in the catalog."""
        query = "SELECT room_id, path, created_at, archived_at FROM rooms ORDER BY number"
        return [CatalogRow(*row) for row in await self._run(lambda con: con.execute(query).fetchall())]

    async def put_catalog(self, row: CatalogRow) -> bool:
        """Enter a room, or bring its entry up to date."""

        def put(connection: sqlite3.Connection) -> bool:
            taken = "SELECT 1 FROM rooms WHERE path = ? AND archived_at IS NULL AND room_id <> ?"
            if row.archived_at is None and connection.execute(taken, (row.path, row.room_id)).fetchone():
                return False
            connection.execute(
                "INSERT INTO rooms (room_id, path, created_at, archived_at) VALUES (?, ?, ?, ?)"
                " ON CONFLICT (room_id) DO UPDATE SET path = excluded.path, archived_at = excluded.archived_at",
                row,
            )
            return True

        return bool(await self._run(put))

    async def lease_numbers(self) -> dict[str, int]:
        """The number last given of each lease."""
        return dict(await self._run(lambda con: con.execute("SELECT lease, number FROM leases").fetchall()))

    async def raise_leases(self, numbers: dict[str, int]) -> None:
        """No number is given again."""
        raised = (
            "INSERT INTO leases VALUES (?, ?, NULL, 0)"
            " ON CONFLICT (lease) DO UPDATE SET number = max(number, excluded.number)"
        )
        await self._run(lambda con: con.executemany(raised, list(numbers.items())))


def _selected(table: str, column: str) -> str:
    return f"CAST({column} AS BLOB)" if (table, column) in _AS_BYTES else column
