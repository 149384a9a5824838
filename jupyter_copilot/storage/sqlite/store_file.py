"""The file of a store: how it is opened, whether it is still the same, and how a damaged one is set aside."""

from __future__ import annotations

import contextlib
import os
import sqlite3
from collections.abc import Iterator
from datetime import datetime, timezone
from pathlib import Path
from typing import Literal, NamedTuple, NoReturn

from ...ports.clock import Clock
from ...protocol import Problem
from ...protocol.errors import StoreCorrupt, StoreUnavailable
from .failpoints import Failpoint
from .faults import explain, is_damage
from .migrations import migrate

Identity = tuple[int, int]
"""Device and inode: which file it is, whatever its name."""

_SIDE_FILES = ("-wal", "-shm")
_NEEDED_SQLITE = (3, 37, 0)  # strict tables
_WAL_FILE_BYTES = 16 << 20


class Opened(NamedTuple):
    """A connection, and the file that it is to."""

    connection: sqlite3.Connection
    identity: Identity


class StoreFile:
    """One SQLite file that several threads and processes may use at once.

    A damaged file is renamed while others may still have it open. That is safe, because opening and renaming exclude
    each other, because everybody looks, inside each write transaction, whether the file is still at its path, and
    because SQLite leaves the `-wal` beside a path alone when it closes a file that has moved away from there.
    """

    def __init__(self, path: Path, *, clock: Clock, busy_timeout_s: float, failpoint: Failpoint | None) -> None:
        self.path = path
        self.notices: list[Problem] = []
        self._clock = clock
        self._busy_timeout_s = busy_timeout_s
        self._failpoint = failpoint

    def open(self) -> Opened:
        """A connection to an up-to-date store, made when there is none; a damaged one is set aside first.

        Raises `StoreUnavailable`, or `StoreCorrupt` when a damaged file cannot be set aside.
        """
        try:
            self.path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            with self._alone():
                return self._usable() or self._usable() or self._hopeless()
        except (sqlite3.Error, OSError) as error:
            raise self.explained(error) from error

    def explained(self, error: Exception) -> Exception:
        """The error that tells people what went wrong with this file; one that is not about the file as it is."""
        return explain(error, self.path)

    def is_current(self, opened: Opened) -> bool:
        """Whether the file that was opened is still the one at the path."""
        return self.identity() == opened.identity

    def identity(self) -> Identity | None:
        """Which file is at the path now; None when there is none."""
        try:
            stat = os.stat(self.path)
        except FileNotFoundError:
            return None
        return stat.st_dev, stat.st_ino

    def set_aside(self, damaged: Identity, error: Exception) -> None:
        """Rename the damaged file and what belongs to it, unless somebody else has done so already.

        Nothing is deleted. The caller has a connection open until afterwards, without a transaction: the last one that
        is closed while the file is still at the path deletes the `-wal`. Raises `OSError` when renaming fails.
        """
        with self._alone():
            if self.identity() == damaged:
                self._set_aside(error)

    def _usable(self) -> Opened | None:
        """A connection to the file, made ready for use; None when it was damaged and is now set aside."""
        identity = self._created()
        connection = self._connect(self.path)
        try:
            self._configure(connection)
            migrate(connection, self.path, self._failpoint)
        except BaseException as error:
            # The connection must outlive the renaming: see `set_aside`.
            with contextlib.closing(connection):
                if not isinstance(error, sqlite3.DatabaseError) or not is_damage(error):
                    raise
                self._set_aside(error)
                return None
        return Opened(connection, identity)

    def _hopeless(self) -> NoReturn:
        raise StoreCorrupt(
            f"The copilot's store {self.path} is damaged as soon as it is made.",
            hint="Check the disk, or set JUPYTER_COPILOT_STORE to a file on another one.",
        )

    def _set_aside(self, error: Exception) -> None:
        target = self._free_name()
        with self._writers_held():
            self._reach("set_aside.before_rename")
            self._rename(target)
            self._reach("set_aside.after_rename")
        self.notices.append(
            Problem(
                code="store_corrupt",
                message=f"The copilot's store {self.path} was damaged ({error}). A fresh one was started.",
                hint=f"The damaged one is kept as {target}: `sqlite3 {target} .recover` may bring back what it holds.",
            )
        )

    def _configure(self, connection: sqlite3.Connection) -> None:
        if sqlite3.sqlite_version_info < _NEEDED_SQLITE:
            raise StoreUnavailable(
                f"Python's SQLite is {sqlite3.sqlite_version}; the copilot's store needs 3.37.",
                hint="Use a Python that was built with a newer SQLite.",
            )
        if connection.execute("PRAGMA page_count").fetchone() == (0,):
            connection.execute("PRAGMA auto_vacuum = INCREMENTAL")  # so that free pages can go back to the disk
        (mode,) = connection.execute("PRAGMA journal_mode = WAL").fetchone()
        if mode != "wal":
            raise StoreUnavailable(
                f"The disk of {self.path} does not allow SQLite's write-ahead log.",
                hint="Set JUPYTER_COPILOT_STORE to a file on a local disk.",
            )
        connection.execute("PRAGMA synchronous = FULL")
        connection.execute(f"PRAGMA journal_size_limit = {_WAL_FILE_BYTES}")

    def _created(self) -> Identity:
        """The identity of the file, which is made when it is missing, for its owner only."""
        if self.identity() is None and self._beside("-wal").exists():
            # Setting it aside was interrupted half-way: a log must not be taken for that of a fresh file.
            self._rename(self._free_name())
        while (identity := self.identity()) is None:
            with contextlib.suppress(FileExistsError):
                os.close(os.open(self.path, os.O_CREAT | os.O_EXCL | os.O_RDWR, 0o600))
        return identity

    def _connect(self, path: Path, mode: Literal["rw", "rwc"] = "rw") -> sqlite3.Connection:
        uri = f"{path.as_uri()}?mode={mode}"
        return sqlite3.connect(uri, uri=True, timeout=self._busy_timeout_s, isolation_level=None)

    @contextlib.contextmanager
    def _alone(self) -> Iterator[None]:
        """Keep every other thread and process from opening or renaming; a crash ends it.

        The lock is SQLite's own, on an empty file beside the store, so that it works wherever the store does.
        """
        with contextlib.closing(self._connect(self._beside("-lock"), "rwc")) as lock:
            lock.execute("PRAGMA journal_mode = OFF")  # nothing is written, so that it can be had on a full disk
            lock.execute("BEGIN EXCLUSIVE")
            yield

    @contextlib.contextmanager
    def _writers_held(self) -> Iterator[None]:
        """Hold off those who have the file open and write, where the damage still allows it."""
        with contextlib.closing(self._connect(self.path)) as connection:
            with contextlib.suppress(sqlite3.Error):
                connection.execute("BEGIN IMMEDIATE")
            yield

    def _rename(self, target: Path) -> None:
        for side in ("", *_SIDE_FILES):
            with contextlib.suppress(FileNotFoundError):
                os.rename(self._beside(side), f"{target}{side}")
            if side == "":
                self._reach("set_aside.half_renamed")

    def _free_name(self) -> Path:
        moment = datetime.fromtimestamp(self._clock.now() / 1000, timezone.utc)
        name = f"{self.path.name}.corrupt-{moment:%Y%m%dT%H%M%SZ}"
        target, number = self.path.with_name(name), 1
        while target.exists() or Path(f"{target}-wal").exists():
            number += 1
            target = self.path.with_name(f"{name}-{number}")
        return target

    def _beside(self, side: str) -> Path:
        return self.path.with_name(self.path.name + side)

    def _reach(self, place: str) -> None:
        if self._failpoint is not None:
            self._failpoint(place)
