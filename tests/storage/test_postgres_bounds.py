"""A database that stands still, or a link that swallows all: nothing waits for it for ever, and nothing is lost."""

from __future__ import annotations

import asyncio
import gc
from collections.abc import Awaitable, Callable, Iterator
from typing import Any

import pytest

from jupyter_copilot import protocol as p
from jupyter_copilot.ports.event_log import StoredSnapshot, WriteId
from jupyter_copilot.protocol.errors import AppendConflict, StoreUnavailable
from jupyter_copilot.storage.postgres.bounded import Limits
from jupyter_copilot.storage.postgres.connection import Connection
from jupyter_copilot.storage.postgres.log import PostgresEventLog

from ..builders import ALICE
from ..patience import scaled
from .conftest import OpenPostgres
from .postgres_server import PostgresServer
from .samples import ROOM, said, told

pytestmark = pytest.mark.crash

SHORT = Limits(connect_s=scaled(0.4), answer_s=scaled(0.5), first_pause_s=0.1, longest_pause_s=0.2)
ENDS_S = scaled(20.0)
"""Long after each limit."""

OPERATIONS: dict[str, Callable[[PostgresEventLog], Awaitable[object]]] = {
    "append": lambda log: log.append(ROOM, 1, [said("b")], actor=ALICE, at=1, write_id=WriteId("b")),
    "read": lambda log: log.read(ROOM, 0),
    "head": lambda log: log.head(ROOM),
    "look": lambda log: log.look(ROOM, [p.CommandId("c")]),
    "save a snapshot": lambda log: log.save_snapshot(ROOM, StoredSnapshot(1, 1, b"{}")),
    "compact": lambda log: log.compact(ROOM, 1),
    "acquire": lambda log: log.acquire("lease", "us", 10),
    "move": lambda log: log.move("a.ipynb", "b.ipynb", 1),
    "verify": lambda log: log.verify(),
    "copy": lambda log: log.transfer.clear(p.RoomId("another")),
}
"""Of one statement, of several in a transaction, and row by row."""


@pytest.fixture
def still(
    postgres_server: PostgresServer, open_postgres_log: OpenPostgres, jp_asyncio_loop: asyncio.AbstractEventLoop
) -> Iterator[Callable[[bool], Awaitable[None]]]:
    """Lets the database stand still, or go on."""

    async def stand(still: bool) -> None:
        await asyncio.to_thread(postgres_server.suspend if still else postgres_server.resume)

    yield stand
    jp_asyncio_loop.run_until_complete(stand(False))


async def _refused(work: Awaitable[object]) -> bool:
    try:
        await work
    except StoreUnavailable:
        return True
    return False


async def test_every_operation_on_a_database_that_stands_still_is_refused_in_time_and_so_is_closing_over(
    open_postgres_log: OpenPostgres, still: Callable[[bool], Awaitable[None]]
) -> None:
    await told(open_postgres_log(), said("a"))
    first = open_postgres_log(leases_by=None, limits=SHORT)
    logs = {name: open_postgres_log(leases_by=None, limits=SHORT) for name in OPERATIONS}
    for log in (first, *logs.values()):
        await log.head(ROOM)
    await still(True)
    refused = await asyncio.wait_for(
        asyncio.gather(*(_refused(work(logs[name])) for name, work in OPERATIONS.items())), ENDS_S
    )
    assert dict(zip(OPERATIONS, refused, strict=True)) == dict.fromkeys(OPERATIONS, True)
    beginning = asyncio.ensure_future(_refused(logs["read"].read(ROOM, 0)))
    await asyncio.wait_for(asyncio.gather(*(log.close() for log in logs.values())), ENDS_S)
    assert await beginning
    await still(False)
    assert await _reached(first) in (1, 2)  # whether the append that nobody was told of came in
    assert [record.seq for record in await _write(first, "b")] == [2]
    assert await first.verify() == []


async def _reached(log: PostgresEventLog) -> int:
    """The head's seq, once the database answers again."""
    while True:
        try:
            return (await log.head(ROOM)).seq
        except StoreUnavailable:
            await asyncio.sleep(0.05)


async def _write(log: PostgresEventLog, name: str) -> list[p.Record]:
    while True:
        try:
            seq = await _reached(log)
            return await log.append(ROOM, seq, [said(name)], actor=ALICE, at=1, write_id=WriteId(name))
        except (StoreUnavailable, AppendConflict):
            await asyncio.sleep(0.05)


