"""Disks that fill, files that are locked, read-only, foreign or damaged."""

from __future__ import annotations

import asyncio
import errno
import os
import sqlite3
import subprocess
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from types import SimpleNamespace
from typing import Any, NamedTuple

import pytest

from jupyter_copilot.ports.leases import Fence
from jupyter_copilot.protocol.errors import StoreCorrupt, StoreUnavailable
from jupyter_copilot.storage.sqlite.faults import explain
from jupyter_copilot.storage.sqlite.log import SqliteEventLog

from ..builders import ALICE
from .conftest import Open
from .samples import OTHER, ROOM, command, committed, said, told

BIG = "x" * 90_000


class Disk(NamedTuple):
    """A disk with little room, and what gives it more."""

    folder: Path
    grow: Callable[[], None]


@pytest.fixture
def small_disk(store: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Disk]:
    """Half a megabyte: a real file system where this user may mount one, else SQLite's own limit."""
    store.parent.mkdir()
    if os.geteuid() == 0 and mount("-t", "tmpfs", "-o", "size=512k", "tmpfs", str(store.parent)):
        yield Disk(store.parent, lambda: assert_mounted("-o", "remount,size=8m", str(store.parent)))
        subprocess.run(["umount", "-l", str(store.parent)], check=True)
        return
    monkeypatch.setattr(sqlite3, "connect", partial(sqlite3.connect, factory=LimitedConnection))
    monkeypatch.setattr(LimitedConnection, "pages", 120)
    yield Disk(store.parent, lambda: setattr(LimitedConnection, "pages", 4000))


class LimitedConnection(sqlite3.Connection):
    """A connection to a file that may have so many pages."""

    pages = 0

    def execute(self, statement: str, *parameters: Any) -> sqlite3.Cursor:
        if not self.in_transaction:
            super().execute(f"PRAGMA max_page_count = {self.pages}")
        return super().execute(statement, *parameters)


def mount(*arguments: str) -> bool:
    return subprocess.run(["mount", *arguments], check=False, capture_output=True).returncode == 0


def assert_mounted(*arguments: str) -> None:
    assert mount(*arguments)


async def fill(log: SqliteEventLog) -> StoreUnavailable:
    """Append until the disk is full; returns what it says then."""
    for n in range(1000):
        try:
            await log.append(ROOM, n, [said(f"{n} {BIG[:20_000]}")], actor=ALICE, at=n, command_id=command(str(n)))
        except StoreUnavailable as error:
            return error
    raise AssertionError("the disk never was full")


async def test_a_full_disk_says_so_and_loses_nothing_acknowledged(small_disk: Disk, open_log: Open) -> None:
    log = open_log()
    error = await fill(log)
    assert "full" in error.message and "space" in error.hint
    head = await log.head(ROOM)
    records = await log.read(ROOM, 0)
    assert len(records) == head.seq > 3
    assert await committed(log, ROOM, command(str(head.seq - 1))) == head.seq
    assert await committed(log, ROOM, command(str(head.seq))) is None
    assert await log.verify() == []


async def test_a_disk_with_room_again_is_used_at_once(small_disk: Disk, open_log: Open) -> None:
    log = open_log()
    await fill(log)
    head = await log.head(ROOM)
    small_disk.grow()
    (record,) = await log.append(ROOM, head.seq, [said(BIG)], actor=ALICE, at=1)
    assert (await log.read(ROOM, head.seq)) == [record]
    assert await log.verify() == []


async def test_what_does_not_fit_fails_for_itself_alone(small_disk: Disk, open_log: Open) -> None:
    log = open_log()
    for room in (ROOM, OTHER):
        await log.open_room(room)
    too_much = [said(BIG) for _ in range(20)]
    huge = asyncio.ensure_future(log.append(ROOM, 0, too_much, actor=ALICE, at=1))
    small = [log.append(OTHER, n, [said("small")], actor=ALICE, at=n) for n in range(5)]
    written = await asyncio.gather(*small)
    with pytest.raises(StoreUnavailable, match="full"):
        await huge
    assert [record.seq for (record,) in written] == [1, 2, 3, 4, 5]
    assert (await log.head(ROOM)).seq == 0
    assert await log.verify() == []


async def test_a_locked_store_says_so_and_goes_on_when_it_is_free(store: Path, open_log: Open) -> None:
    log = open_log(busy_timeout_s=0.05)
    await told(log, said("a"))
    locker = sqlite3.connect(store, isolation_level=None)
    locker.execute("BEGIN IMMEDIATE")
    for _ in range(2):
        with pytest.raises(StoreUnavailable, match="locked") as failure:
            await log.append(ROOM, 1, [said("b")], actor=ALICE, at=2)
        assert "try again" in failure.value.hint
    assert len(await log.read(ROOM, 0)) == 1, "reading needs no lock"
    locker.execute("ROLLBACK")
    locker.close()
    assert [record.seq for record in await log.append(ROOM, 1, [said("b")], actor=ALICE, at=2)] == [2]


