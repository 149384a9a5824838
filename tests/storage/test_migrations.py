"""Migrations are applied by name, once, wholly."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest

from jupyter_copilot.protocol.errors import StoreUnavailable
from jupyter_copilot.storage.sqlite.migrations import APPLICATION_ID, MIGRATIONS, migrate

from .conftest import Open
from .samples import ROOM, said, told

PATH = Path("rooms.sqlite3")


def m900_notes(connection: sqlite3.Connection) -> None:
    connection.execute("CREATE TABLE notes (text TEXT) STRICT")


def m901_fails(connection: sqlite3.Connection) -> None:
    connection.execute("CREATE TABLE half (text TEXT) STRICT")
    raise sqlite3.OperationalError("database or disk is full")


@pytest.fixture
def connection() -> sqlite3.Connection:
    return sqlite3.connect(":memory:", isolation_level=None)


def tables(connection: sqlite3.Connection) -> set[str]:
    return {name for (name,) in connection.execute("SELECT name FROM sqlite_schema WHERE type = 'table'")}


def test_a_new_store_gets_every_table_and_its_mark(connection: sqlite3.Connection) -> None:
    migrate(connection, PATH)
    wanted = {"migrations", "heads", "records", "commands", "snapshots", "leases", "rooms", "pictures", "writes"}
    assert tables(connection) == wanted
    assert connection.execute("PRAGMA application_id").fetchone() == (APPLICATION_ID,)
    strict = {name for name, is_strict in connection.execute("SELECT name, strict FROM pragma_table_list") if is_strict}
    assert strict == wanted


def test_a_store_of_an_earlier_version_gets_what_it_lacks(connection: sqlite3.Connection) -> None:
    migrate(connection, PATH)
    connection.execute("INSERT INTO heads VALUES ('room', 'log', 0, 0)")
    migrate(connection, PATH, migrations=[*MIGRATIONS, m900_notes])
    migrate(connection, PATH, migrations=[*MIGRATIONS, m900_notes])
    assert "notes" in tables(connection)
    assert connection.execute("SELECT count(*) FROM heads").fetchone() == (1,)


def test_a_migration_that_fails_leaves_nothing(connection: sqlite3.Connection) -> None:
    migrate(connection, PATH)
    before = tables(connection)
    with pytest.raises(sqlite3.OperationalError):
        migrate(connection, PATH, migrations=[*MIGRATIONS, m900_notes, m901_fails])
    assert tables(connection) == before and not connection.in_transaction


def test_a_store_with_a_name_that_we_do_not_know_is_refused(connection: sqlite3.Connection) -> None:
    migrate(connection, PATH, migrations=[*MIGRATIONS, m900_notes])
    with pytest.raises(StoreUnavailable, match="later version \\(m900_notes\\)"):
        migrate(connection, PATH)


def test_names_are_numbered_in_order() -> None:
    numbers = [migration.__name__[:5] for migration in MIGRATIONS]
    assert numbers == [f"m{number:03}_" for number in range(1, len(MIGRATIONS) + 1)]


async def test_durability_is_as_promised(store: Path, open_log: Open) -> None:
    """Asked of the writer's own connection, at work."""
    seen: dict[str, object] = {}

    def ask(place: str) -> None:
        if place == "append.begin":
            connection = log._writer._opened.connection  # type: ignore[union-attr]
            for pragma in ("journal_mode", "synchronous"):
                (seen[pragma],) = connection.execute(f"PRAGMA {pragma}").fetchone()

    log = open_log(failpoint=ask)
    await told(log, said("a"))
    assert seen == {"journal_mode": "wal", "synchronous": 2}
    assert (await log.head(ROOM)).seq == 1
