"""A clock that stands still, and both stores."""

from __future__ import annotations

import asyncio
import tempfile
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from jupyter_copilot.storage.postgres.log import PostgresEventLog
from jupyter_copilot.storage.sqlite.log import SqliteEventLog
from jupyter_copilot.testing.memory_log import MemoryEventLog

from .postgres_server import PostgresServer

pytest.register_assert_rewrite(f"{__package__}.contracts")


class StoppedClock:
    """Shows the time that it is set to."""

    def __init__(self) -> None:
        self.time = 1_700_000_000_000

    def now(self) -> int:
        return self.time

    async def sleep(self, seconds: float) -> None:
        self.time += round(seconds * 1000)


class Gate:
    """A failpoint that holds the writer at a place until it is opened, and counts what is reached."""

    def __init__(self, place: str) -> None:
        self.place = place
        self.reached = threading.Event()
        self.opened = threading.Event()
        self.counts: Counter[str] = Counter()

    def __call__(self, place: str) -> None:
        self.counts[place] += 1
        if place == self.place:
            self.reached.set()
            assert self.opened.wait(30)

    async def wait(self) -> None:
        await asyncio.to_thread(self.reached.wait, 30)


@pytest.fixture
def clock() -> StoppedClock:
    return StoppedClock()


@pytest.fixture
def store(tmp_path: Path) -> Path:
    return tmp_path / "store" / "rooms.sqlite3"


@pytest.fixture
def memory(clock: StoppedClock, jp_asyncio_loop: asyncio.AbstractEventLoop) -> Iterator[MemoryEventLog]:
    log = MemoryEventLog(clock=clock)
    yield log
    jp_asyncio_loop.run_until_complete(log.close())


Open = Callable[..., SqliteEventLog]


@pytest.fixture
def open_log(store: Path, clock: StoppedClock, jp_asyncio_loop: asyncio.AbstractEventLoop) -> Iterator[Open]:
    """Opens the store any number of times, as as many servers would; all are closed at the end."""
    opened: list[SqliteEventLog] = []

    def open_(**options: Any) -> SqliteEventLog:
        opened.append(SqliteEventLog(store, **{"clock": clock, **options}))
        return opened[-1]

    yield open_
    for log in opened:
        jp_asyncio_loop.run_until_complete(log.close())


@pytest.fixture
def sqlite(open_log: Open) -> SqliteEventLog:
    return open_log()


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[PostgresServer]:
    # Its account must be able to reach the folder, which those of pytest do not let it.
    with tempfile.TemporaryDirectory(prefix="copilot-postgres-") as folder:
        Path(folder).chmod(0o755)
        server = PostgresServer(Path(folder) / "cluster").make().start()
        server.create()
        yield server
        server.kill()


OpenPostgres = Callable[..., PostgresEventLog]


@pytest.fixture
def open_postgres_log(
    postgres_server: PostgresServer, clock: StoppedClock, jp_asyncio_loop: asyncio.AbstractEventLoop
) -> Iterator[OpenPostgres]:
    """Opens the store any number of times, as as many servers would; it is empty at first, and all close at the end."""
    postgres_server.sql("DROP SCHEMA IF EXISTS copilot CASCADE")
    opened: list[PostgresEventLog] = []

    def open_(**options: Any) -> PostgresEventLog:
        opened.append(PostgresEventLog(postgres_server.url(), **{"leases_by": clock, **options}))
        return opened[-1]

    yield open_
    for log in opened:
        jp_asyncio_loop.run_until_complete(log.close())


@pytest.fixture
def postgres(open_postgres_log: OpenPostgres) -> PostgresEventLog:
    return open_postgres_log()