async def test_a_short_lock_is_waited_for(store: Path, open_log: Open) -> None:
    log = open_log()
    await told(log, said("a"))
    locker = sqlite3.connect(store, isolation_level=None)
    locker.execute("BEGIN IMMEDIATE")
    waiting = asyncio.ensure_future(log.append(ROOM, 1, [said("b")], actor=ALICE, at=2))
    await log.read(ROOM, 0)
    assert not waiting.done()
    locker.execute("ROLLBACK")
    locker.close()
    assert [record.seq for record in await waiting] == [2]


@pytest.fixture
def read_only(store: Path) -> Iterator[Callable[[], None]]:
    """Makes the store's folder read-only: for root, who may write everywhere, by a mount."""

    def make() -> None:
        if os.geteuid() == 0:
            assert_mounted("--bind", str(store.parent), str(store.parent))
            assert_mounted("-o", "remount,bind,ro", str(store.parent))
        else:
            for path in (*store.parent.iterdir(), store.parent):
                path.chmod(0o500 if path.is_dir() else 0o400)

    yield make
    if os.geteuid() == 0:
        subprocess.run(["umount", "-l", str(store.parent)], check=False, capture_output=True)
    else:
        store.parent.chmod(0o700)


async def test_a_read_only_store_says_so(store: Path, open_log: Open, read_only: Callable[[], None]) -> None:
    first = open_log()
    await told(first, said("a"))
    await first.close()
    read_only()
    log = open_log()
    with pytest.raises(StoreUnavailable, match=r"read-only|opened") as failure:
        await log.append(ROOM, 1, [said("b")], actor=ALICE, at=2)
    assert "JUPYTER_COPILOT_STORE" in failure.value.hint


async def test_a_folder_that_cannot_be_made_says_so(store: Path, open_log: Open) -> None:
    store.parent.write_text("a file where the folder should be")
    with pytest.raises(StoreUnavailable, match="cannot be used") as failure:
        await open_log().open_room(ROOM)
    assert "JUPYTER_COPILOT_STORE" in failure.value.hint


async def test_a_store_of_a_later_version_is_refused_and_left_alone(store: Path, open_log: Open) -> None:
    await told(open_log(), said("a"))
    changed = sqlite3.connect(store)
    with changed:
        changed.execute("INSERT INTO migrations VALUES ('m900_from_the_future')")
    log = open_log()
    for _ in range(2):
        with pytest.raises(StoreUnavailable, match="m900_from_the_future") as failure:
            await log.open_room(ROOM)
        assert "Upgrade" in failure.value.hint
    assert changed.execute("SELECT count(*) FROM records").fetchone() == (1,)
    changed.close()
    assert log.notices == []


async def test_another_programs_database_is_refused_and_left_alone(store: Path, open_log: Open) -> None:
    store.parent.mkdir()
    foreign = sqlite3.connect(store)
    foreign.execute("CREATE TABLE bookmarks (url)")
    foreign.close()
    log = open_log()
    with pytest.raises(StoreUnavailable, match="another program"):
        await log.open_room(ROOM)
    assert sqlite3.connect(store).execute("SELECT name FROM sqlite_schema").fetchall() == [("bookmarks",)]
    assert log.notices == []


# Damage


def no_database(store: Path) -> None:
    store.write_bytes(b"no database at all\n" * 1000)