async def test_while_it_is_away_everybody_is_told_at_once_and_one_attempt_serves_all(
    open_postgres_log: OpenPostgres, still: Callable[[bool], Awaitable[None]], monkeypatch: pytest.MonkeyPatch
) -> None:
    await told(open_postgres_log(), said("a"))
    log = open_postgres_log(limits=SHORT._replace(first_pause_s=3600.0, longest_pause_s=3600.0))
    await log.head(ROOM)
    attempts: list[object] = []
    connect = log._database.connect

    async def counted(dsn: str) -> Any:
        attempts.append(dsn)
        return await connect(dsn)

    monkeypatch.setattr(log._database, "connect", counted)
    await still(True)
    for tried in (0, 1):  # an answer that is overdue, and then an attempt
        assert await asyncio.wait_for(_refused(log.read(ROOM, 0)), ENDS_S) and len(attempts) == tried
    refused = await asyncio.wait_for(asyncio.gather(*(_refused(log.read(ROOM, 0)) for _ in range(40))), ENDS_S)
    assert all(refused) and len(attempts) == 1
    await still(False)
    assert all(await asyncio.gather(*(_refused(log.read(ROOM, 0)) for _ in range(40))))  # the next attempt is not due
    assert len(attempts) == 1


async def test_what_waits_for_a_standby_is_shown_to_nobody_however_long_it_takes(
    open_postgres_log: OpenPostgres, postgres_server: PostgresServer
) -> None:
    log, other = open_postgres_log(limits=SHORT), open_postgres_log()
    await told(other, said("a"))
    await log.head(ROOM)
    try:
        _wait_for(postgres_server, "nobody")
        for _ in range(2):  # to cancel the statement would commit it here, and lose it with this machine
            assert await asyncio.wait_for(
                _refused(log.append(ROOM, 1, [said("b")], actor=ALICE, at=1, write_id=WriteId("b"))), ENDS_S
            )
            assert [record.seq for record in await other.read(ROOM, 0)] == [1]
    finally:
        _wait_for(postgres_server, "")
    assert [record.seq for record in await _write(log, "b")] == [2]
    assert [record.seq for record in await other.read(ROOM, 0)] == [1, 2]


def _wait_for(server: PostgresServer, standbys: str) -> None:
    server.sql(f"ALTER SYSTEM SET synchronous_standby_names = '{standbys}'")
    server.sql("SELECT pg_reload_conf()")


async def test_a_lock_of_a_server_that_is_gone_is_held_no_longer_than_it_is_waited_for(
    open_postgres_log: OpenPostgres,
) -> None:
    await told(open_postgres_log(), said("a"))
    gone, other = open_postgres_log(leases_by=None, limits=SHORT), open_postgres_log(leases_by=None, limits=SHORT)
    fence = await gone.acquire("lease", "gone", 0.001)
    assert fence is not None
    holds, never = asyncio.Event(), asyncio.Event()

    async def hold(connection: Connection) -> None:
        async with connection.transaction():
            await connection.execute("SELECT 1 FROM copilot.leases FOR UPDATE")
            holds.set()
            await never.wait()

    holding = asyncio.ensure_future(gone._database.run(hold))
    await holds.wait()

    async def take_over() -> None:
        while await _refused(other.acquire("lease", "other", 10)):
            pass

    await asyncio.wait_for(take_over(), ENDS_S)
    assert await other.acquire("lease", "other", 10) is not None
    never.set()
    assert await _refused(holding)


async def test_a_failure_that_nobody_waits_for_any_more_is_no_traceback_in_the_log(
    open_postgres_log: OpenPostgres,
    still: Callable[[bool], Awaitable[None]],
    jp_asyncio_loop: asyncio.AbstractEventLoop,
) -> None:
    log = open_postgres_log(limits=SHORT)
    await told(open_postgres_log(), said("a"))
    await log.head(ROOM)
    told_by_the_loop: list[Any] = []
    jp_asyncio_loop.set_exception_handler(lambda loop, context: told_by_the_loop.append(context))
    await still(True)
    abandoned = asyncio.ensure_future(log.read(ROOM, 0))
    await asyncio.sleep(0)
    abandoned.cancel()
    assert await asyncio.wait_for(_refused(log.read(ROOM, 0)), ENDS_S)
    await asyncio.wait_for(log.close(), ENDS_S)
    del abandoned
    gc.collect()
    assert told_by_the_loop == []
