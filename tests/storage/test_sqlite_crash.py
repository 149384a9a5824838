"""A real process is killed at each place of the store; nothing that it was told to be done may be lost."""

from __future__ import annotations

import json
import os
import random
import signal
from pathlib import Path
from typing import Any

import pytest

from jupyter_copilot import protocol as p
from jupyter_copilot.storage.sqlite.failpoints import FAILPOINTS
from jupyter_copilot.storage.sqlite.log import SqliteEventLog

from ..forked import Forked
from .conftest import Open
from .crasher import ROUNDS
from .samples import ROOM, command, committed, said

pytestmark = pytest.mark.crash

OFTEN = [place for place in FAILPOINTS if not place.startswith(("migrate.", "set_aside."))]


def late_visit(place: str) -> int:
    """Some round after the first; leases are given back and rooms archived in every second one only."""
    rounds = ROUNDS // 2 if place.startswith(("release.", "archive.")) else ROUNDS
    return random.Random(place).randint(2, rounds)


CRASHES = [
    *((place, 1) for place in FAILPOINTS if not place.startswith("set_aside.")),
    *((place, late_visit(place)) for place in OFTEN),
]


def crash(store: Path, place: str, visit: int) -> list[list[Any]]:
    """Have a process killed there; returns what it had been told to be done."""
    output = store.parents[1] / "printed"
    process = Forked("tests.storage.crasher", str(store), place, str(visit), environ=os.environ, output=output)
    code, printed = process.wait(60), output.read_text()
    assert code == -signal.SIGKILL, printed
    return [json.loads(line) for line in printed.splitlines()]


@pytest.mark.parametrize(("place", "visit"), CRASHES)
async def test_a_killed_process_loses_nothing_acknowledged(store: Path, open_log: Open, place: str, visit: int) -> None:
    facts = crash(store, place, visit)
    log = open_log()
    assert await log.verify() == []
    assert log.notices == []
    await check_records(log, facts)
    await check_lease(log, facts)
    await check_catalog(log, facts)
    head = await log.head(ROOM)
    (record,) = await log.append(ROOM, head.seq, [said("goes on")], actor=p.AGENT, at=1)
    assert record.seq == head.seq + 1


async def check_records(log: SqliteEventLog, facts: list[list[Any]]) -> None:
    head = await log.head(ROOM)
    assert all(log_id == head.log for (log_id,) in said_of(facts, "open_room"))
    assert head.floor >= max([floor for (floor,) in said_of(facts, "compact")], default=0)
    text = "".join(e.output.text for e in await events(log) if isinstance(e, p.CallOutput))
    for name, seqs in said_of(facts, "append"):
        assert max(seqs) <= head.seq
        if name is not None:
            assert await committed(log, ROOM, command(name)) == max(seqs)
            assert text.count(f"{name} a\n{name} b\n") == 1
    # Nothing is there by half either: each pair of outputs came in one append.
    assert text.count(" a\n") == text.count(" b\n")
    snapshot = await log.load_snapshot(ROOM, 1)
    saved = max([seq for (seq,) in said_of(facts, "save_snapshot")], default=0)
    assert saved == 0 or (snapshot is not None and snapshot.seq >= saved)


async def check_lease(log: SqliteEventLog, facts: list[list[Any]]) -> None:
    given = max([number for (number,) in said_of(facts, "acquire")], default=0)
    fence = await log.acquire("lease", "owner", 3600)
    assert fence is not None and fence.number > given


async def check_catalog(log: SqliteEventLog, facts: list[list[Any]]) -> None:
    entries = {entry.room_id: entry for entry in await log.rooms()}
    assert all(entries[room_id].path.endswith(path) for path, room_id in said_of(facts, "room_for"))
    assert all(entries[room_id].path == path for path, room_id in said_of(facts, "move"))
    assert all(entries[room_id].archived_at is not None for _, room_id in said_of(facts, "archive"))


async def events(log: SqliteEventLog) -> list[p.Event | p.UnknownEvent]:
    return [record.event for record in await log.read(ROOM, 0, 10_000)]


def said_of(facts: list[list[Any]], operation: str) -> list[list[Any]]:
    return [rest for name, *rest in facts if name == operation]


@pytest.mark.parametrize("place", [place for place in FAILPOINTS if place.startswith("set_aside.")])
async def test_a_process_killed_while_it_sets_a_store_aside_deletes_nothing(
    store: Path, open_log: Open, place: str
) -> None:
    damaged = b"this is no database" * 1000
    store.parent.mkdir()
    store.write_bytes(damaged)
    store.with_name(store.name + "-wal").write_bytes(b"the log of it")
    crash(store, place, 1)
    log = open_log()
    assert (await log.open_room(ROOM)).seq == 0
    assert await log.verify() == []
    kept = [path.read_bytes() for path in store.parent.glob("*.corrupt-*") if not path.name.endswith("-shm")]
    assert sorted(kept) == sorted([damaged, b"the log of it"])