def cut_off(store: Path) -> None:
    with store.open("r+b") as file:
        file.truncate(store.stat().st_size // 2 + 100)


def damaged_schema(store: Path) -> None:
    with store.open("r+b") as file:
        file.seek(100)
        file.write(b"\xff" * 3000)


async def filled(open_log: Open, records: int = 40) -> None:
    log = open_log()
    for n in range(records):
        await log.append(ROOM, n, [said(BIG[:3000])], actor=ALICE, at=n)
    await log.close()


@pytest.mark.parametrize("damage", [no_database, cut_off, damaged_schema])
async def test_a_damaged_store_is_set_aside_and_a_fresh_one_started(
    store: Path, open_log: Open, damage: Callable[[Path], None]
) -> None:
    await filled(open_log)
    damage(store)
    damaged = store.read_bytes()
    log = open_log()
    assert (await log.open_room(ROOM)).seq == 0
    (notice,) = log.notices
    (aside,) = store.parent.glob("*.corrupt-20231114T221320Z")
    assert aside.read_bytes() == damaged
    assert notice.code == "store_corrupt" and str(store) in notice.message and str(aside) in notice.hint
    await told(log, said("a"))
    assert await log.verify() == []
    assert store.stat().st_mode & 0o777 == 0o600


async def test_two_damaged_stores_in_one_second_are_both_kept(store: Path, open_log: Open) -> None:
    for _ in range(3):
        await filled(open_log, 1)
        no_database(store)
    await filled(open_log, 1)
    assert len(list(store.parent.glob("*.corrupt-*[0-9Z]"))) == 3


def damaged_pages(store: Path) -> None:
    """All but the first pages, as a failing disk leaves them."""
    size = store.stat().st_size
    with store.open("r+b") as file:
        file.seek(4096 * 4)
        file.write(b"\xa5" * (size - 4096 * 4))


async def read_all(log: SqliteEventLog) -> None:
    await log.read(ROOM, 0)


async def write_one(log: SqliteEventLog) -> None:
    await log.append(ROOM, 40, [said("b")], actor=ALICE, at=1)


@pytest.mark.parametrize("use", [read_all, write_one])
async def test_damage_met_later_is_told_and_the_next_call_finds_a_fresh_store(
    store: Path, open_log: Open, use: Callable[[SqliteEventLog], object]
) -> None:
    await filled(open_log)
    damaged_pages(store)
    log, other = open_log(), open_log()
    before = await log.head(ROOM)
    with pytest.raises(StoreCorrupt, match="damaged"):
        await use(log)  # type: ignore[misc]
    assert len(log.notices) == 1
    assert len(list(store.parent.glob("*.corrupt-*Z"))) == 1
    for one in (log, other):
        head = await one.head(ROOM)
        assert head.seq == 0 and head.log != before.log
    assert await other.append(ROOM, 0, [said("new")], actor=ALICE, at=1) == await log.read(ROOM, 0)
    assert other.notices == [] and await log.verify() == []


async def test_damage_met_by_two_at_once_is_set_aside_once(store: Path, open_log: Open) -> None:
    await filled(open_log)
    no_database(store)
    logs = [open_log() for _ in range(4)]
    heads = await asyncio.gather(*(log.open_room(ROOM) for log in logs), *(log.head(ROOM) for log in logs))
    assert len({head.log for head in heads}) == 1
    assert sum(len(log.notices) for log in logs) == 1
    assert len(list(store.parent.glob("*.corrupt-*Z"))) == 1


async def test_a_store_that_somebody_removed_is_begun_anew(store: Path, open_log: Open) -> None:
    log = open_log()
    await told(log, said("a"))
    before = await log.head(ROOM)
    for path in store.parent.iterdir():
        path.unlink()
    after = await log.head(ROOM)
    assert after.seq == 0 and after.log != before.log
    assert await log.acquire("run:1", "a", 1) == Fence("run:1", 1)


async def test_a_head_that_contradicts_the_records_is_told(store: Path, open_log: Open) -> None:
    log = open_log()
    records = await told(log, said("a"), said("b"))
    with sqlite3.connect(store) as changed:
        changed.execute("UPDATE heads SET seq = 1")
    with pytest.raises(StoreCorrupt, match="contradicts itself"):
        await log.append(ROOM, 1, [said("c")], actor=ALICE, at=1)
    assert await log.read(ROOM, 0) == records and log.notices == []


async def test_a_damaged_row_is_named_and_other_rooms_go_on(store: Path, open_log: Open) -> None:
    log = open_log()
    await told(log, said("a"), said("b"))
    await told(log, said("c"), room=OTHER)
    with sqlite3.connect(store) as changed:
        changed.execute("UPDATE records SET event = replace(event, 'b', 'x') WHERE room_id = ? AND seq = 2", (ROOM,))
    with pytest.raises(StoreCorrupt, match=r"Room room-1: record 2 is damaged"):
        await log.read(ROOM, 0)
    assert len(await log.read(OTHER, 0)) == 1
    assert log.notices == []


@pytest.mark.parametrize(
    ("error", "free", "told"),
    [
        (OSError(errno.ENOSPC, "No space left on device"), 1 << 30, "The disk is full."),
        (OSError(errno.EDQUOT, "Disk quota exceeded"), 1 << 30, "The disk is full."),
        (PermissionError(errno.EACCES, "Permission denied"), 1 << 30, "Permission denied."),
        (sqlite3.OperationalError("disk I/O error"), 0, "The disk is full."),
        (sqlite3.OperationalError("unable to open database file"), 0, "The disk is full."),
        (sqlite3.OperationalError("disk I/O error"), 1 << 30, "The disk reports an error."),
        (sqlite3.OperationalError("database or disk is full"), 1 << 30, "The disk is full."),
    ],
)
def test_a_full_disk_is_told_as_such(
    error: Exception, free: int, told: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("shutil.disk_usage", lambda path: SimpleNamespace(free=free))
    found = explain(error, tmp_path / "rooms.sqlite3")
    assert isinstance(found, StoreUnavailable) and told in found.message and found.hint
