"""The tables of the store, as numbered migrations that are applied by name, each store once."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Sequence
from pathlib import Path

from ...protocol.errors import StoreUnavailable
from .failpoints import Failpoint

APPLICATION_ID = 0x4A43_504C  # "JCPL", in the header of every store

Migration = Callable[[sqlite3.Connection], None]


def m001_rooms_and_records(connection: sqlite3.Connection) -> None:
    """Records, heads, command ids, snapshots, leases and the catalog."""
    for statement in (
        """
        CREATE TABLE heads (
            room_id TEXT PRIMARY KEY, log TEXT NOT NULL, seq INTEGER NOT NULL, floor INTEGER NOT NULL
        ) STRICT, WITHOUT ROWID
        """,
        # `first` is below `seq` where compaction merged the records from `first` to `seq` into one.
        """
        CREATE TABLE records (
            room_id TEXT NOT NULL, seq INTEGER NOT NULL, first INTEGER NOT NULL, at INTEGER NOT NULL,
            actor TEXT NOT NULL, command_id TEXT, event TEXT NOT NULL, crc INTEGER NOT NULL,
            PRIMARY KEY (room_id, seq)
        ) STRICT, WITHOUT ROWID
        """,
        # A table of its own, so that a command is known for ever, whatever compaction does to its records.
        """
        CREATE TABLE commands (
            room_id TEXT NOT NULL, command_id TEXT NOT NULL, first INTEGER NOT NULL, last INTEGER NOT NULL,
            PRIMARY KEY (room_id, command_id)
        ) STRICT, WITHOUT ROWID
        """,
        """
        CREATE TABLE snapshots (
            room_id TEXT NOT NULL, version INTEGER NOT NULL, seq INTEGER NOT NULL, state BLOB NOT NULL,
            crc INTEGER NOT NULL, PRIMARY KEY (room_id, version)
        ) STRICT
        """,
        # A lease that was given back stays, without an owner, so that its numbers never start again.
        """
        CREATE TABLE leases (
            lease TEXT PRIMARY KEY, number INTEGER NOT NULL, owner TEXT, until INTEGER NOT NULL
        ) STRICT, WITHOUT ROWID
        """,
        """
        CREATE TABLE rooms (
            number INTEGER PRIMARY KEY, room_id TEXT NOT NULL UNIQUE, path TEXT NOT NULL,
            created_at INTEGER NOT NULL, archived_at INTEGER
        ) STRICT
        """,
        "CREATE UNIQUE INDEX rooms_by_path ON rooms (path) WHERE archived_at IS NULL",
    ):
        connection.execute(statement)


def m002_pictures(connection: sqlite3.Connection) -> None:
    """Pictures, once a room; `seq` is the last record that names one."""
    connection.execute(
        """
        CREATE TABLE pictures (
            room_id TEXT NOT NULL, digest TEXT NOT NULL, mime TEXT NOT NULL, seq INTEGER NOT NULL,
            bytes INTEGER NOT NULL, data BLOB NOT NULL, PRIMARY KEY (room_id, digest)
        ) STRICT
        """
    )


def m003_writes(connection: sqlite3.Connection) -> None:
    """The latest writes of each room by their ids, so that one that is tried again is known."""
    connection.execute(
        """
        CREATE TABLE writes (
            room_id TEXT NOT NULL, write_id TEXT NOT NULL, first INTEGER NOT NULL, last INTEGER NOT NULL,
            PRIMARY KEY (room_id, write_id)
        ) STRICT, WITHOUT ROWID
        """
    )
    connection.execute("CREATE INDEX writes_by_age ON writes (room_id, last)")


def m004_owners_of_pictures(connection: sqlite3.Connection) -> None:
    """Who first brought a picture; unknown for those that are there already."""
    connection.execute("ALTER TABLE pictures ADD COLUMN owner TEXT NOT NULL DEFAULT ''")


MIGRATIONS: tuple[Migration, ...] = (m001_rooms_and_records, m002_pictures, m003_writes, m004_owners_of_pictures)


def migrate(
    connection: sqlite3.Connection,
    path: Path,
    failpoint: Failpoint | None = None,
    migrations: Sequence[Migration] = MIGRATIONS,
) -> None:
    """Bring the store up to date in one transaction; two processes may try at once.

    Raises `StoreUnavailable` for a store of a later version and for a file that is another program's; both stay
    untouched. Raises `sqlite3.Error` as SQLite does.
    """
    if not _pending(connection, path, migrations):
        return
    connection.execute("BEGIN IMMEDIATE")
    try:
        # What is pending is asked again, now that no other process can be at it.
        _apply(connection, _pending(connection, path, migrations))
        if failpoint is not None:
            failpoint("migrate.before_commit")
        connection.execute("COMMIT")
    except BaseException:
        if connection.in_transaction:
            connection.execute("ROLLBACK")
        raise
    if failpoint is not None:
        failpoint("migrate.after_commit")


def _apply(connection: sqlite3.Connection, pending: Sequence[Migration]) -> None:
    if _is_empty(connection):
        connection.execute(f"PRAGMA application_id = {APPLICATION_ID}")
        connection.execute("CREATE TABLE migrations (name TEXT PRIMARY KEY) STRICT, WITHOUT ROWID")
    for migration in pending:
        migration(connection)
        connection.execute("INSERT INTO migrations (name) VALUES (?)", (migration.__name__,))


def _is_empty(connection: sqlite3.Connection) -> bool:
    return connection.execute("SELECT 1 FROM sqlite_schema").fetchone() is None


def _pending(connection: sqlite3.Connection, path: Path, migrations: Sequence[Migration]) -> list[Migration]:
    """The migrations that this store still lacks, after a look whether it is one that we may touch."""
    if _is_empty(connection):
        return list(migrations)
    if connection.execute("PRAGMA application_id").fetchone() != (APPLICATION_ID,):
        raise StoreUnavailable(
            f"The file {path} is not a store of the copilot, but another program's database.",
            hint="Set JUPYTER_COPILOT_STORE to another file.",
        )
    applied = {name for (name,) in connection.execute("SELECT name FROM migrations")}
    unknown = applied - {migration.__name__ for migration in migrations}
    if unknown:
        raise StoreUnavailable(
            f"The copilot's store {path} was written by a later version ({', '.join(sorted(unknown))}).",
            hint="Upgrade jupyter-collaborative-copilot, or set JUPYTER_COPILOT_STORE to another file.",
        )
    return [migration for migration in migrations if migration.__name__ not in applied]
