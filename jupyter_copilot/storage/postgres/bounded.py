"""A connection whose answers are waited for only so long, as a database may stand still, or a link swallow all."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any, NamedTuple, TypeVar

import asyncpg

from .connection import Connection, Row

T = TypeVar("T")


class Limits(NamedTuple):
    """How long the database is waited for, in seconds."""

    connect_s: float = 3.0
    answer_s: float = 8.0
    """For one statement."""
    first_pause_s: float = 0.25
    longest_pause_s: float = 3.0
    """Between two attempts to reach a database that is away; until the next one is due, everybody is told at once."""


class Overdue(asyncio.TimeoutError):
    """No answer came in time; the statement may have taken effect, or may yet."""


class Bounded:
    """Implements `Connection`: one that owes an answer is given up, and nobody waits for it again.

    It is closed on our side only. To cancel the statement, as asyncpg does when its own time-outs are over, takes an
    answer as well; and what waits for a standby would be committed by it, and be lost with this machine.
    """

    def __init__(self, connection: Any, answer_s: float) -> None:
        self._connection = connection
        self._answer_s = answer_s
        self._is_given_up = False

    async def execute(self, query: str, *args: object) -> str:
        """Run a statement. Raises `Overdue`, as each of the methods."""
        return str(await self._answer(self._connection.execute(query, *args)))

    async def fetch(self, query: str, *args: object) -> list[Row]:
        """All rows."""
        rows: list[Row] = await self._answer(self._connection.fetch(query, *args))
        return rows

    async def fetchrow(self, query: str, *args: object) -> Row | None:
        """The first row, if any."""
        row: Row | None = await self._answer(self._connection.fetchrow(query, *args))
        return row

    async def fetchval(self, query: str, *args: object) -> Any:
        """The first value of the first row, if any."""
        return await self._answer(self._connection.fetchval(query, *args))

    async def cursor(self, query: str, *args: object) -> AsyncIterator[Row]:
        """The rows one after the other; only within a transaction."""
        rows = aiter(self._connection.cursor(query, *args))
        with contextlib.suppress(StopAsyncIteration):
            while True:
                yield await self._answer(anext(rows))

    @contextlib.asynccontextmanager
    async def transaction(self, **options: Any) -> AsyncIterator[object]:
        """All of it or nothing; with a connection that was given up, the database undoes it by itself."""
        transaction = self._connection.transaction(**options)
        await self._answer(transaction.start())
        try:
            yield transaction
        except BaseException:
            with contextlib.suppress(asyncpg.InterfaceError):  # it is closed
                await self._answer(transaction.rollback())
            raise
        await self._answer(transaction.commit())

    async def listen(self, channel: str, heard: Callable[[Any, int, str, str], None]) -> None:
        """Call `heard` for what is notified on the channel, as asyncpg does."""
        await self._answer(self._connection.add_listener(channel, heard))

    async def _answer(self, asked: Awaitable[T]) -> T:
        timer = asyncio.get_running_loop().call_later(self._answer_s, self.give_up)
        try:
            return await asked
        except Exception as error:
            if self._is_given_up:
                raise Overdue(f"No answer in {self._answer_s:g} s.") from error
            raise
        finally:
            timer.cancel()

    def give_up(self) -> None:
        """Close it here and now, by which whoever waits for its answer is told; harmless when repeated."""
        self._is_given_up = True
        with contextlib.suppress(asyncpg.InterfaceError):  # it is closed, and no longer its pool's
            self._connection.terminate()


async def spare(connection: Connection, limits: Limits) -> None:
    """Let the database end what we gave up, so that nothing of ours holds a lock for longer than we wait for one."""
    settings = {
        "statement_timeout": f"{limits.answer_s * 750:.0f}",
        "idle_in_transaction_session_timeout": f"{limits.answer_s * 1000:.0f}",
        "tcp_keepalives_idle": "30",
        "tcp_keepalives_interval": "10",
        "tcp_keepalives_count": "3",
    }
    await connection.fetch(
        "SELECT set_config(name, value, false) FROM unnest($1::text[], $2::text[]) AS t (name, value)",
        [*settings],
        [*settings.values()],
    )
