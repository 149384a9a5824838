"""Several real processes use one store."""

from __future__ import annotations

import asyncio
import contextlib
import sqlite3
import statistics
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from jupyter_copilot import protocol as p
from jupyter_copilot.ports.leases import Fence
from jupyter_copilot.protocol.errors import AppendConflict, LeaseLost, StoreUnavailable
from jupyter_copilot.storage.owner import process_owner
from jupyter_copilot.storage.sqlite import compaction as compact
from jupyter_copilot.storage.sqlite.log import SqliteEventLog
from jupyter_copilot.storage.sqlite.store_file import Opened, StoreFile

from ..builders import ALICE, Fold
from ..patience import scaled
from .conftest import Gate, Open, StoppedClock
from .neighbour import append
from .samples import ROOM, answered, committed, folded, kept, said, told

REPOSITORY = Path(__file__).parents[2]


class Neighbour:
    """The process of `neighbour.py`."""

    def __init__(self, store: Path) -> None:
        arguments = [sys.executable, "-m", "tests.storage.neighbour", str(store)]
        self.process = subprocess.Popen(
            arguments, cwd=REPOSITORY, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )

    def ready(self) -> Neighbour:
        assert self.read() == "ready"
        return self

    def write(self, text: str) -> None:
        assert self.process.stdin is not None
        self.process.stdin.write(text + "\n")
        self.process.stdin.flush()

    def read(self) -> str:
        assert self.process.stdout is not None
        return self.process.stdout.readline().strip()

    def append(self, text: str) -> tuple[int, float]:
        self.write(text)
        seq, moment = self.read().split()
        return int(seq), float(moment)

    def end(self) -> None:
        self.process.kill()
        self.process.communicate()


def known(file: StoreFile) -> tuple[int, int]:
    """Which file is there now."""
    identity = file.identity()
    assert identity is not None
    return identity


@pytest.fixture
def neighbour(store: Path) -> Iterator[Callable[[], Neighbour]]:
    started: list[Neighbour] = []

    def start() -> Neighbour:
        started.append(Neighbour(store))
        return started[-1]

    yield start
    for one in started:
        one.end()


async def test_records_of_another_process_are_noticed_within_300_ms(
    open_log: Open, neighbour: Callable[[], Neighbour]
) -> None:
    log = open_log()
    await log.open_room(ROOM)
    other = neighbour().ready()
    watching = log.watch(ROOM)
    delays: list[float] = []
    for number in range(1, 8):
        coming = asyncio.ensure_future(anext(watching))
        seq, moment = await asyncio.to_thread(other.append, f"record {number}")
        assert await asyncio.wait_for(coming, scaled(5)) == seq == number
        delays.append(time.time() - moment)
    await watching.aclose()  # type: ignore[attr-defined]
    assert statistics.median(delays) < 0.3
    assert [record.event for record in await log.read(ROOM, 0)] == [said(f"record {n}") for n in range(1, 8)]


async def test_nobody_looks_for_other_processes_while_nobody_watches(open_log: Open) -> None:
    log = open_log(watch_interval_s=0.001)
    await told(log, said("a"))
    watching = log.watch(ROOM)
    assert await anext(watching) == 1
    assert [task for task in asyncio.all_tasks() if task.get_name() == "eventlog watch"]
    await watching.aclose()  # type: ignore[attr-defined]
    await asyncio.sleep(0)
    assert not [task for task in asyncio.all_tasks() if task.get_name() == "eventlog watch"]


async def test_two_processes_write_one_contiguous_log(open_log: Open, neighbour: Callable[[], Neighbour]) -> None:
    log = open_log()
    await log.open_room(ROOM)
    others = [neighbour().ready() for _ in range(2)]
    for other in others:
        for number in range(30):
            other.write(f"theirs {number}")
    ours = [await append(log, f"ours {number}") for number in range(30)]
    theirs = [int((await asyncio.to_thread(other.read)).split()[0]) for other in others for _ in range(30)]
    assert sorted(ours + theirs) == list(range(1, 91))
    assert [record.seq for record in await log.read(ROOM, 0)] == list(range(1, 91))
    assert await log.verify() == []


async def test_many_processes_may_make_the_store_at_once(
    store: Path, open_log: Open, neighbour: Callable[[], Neighbour]
) -> None:
    others = [neighbour().ready() for _ in range(6)]
    assert not store.exists()
    for other in others:
        other.write("hello")
    seqs = [int((await asyncio.to_thread(other.read)).split()[0]) for other in others]
    assert sorted(seqs) == [1, 2, 3, 4, 5, 6]
    log = open_log()
    assert await log.verify() == [] and log.notices == []


async def test_a_killed_process_loses_its_lease_and_its_fence(
    open_log: Open, neighbour: Callable[[], Neighbour]
) -> None:
    log = open_log()
    other = neighbour().ready()
    owner = process_owner(other.process.pid)
    old = await log.acquire("run:1", owner, 3600)
    assert old == Fence("run:1", 1)
    assert await log.acquire("run:1", process_owner(), 3600) is None
    other.end()
    assert await log.acquire("run:1", process_owner(), 3600) == Fence("run:1", 2)
    with pytest.raises(LeaseLost):
        await log.append(ROOM, 0, [said("late")], actor=ALICE, at=1, fence=old)


