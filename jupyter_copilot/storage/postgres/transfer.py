"""The rows of a PostgreSQL store as they are, for copying."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from typing import TypeVar

from ...ports.event_log import Head
from ...ports.transfer import TABLES, CatalogRow, Row, Table, Value
from ...protocol import LogId, RoomId
from .connection import Connection

T = TypeVar("T")
Run = Callable[[Callable[[Connection], Awaitable[T]]], Awaitable[T]]

_INTEGERS = {"seq", "first", "last", "at", "crc", "bytes", "version"}
_BYTES = {"actor", "event", "state", "data"}


class PostgresTransfer:
    """Implements `Transfer`; `run` does some work with a connection."""

    def __init__(self, run: Run) -> None:  # type: ignore[type-arg]
        self._run = run

    async def heads(self) -> dict[RoomId, Head]:
        """Every room with a head."""
        rows = await self._run(lambda con: con.fetch("SELECT room_id, log, seq, floor FROM copilot.heads"))
        return {RoomId(room_id): Head(LogId(log), seq, floor) for room_id, log, seq, floor in rows}

    async def page(self, table: Table, room_id: RoomId, after: Value, limit: int) -> list[Row]:
        """Some of the room's rows above `after`."""
        above = "" if after is None else f" AND {table.key} > $3"
        query = (
            f"SELECT {', '.join(table.columns)} FROM copilot.{table.name} WHERE room_id = $1{above}"
            f" ORDER BY {table.key} LIMIT $2"
        )
        values = (room_id, limit) if after is None else (room_id, limit, after)
        return [tuple(row) for row in await self._run(lambda con: con.fetch(query, *values))]

    async def put(self, table: Table, rows: Sequence[Row]) -> None:
        """Write rows in one statement; those that are there stay."""
        columns = [list(column) for column in zip(*rows, strict=True)] or [[] for _ in table.columns]
        arrays = ", ".join(f"${at}::{_type(name)}[]" for at, name in enumerate(table.columns, 1))
        insert = (
            f"INSERT INTO copilot.{table.name} ({', '.join(table.columns)}) SELECT * FROM unnest({arrays})"
            " ON CONFLICT DO NOTHING"
        )
        await self._run(lambda con: con.execute(insert, *columns))

    async def clear(self, room_id: RoomId) -> None:
        """Delete the room's rows and its head."""

        async def clear(connection: Connection) -> None:
            async with connection.transaction():
                for name in ("heads", *(table.name for table in TABLES)):
                    await connection.execute(f"DELETE FROM copilot.{name} WHERE room_id = $1", room_id)

        await self._run(clear)

    async def put_head(self, room_id: RoomId, head: Head) -> None:
        """Write the head."""
        await self._run(lambda con: con.execute("INSERT INTO copilot.heads VALUES ($1, $2, $3, $4)", room_id, *head))

    async def catalog(self) -> list[CatalogRow]:
        """Every room in the catalog."""
        query = "SELECT room_id, path, created_at, archived_at FROM copilot.rooms ORDER BY number"
        return [CatalogRow(*row) for row in await self._run(lambda con: con.fetch(query))]

    async def put_catalog(self, row: CatalogRow) -> bool:
        """Enter a room, or bring its entry up to date."""
        written = await self._run(
            lambda con: con.fetchval(
                "INSERT INTO copilot.rooms (room_id, path, created_at, archived_at)"
                " SELECT $1, $2, $3, $4 WHERE $4::bigint IS NOT NULL OR NOT EXISTS"
                " (SELECT 1 FROM copilot.rooms WHERE path = $2 AND archived_at IS NULL AND room_id <> $1)"
                " ON CONFLICT (room_id) DO UPDATE SET path = excluded.path, archived_at = excluded.archived_at"
                " RETURNING true",
                *row,
            )
        )
        return bool(written)

    async def lease_numbers(self) -> dict[str, int]:
        """The number last given of each lease."""
        rows = await self._run(lambda con: con.fetch("SELECT lease, number FROM copilot.leases"))
        return {str(lease): int(number) for lease, number in rows}

    async def raise_leases(self, numbers: dict[str, int]) -> None:
        """No number is given again."""
        await self._run(
            lambda con: con.execute(
                "INSERT INTO copilot.leases AS held SELECT lease, number, NULL, 0"
                " FROM unnest($1::text[], $2::bigint[]) AS t (lease, number)"
                " ON CONFLICT (lease) DO UPDATE SET number = greatest(held.number, excluded.number)",
                list(numbers),
                list(numbers.values()),
            )
        )


def _type(column: str) -> str:
    return "bigint" if column in _INTEGERS else "bytea" if column in _BYTES else "text"
