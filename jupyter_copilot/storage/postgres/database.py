"""Connections to the database: opened by the first call, tried again after a failure, refused when it is unsafe."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from typing import Any, TypeVar

import asyncpg

from ...protocol import Problem
from ...protocol.errors import StoreUnavailable
from .address import Address
from .clock import DatabaseClock
from .connection import Connection
from .faults import explain, is_away
from .migrations import migrate
from .origin import Origin, read_origin, settle_origin

T = TypeVar("T")
Work = Callable[[Connection], Awaitable[T]]

CONNECTIONS = 4
"""The most of one server process, the listener aside; a connection costs the database about 2 MiB."""
CONNECT_S, STATEMENT_S = 3.0, 8.0

_log = logging.getLogger(__name__)


class Database:
    """A pool of connections, made and migrated by the first use. All methods belong to one event loop.

    Raises `StoreError` only: `StoreUnavailable` while the database is away, which the next call tries again.
    """

    def __init__(self, address: Address, clock: DatabaseClock) -> None:
        self.address = address
        self.clock = clock
        self.notices: list[Problem] = []
        self._pool: Any = None
        self._origin: Origin | None = None
        self._opening = asyncio.Lock()
        self._is_away = False
        self._closed = False

    async def run(self, work: Work[T]) -> T:
        """Do some work with a connection, which nobody else uses meanwhile.

        A caller that is cancelled does not cancel the statement, as one that waits for a standby would be committed
        here and lost there.
        """
        return await asyncio.shield(asyncio.ensure_future(self._run(work)))

    async def _run(self, work: Work[T]) -> T:
        try:
            pool = await self._open()
            async with pool.acquire(timeout=STATEMENT_S) as connection:
                try:
                    done = await work(connection)
                except BaseException as error:
                    if is_away(error):
                        connection.terminate()  # nobody is to meet it in the state that it is in now
                    raise
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

    async def _open(self) -> Any:
        async with self._opening:
            if self._closed:
                raise _closed()
            if self._pool is None:
                self._pool = await self._made()
            return self._pool

    async def _made(self) -> Any:
        first: Any = await connect(self.address, self.address.queries)
        try:
            await _demand_durability(first, self.address.name)
            await migrate(first, self.address.name)
            await self._settle(first)
        finally:
            await first.close()
        return await asyncpg.create_pool(
            self.address.queries,
            min_size=1,
            max_size=CONNECTIONS,
            max_inactive_connection_lifetime=300.0,
            init=self._settle,
            # Nothing is set on a connection that another use could meet; the round trip of a reset is spared.
            reset=_leave,
            **_options(self.address),
        )

    async def _settle(self, connection: Connection) -> None:
        """Look at each new connection whether it leads to the database that we know, and at that one's clock."""
        await self.clock.ask(connection)
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

    async def close(self) -> None:
        """Finish what was begun and release the connections."""
        self._closed = True
        async with self._opening:
            pool, self._pool = self._pool, None
        if pool is not None:
            try:
                await asyncio.wait_for(pool.close(), STATEMENT_S)
            except asyncio.TimeoutError:
                pool.terminate()


async def connect(address: Address, dsn: str) -> Any:
    """A connection of its own, outside of the pool."""
    return await asyncpg.connect(dsn, **_options(address))


def _options(address: Address) -> dict[str, Any]:
    """A pooler may give the next statement another connection, where prepared ones are not known."""
    cache = {"statement_cache_size": 0} if address.is_pooled else {}
    return {"timeout": CONNECT_S, "command_timeout": STATEMENT_S, **cache}


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