async def test_a_store_that_one_process_sets_aside_is_left_by_the_other(
    store: Path, clock: StoppedClock, open_log: Open, neighbour: Callable[[], Neighbour]
) -> None:
    log = open_log()
    await told(log, *(said(str(n)) for n in range(3)))
    other = neighbour().ready()
    assert other.append("before")[0] == 4
    before = await log.head(ROOM)
    # What a process does that finds damage, while two have the file open.
    file = StoreFile(store, clock=clock, busy_timeout_s=5, failpoint=None)
    file.set_aside(known(file), sqlite3.DatabaseError("malformed"))
    assert other.append("after")[0] == 1
    assert (await log.head(ROOM)).log != before.log
    assert [record.event for record in await log.read(ROOM, 0)] == [said("after")]
    assert await append(log, "both again") == 2
    other.end()
    assert [record.seq for record in await log.read(ROOM, 0)] == [1, 2]
    assert await log.verify() == []


async def test_commands_of_another_process_are_known_here(open_log: Open) -> None:
    here, there = open_log(), open_log()
    once = await there.append(ROOM, 0, [said("a")], actor=ALICE, at=1, command_id=p.CommandId("c"))
    assert await committed(here, ROOM, p.CommandId("c")) == 1
    assert await here.append(ROOM, 0, [said("b")], actor=ALICE, at=2, command_id=p.CommandId("c")) == once


async def test_nobody_opens_a_store_that_is_set_aside_half_way(
    store: Path, clock: StoppedClock, open_log: Open
) -> None:
    await told(open_log(), said("a"))
    gate = Gate("set_aside.half_renamed")
    file = StoreFile(store, clock=clock, busy_timeout_s=5, failpoint=gate)
    setting_aside = asyncio.ensure_future(
        asyncio.to_thread(file.set_aside, known(file), sqlite3.DatabaseError("malformed"))
    )
    await gate.wait()
    late = open_log(busy_timeout_s=0.05)
    with pytest.raises(StoreUnavailable, match="locked"):
        await late.open_room(ROOM)
    gate.opened.set()
    await setting_aside
    assert (await late.open_room(ROOM)).seq == 0


async def test_of_two_compactions_planned_at_once_one_is_done(store: Path, open_log: Open) -> None:
    log = open_log()
    fold = Fold()
    answered(fold, deltas=6)
    await kept(log, fold.records)
    head = fold.state.seq
    with contextlib.closing(sqlite3.connect(store)) as connection:
        late = compact.plan(connection, ROOM, head // 2)
        assert await log.compact(ROOM, head) == 15
        assert compact.carry_out(connection, ROOM, late) == 0
        connection.commit()
    assert await log.verify() == []
    assert folded(await log.read(ROOM, 0), head) == fold.state


async def test_an_append_that_waited_for_the_setting_aside_goes_to_the_fresh_file(
    store: Path, clock: StoppedClock, open_log: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    log = open_log()
    await told(log, said("a"))
    gate = Gate("set_aside.before_rename")
    file = StoreFile(store, clock=clock, busy_timeout_s=5, failpoint=gate)
    setting_aside = asyncio.ensure_future(
        asyncio.to_thread(file.set_aside, known(file), sqlite3.DatabaseError("malformed"))
    )
    await gate.wait()
    looked = threading.Event()

    def is_current(file: StoreFile, opened: Opened) -> bool:
        found = file.identity() == opened.identity
        looked.set()
        return found

    monkeypatch.setattr(StoreFile, "is_current", is_current)
    appending = asyncio.ensure_future(log.append(ROOM, 1, [said("b")], actor=ALICE, at=1))
    await asyncio.to_thread(looked.wait, 30)
    gate.opened.set()
    await setting_aside
    with pytest.raises(AppendConflict):
        await appending
    assert (await log.head(ROOM)).seq == 0


@pytest.mark.slow
async def test_what_is_acknowledged_while_a_store_is_set_aside_is_in_the_old_or_the_new_file(
    store: Path, clock: StoppedClock, open_log: Open
) -> None:
    await open_log().open_room(ROOM)
    file = StoreFile(store, clock=clock, busy_timeout_s=5, failpoint=None)
    acknowledged: set[str] = set()
    stop = threading.Event()

    async def write(log: SqliteEventLog, name: str) -> None:
        number = 0
        while not stop.is_set():
            await append(log, f"{name} {number}")
            acknowledged.add(f"{name} {number}")
            number += 1

    def replace() -> None:
        before = None
        for wanted in range(20, 420, 20):
            while len(acknowledged) < wanted or file.identity() in (None, before):
                if stop.wait(0.001):
                    return
            before = file.identity()
            assert before is not None
            file.set_aside(before, sqlite3.DatabaseError("malformed"))
        stop.set()

    try:
        writers = [write(open_log(), name) for name in ("a", "b", "c")]
        await asyncio.wait_for(asyncio.gather(asyncio.to_thread(replace), *writers), scaled(60))
    finally:
        stop.set()
    kept = [path for path in store.parent.iterdir() if not path.name.endswith(("-wal", "-shm", "-lock"))]
    assert len(kept) >= 20
    found = [text for path in kept for text in texts(path)]
    assert len(found) == len(set(found))
    assert acknowledged <= set(found)


def texts(store: Path) -> list[str]:
    with contextlib.closing(sqlite3.connect(store)) as connection:
        assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        return [text for (text,) in connection.execute("SELECT json_extract(event, '$.text') FROM records")]
