"""What a database does that one machine's file does not: it goes away, loses answers, is replaced by another."""

from __future__ import annotations

import asyncio
import random
from collections.abc import AsyncIterator, Callable
from contextlib import suppress

import pytest

from jupyter_copilot import protocol as p
from jupyter_copilot.ports.event_log import WriteId
from jupyter_copilot.protocol.errors import AppendConflict, StoreUnavailable
from jupyter_copilot.storage.postgres.address import read_address
from jupyter_copilot.storage.postgres.log import PostgresEventLog, open_postgres
from jupyter_copilot.testing import ManualClock

from ..builders import ALICE
from ..patience import scaled
from .conftest import OpenPostgres
from .postgres_server import PostgresServer
from .samples import OTHER, ROOM, command, said, told


class Proxy:
    """Stands between a store and its database, and breaks a connection instead of passing about each 25th answer on."""

    def __init__(self, port: int) -> None:
        self.lost = 0
        self._port = port
        self._draw = random.Random(22)

    async def start(self) -> str:
        self._server = await asyncio.start_server(self._meet, "127.0.0.1", 0)
        port = self._server.sockets[0].getsockname()[1]
        return f"postgresql://copilot@127.0.0.1:{port}/copilot"

    async def _meet(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        there, back = await asyncio.open_connection("127.0.0.1", self._port)
        ways = [asyncio.ensure_future(self._pass(reader, back)), asyncio.ensure_future(self._answer(there, writer))]
        await asyncio.wait(ways, return_when=asyncio.FIRST_COMPLETED)
        for way in ways:
            way.cancel()
        writer.close()
        back.close()

    async def _pass(self, source: asyncio.StreamReader, target: asyncio.StreamWriter) -> None:
        while data := await source.read(65536):
            target.write(data)

    async def _answer(self, source: asyncio.StreamReader, target: asyncio.StreamWriter) -> None:
        while data := await source.read(65536):
            if self._draw.random() < 1 / 25:
                self.lost += 1
                return
            target.write(data)


async def _insist(log: PostgresEventLog, write: Callable[[int], object]) -> None:
    """Write after the newest head until it is known to be written, as rooms and clients do."""
    while True:
        try:
            head = await log.head(ROOM)
            await write(head.seq)  # type: ignore[misc]
            return
        except AppendConflict:
            continue
        except StoreUnavailable:
            await asyncio.sleep(0.05)


async def _write_many(log: PostgresEventLog, name: str, count: int) -> None:
    for number in range(count):
        text = f"{name} {number}"

        def write(head: int, text: str = text, number: int = number) -> object:
            if number % 2:
                return log.append(ROOM, head, [said(text)], actor=ALICE, at=1, command_id=command(text))
            return log.append(ROOM, head, [said(text)], actor=ALICE, at=1, write_id=WriteId(text))

        await _insist(log, write)


async def _texts(log: PostgresEventLog) -> list[str]:
    events = [record.event for record in await log.read(ROOM, 0, 10_000)]
    return [event.text for event in events if isinstance(event, p.MessagePosted)]


@pytest.mark.crash
async def test_a_killed_database_loses_nothing_that_it_acknowledged_and_doubles_nothing(
    open_postgres_log: OpenPostgres, postgres_server: PostgresServer
) -> None:
    logs = [open_postgres_log() for _ in range(3)]
    writing = [asyncio.ensure_future(_write_many(log, f"writer {n}", 40)) for n, log in enumerate(logs)]
    for _ in range(2):
        await asyncio.sleep(0.3)
        await asyncio.to_thread(postgres_server.kill)
        await asyncio.to_thread(postgres_server.start)
    await asyncio.wait_for(asyncio.gather(*writing), scaled(60))
    texts = await _texts(logs[0])
    assert sorted(texts) == sorted(f"writer {n} {number}" for n in range(3) for number in range(40))
    for n in range(3):
        mine = [text for text in texts if text.startswith(f"writer {n} ")]
        assert mine == [f"writer {n} {number}" for number in range(40)]
    assert await logs[0].verify() == []


async def test_appends_whose_answers_the_network_lost_are_there_once(
    open_postgres_log: OpenPostgres, postgres_server: PostgresServer
) -> None:
    proxy = Proxy(postgres_server.port)
    log = PostgresEventLog(await proxy.start())

    await asyncio.wait_for(_write_many(log, "w", 80), scaled(60))
    assert proxy.lost >= 3
    await log.close()
    assert await _texts(open_postgres_log()) == [f"w {number}" for number in range(80)]


async def test_a_caller_that_is_cancelled_leaves_the_append_whole(postgres: PostgresEventLog) -> None:
    await postgres.open_room(ROOM)
    appending = asyncio.ensure_future(
        postgres.append(ROOM, 0, [said("a"), said("b")], actor=ALICE, at=1, command_id=command("c"))
    )
    await asyncio.sleep(0)
    appending.cancel()
    with suppress(asyncio.CancelledError):
        await appending
    again = await postgres.append(ROOM, 0, [said("a"), said("b")], actor=ALICE, at=1, command_id=command("c"))
    assert [record.seq for record in again] == [1, 2]
    assert await _texts(postgres) == ["a", "b"]


async def _next(watching: AsyncIterator[int]) -> int:
    return await asyncio.wait_for(anext(watching), scaled(10))


async def test_another_server_s_records_are_noticed_by_a_hint(open_postgres_log: OpenPostgres) -> None:
    ours, theirs = open_postgres_log(watch_interval_s=3600), open_postgres_log()
    await told(ours, said("a"))
    watching = ours.watch(ROOM)
    assert await _next(watching) == 1
    coming = asyncio.ensure_future(anext(watching))
    seq = 1
    while not coming.done():  # the listener may not listen yet
        assert seq < 50, "nothing was heard"
        seq += 1
        await told(theirs, said("b"))
        await asyncio.wait([coming], timeout=scaled(0.1))
    assert coming.result() in range(2, seq + 1)
    await watching.aclose()  # type: ignore[attr-defined]


async def test_another_server_s_records_are_noticed_without_hints(
    open_postgres_log: OpenPostgres, monkeypatch: pytest.MonkeyPatch
) -> None:
    ours, theirs = open_postgres_log(), open_postgres_log()
    monkeypatch.setattr(theirs._hints, "tell", lambda room_id, seq: None)
    await told(ours, said("a"))
    watching = ours.watch(ROOM)
    assert await _next(watching) == 1
    await told(theirs, said("b"))
    assert await _next(watching) == 2
    await watching.aclose()  # type: ignore[attr-defined]


async def test_after_a_failover_that_may_have_lost_records_every_log_is_another_and_people_are_told(
    open_postgres_log: OpenPostgres, postgres_server: PostgresServer
) -> None:
    before = open_postgres_log()
    await told(before, said("a"))
    head = await before.head(ROOM)
    await before.close()
    again = open_postgres_log()
    assert await again.head(ROOM) == head and again.notices == ()
    await again.close()

    postgres_server.sql("UPDATE copilot.origin SET timeline = timeline - 1")
    after = open_postgres_log()
    assert (await after.head(ROOM)).log != head.log
    assert [problem.code for problem in after.notices] == ["store_failed_over"]
    assert await _texts(after) == ["a"]
    beside = open_postgres_log()
    assert await beside.head(ROOM) == await after.head(ROOM) and beside.notices == ()


@pytest.mark.parametrize("setting", ["synchronous_commit"])
async def test_a_database_that_loses_what_it_acknowledged_is_refused(
    open_postgres_log: OpenPostgres, postgres_server: PostgresServer, setting: str
) -> None:
    postgres_server.sql(f"ALTER ROLE copilot SET {setting} = off")
    try:
        with pytest.raises(StoreUnavailable, match=f"its {setting} is off"):
            await open_postgres_log().open_room(ROOM)
    finally:
        postgres_server.sql(f"ALTER ROLE copilot RESET {setting}")
    await open_postgres_log().open_room(ROOM)


async def test_a_database_in_another_encoding_is_refused(postgres_server: PostgresServer) -> None:
    postgres_server.sql("CREATE DATABASE latin ENCODING 'LATIN1' TEMPLATE template0", "postgres")
    log = PostgresEventLog(postgres_server.url("latin"))
    with pytest.raises(StoreUnavailable, match="is in LATIN1"):
        await log.open_room(ROOM)
    await log.close()


async def test_a_role_that_may_make_no_tables_serves_what_another_made(
    open_postgres_log: OpenPostgres, postgres_server: PostgresServer
) -> None:
    await told(open_postgres_log(), said("a"))
    for statement in (
        "CREATE ROLE server LOGIN",
        "GRANT USAGE ON SCHEMA copilot TO server",
        "GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA copilot TO server",
    ):
        postgres_server.sql(statement)
    log = PostgresEventLog(postgres_server.url().replace("copilot@", "server@"))
    await told(log, said("b"))
    assert await _texts(log) == ["a", "b"]
    await log.close()


async def test_what_a_later_version_added_does_not_stop_an_earlier_server(
    open_postgres_log: OpenPostgres, postgres_server: PostgresServer
) -> None:
    await told(open_postgres_log(), said("a"))
    postgres_server.sql("INSERT INTO copilot.migrations VALUES ('m900_later')")
    assert await _texts(open_postgres_log()) == ["a"]


async def test_many_servers_may_make_the_tables_at_once(open_postgres_log: OpenPostgres) -> None:
    heads = await asyncio.gather(*(open_postgres_log().open_room(OTHER) for _ in range(6)))
    assert len(set(heads)) == 1


async def test_a_database_that_is_not_there_is_said_without_the_password_and_asked_again(
    postgres_server: PostgresServer,
) -> None:
    log = open_postgres(f"postgresql://copilot:secret@127.0.0.1:{postgres_server.port}/nowhere", ManualClock())
    for _ in range(2):
        with pytest.raises(StoreUnavailable, match="There is no such database") as told_:
            await log.open_room(ROOM)
        assert "secret" not in f"{told_.value}{told_.value.hint}" and told_.value.hint
    postgres_server.create("nowhere")
    assert (await log.open_room(ROOM)).seq == 0
    await log.close()


@pytest.mark.parametrize(
    "address, sslmode",
    [
        ("postgresql://u@db.example.org/rooms", "verify-full"),
        ("postgresql://u@10.0.0.7/rooms?sslmode=require", "require"),
        ("postgresql://u@localhost/rooms", None),
        ("postgresql://u@127.0.0.1:5433/rooms", None),
        ("postgresql://u@/rooms?host=/run/postgresql", None),
    ],
)
def test_a_database_beyond_this_machine_must_prove_who_it_is(address: str, sslmode: str | None) -> None:
    queries = read_address(address).queries
    assert ("sslmode=" + sslmode in queries) if sslmode else ("sslmode" not in queries)


def test_the_listener_goes_past_a_pooler() -> None:
    address = read_address("postgresql://u:pw@pooler:6432/rooms?sslmode=disable&listen=db:5432")
    assert address.queries == "postgresql://u:pw@pooler:6432/rooms?sslmode=disable"
    assert address.listener == "postgresql://u:pw@db:5432/rooms?sslmode=disable"
    assert address.is_pooled and address.name == "pooler/rooms"


@pytest.mark.parametrize("address", ["postgresql://host", "postgresql://host/", "postgres://u@host?x=1"])
def test_an_address_without_a_database_is_refused(address: str) -> None:
    with pytest.raises(StoreUnavailable, match="names no database"):
        read_address(address)
