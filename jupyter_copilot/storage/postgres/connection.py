"""What the store uses of a connection to PostgreSQL, so that its SQL is typed though asyncpg is not."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from contextlib import AbstractAsyncContextManager
from typing import Any, Protocol

Row = Sequence[Any]


class Connection(Protocol):
    """A connection of asyncpg; each statement outside of `transaction` is one of its own."""

    async def execute(self, query: str, *args: object) -> str:
        """Run a statement; returns its tag, such as `UPDATE 1`."""

    async def fetch(self, query: str, *args: object) -> list[Row]:
        """All rows."""

    async def fetchrow(self, query: str, *args: object) -> Row | None:
        """The first row, if any."""

    async def fetchval(self, query: str, *args: object) -> Any:
        """The first value of the first row, if any."""

    def cursor(self, query: str, *args: object) -> AsyncIterator[Row]:
        """The rows one after the other; only within a transaction."""

    def transaction(self, **options: Any) -> AbstractAsyncContextManager[object]:
        """All of it or nothing."""


def count(tag: str) -> int:
    """How many rows a statement concerned, by its tag."""
    return int(tag.rpartition(" ")[2])
