"""Connections to the database: opened by the first call, tried again after a failure, refused when it is unsafe."""

from __future__ import annotations

import asyncio
import logging
import random
from collections.abc import Awaitable, Callable
from typing import Any, TypeVar

import asyncpg

from ...protocol import Problem
from ...protocol.errors import StoreUnavailable
from .address import Address
from .bounded import Bounded, Limits, spare
from .clock import DatabaseClock
from .connection import Connection
from .faults import explain, is_away
from .migrations import migrate
from .origin import Origin, read_origin, settle_origin

T = TypeVar("T")
Work = Callable[[Connection], Awaitable[T]]

CONNECTIONS = 4
"""The most that one server process works with at once, the listener aside; one costs the database about 2 MiB."""

_log = logging.getLogger(__name__)


class Database:
    """A pool of connections, made and migrated by the first use. All methods belong to one event loop.

    Raises `StoreError` only: `StoreUnavailable` while the database is away. Then everybody is told at once, but for
    those who come when it is time to try again: they wait for that attempt together.
    """

    def __init__(self, address: Address, clock: DatabaseClock, limits: Limits = Limits()) -> None:  # noqa: B008
        self.address = address
        self.clock = clock
        self.limits = limits
        self.notices: list[Problem] = []
        self._origin: Origin | None = None
        self._turns = asyncio.Semaphore(CONNECTIONS)
        self._pool: Any = None
        self._opening: asyncio.Future[Any] | None = None
        self._retiring: set[asyncio.Task[None]] = set()
        self._failure: Exception | None = None
        self._pause_s = 0.0
        self._not_before = 0.0
        self._is_away = False
        self._closed = False

    async def run(self, work: Work[T]) -> T:
        """Do some work with a connection, which nobody else uses meanwhile.

        A caller that is cancelled does not cancel the statement, as one that waits for a standby would be committed
        here and lost there.
        """
        running = asyncio.ensure_future(self._run(work))
        running.add_done_callback(_look_at)
        return await asyncio.shield(running)

    async def _run(self, work: Work[T]) -> T:
        try:
            async with self._turns:
                done = await self._work(await self._opened(), work)
        except Exception as error:
            told = explain(error, self.address.name)
            if told is None or told is error:
                raise
            if self._closed:
                raise _closed() from error
            if not self._is_away:
                _log.warning("%s %s", told, error)
            self._is_away = is_away(error)
            raise told from error
        if self._is_away:
            _log.warning("The copilot's store %s is back.", self.address.name)
            self._is_away = False
        return done

    async def _work(self, pool: Any, work: Work[T]) -> T:
        try:
            async with pool.acquire() as connection:
                bounded = self._bounded(connection)
                try:
                    return await work(bounded)
                except BaseException as error:
                    if is_away(error):
                        bounded.give_up()  # nobody is to meet it in the state that it is in now
                    raise
        except (asyncio.TimeoutError, OSError):
            # It stands still, or cannot be reached: the other connections are no better, and the next one will tell.
            if self._pool is pool:
                self._pool = None
                self._retire(pool)
            raise

    async def _opened(self) -> Any:
        if self._closed:
            raise _closed()
        if self._pool is not None:
            return self._pool
        if self._opening is None:
            if self._failure is not None and _time() < self._not_before:
                raise self._failure
            self._opening = asyncio.ensure_future(self._open())
        return await asyncio.shield(self._opening)

    async def _open(self) -> Any:
        try:
            self._pool = await self._made()
            self._failure, self._pause_s = None, 0.0
            return self._pool
        except Exception as error:
            if is_away(error):
                limits = self.limits
                self._pause_s = min(max(2 * self._pause_s, limits.first_pause_s), limits.longest_pause_s)
                self._not_before = _time() + self._pause_s * (0.75 + random.random() / 4)
                self._failure = error
            raise
        finally:
            self._opening = None

    async def _made(self) -> Any:
        first = await self.connect(self.address.queries)
        try:
            connection = self._bounded(first)
            await _demand_durability(connection, self.address.name)
            await migrate(connection, self.address.name)
            await self._settle(first)
            await first.close(timeout=self.limits.answer_s)
        except BaseException:
            first.terminate()
            raise
        return await asyncpg.create_pool(
            self.address.queries,
            min_size=0,
            max_size=CONNECTIONS,
            max_inactive_connection_lifetime=300.0,
            init=self._settle,
            # Nothing is set on a connection that another use could meet; the round trip of a reset is spared.
            reset=_leave,
            **self._options(),
        )

    async def _settle(self, new: Any) -> None:
        """Look at each new connection whether it leads to the database that we know, and at that one's clock."""
        connection = self._bounded(new)
        await self.clock.ask(connection)
        if not self.address.is_pooled:  # else the settings would be those of others, too
            await spare(connection, self.limits)
        origin = await read_origin(connection)
        if origin == self._origin:
            return
        if not origin.timeline:
            raise StoreUnavailable(
                f"The copilot's store {self.address.name} is a standby, which takes no writes.",
                hint="Point the store's address at the primary.",
            )
        problem = await settle_origin(connection, origin)
        if problem is not None:
            self.notices.append(problem)
        self._origin = origin

    async def connect(self, dsn: str) -> Any:
        """A connection of its own, outside of the pool, which the caller bounds and closes."""
        return await asyncpg.connect(dsn, **self._options())

    def _bounded(self, connection: Any) -> Bounded:
        return Bounded(connection, self.limits.answer_s)

    def _options(self) -> dict[str, Any]:
        """A pooler may give the next statement another connection, where prepared ones are not known."""
        cache = {"statement_cache_size": 0} if self.address.is_pooled else {}
        return {"timeout": self.limits.connect_s, **cache}

    async def close(self) -> None:
        """Finish what was begun and release the connections, at the latest when their answers are overdue."""
        self._closed = True
        if self._opening is not None:
            await asyncio.wait({self._opening})
        pool, self._pool = self._pool, None
        if pool is not None:
            self._retire(pool)
        await asyncio.gather(*self._retiring)

    def _retire(self, pool: Any) -> None:
        """Let a pool finish what was begun with it, beside its successor."""
        retiring = asyncio.create_task(self._finish(pool), name="postgres connections that end")
        self._retiring.add(retiring)
        retiring.add_done_callback(self._retiring.discard)

    async def _finish(self, pool: Any) -> None:
        try:
            await asyncio.wait_for(pool.close(), self.limits.answer_s)
        except (asyncio.TimeoutError, OSError, asyncpg.InterfaceError):
            pool.terminate()


def _look_at(done: asyncio.Future[Any]) -> None:
    """A failure that its caller no longer waits for was said in the log, and is no news of the loop's."""
    if not done.cancelled():
        done.exception()


def _time() -> float:
    return asyncio.get_running_loop().time()


async def _leave(connection: Connection) -> None:
    """Give a connection back as it is."""


async def _demand_durability(connection: Connection, name: str) -> None:
    """Refuse a database that acknowledges what it may lose. Raises `StoreUnavailable`."""
    for setting in ("fsync", "full_page_writes", "synchronous_commit"):
        if await connection.fetchval(f"SHOW {setting}") == "off":
            raise StoreUnavailable(
                f"The copilot's store {name} would lose what it acknowledged: its {setting} is off.",
                hint=f"Set {setting} to on, at least for our role.",
            )


def _closed() -> StoreUnavailable:
    return StoreUnavailable("The copilot's store was closed.", hint="The server is shutting down.")
