"""How the one writer commits for many: together, each failing for itself, cancelled at any moment."""

from __future__ import annotations

import asyncio
import contextlib
import random
import sqlite3
from pathlib import Path

import pytest

from jupyter_copilot import protocol as p
from jupyter_copilot.storage.sqlite.log import SqliteEventLog

from ..builders import ALICE
from ..patience import scaled
from .conftest import Gate, Open
from .samples import OTHER, ROOM, command, committed, said, told


async def test_what_waits_is_committed_together(open_log: Open) -> None:
    gate = Gate("acquire.before_commit")
    log = open_log(failpoint=gate)
    for n in range(50):
        await log.open_room(p.RoomId(f"room-{n}"))
    holding = asyncio.ensure_future(log.acquire("lease", "a", 1))
    await gate.wait()
    waiting = [
        asyncio.ensure_future(log.append(p.RoomId(f"room-{n}"), 0, [said(str(n))], actor=ALICE, at=n))
        for n in range(50)
    ]
    await asyncio.sleep(0)
    gate.opened.set()
    await holding
    assert [records[0].event for records in await asyncio.gather(*waiting)] == [said(str(n)) for n in range(50)]
    assert gate.counts["append.begin"] == 50
    assert gate.counts["append.before_commit"] == 1


async def test_fifty_rooms_are_written_at_once(open_log: Open) -> None:
    log = open_log()

    async def write(room: p.RoomId) -> None:
        for n in range(20):
            await log.append(room, n, [said(f"{room} {n}")], actor=ALICE, at=n, command_id=command(f"c{n}"))

    rooms = [p.RoomId(f"room-{n}") for n in range(50)]
    await asyncio.gather(*(write(room) for room in rooms))
    for room in rooms:
        assert [record.event for record in await log.read(room, 0)] == [said(f"{room} {n}") for n in range(20)]
    assert await log.verify() == []


async def test_nobody_is_answered_before_the_commit(open_log: Open) -> None:
    gate = Gate("append.before_commit")
    log, other = open_log(failpoint=gate), open_log()
    await log.open_room(ROOM)
    appending = asyncio.ensure_future(log.append(ROOM, 0, [said("a")], actor=ALICE, at=1))
    await gate.wait()
    assert (await other.head(ROOM)).seq == 0 and await other.read(ROOM, 0) == []
    assert not appending.done()
    gate.opened.set()
    assert await appending == await other.read(ROOM, 0)


async def test_in_one_transaction_each_fails_for_itself(store: Path, open_log: Open) -> None:
    gate = Gate("acquire.before_commit")
    log = open_log(failpoint=gate)
    await told(log, said("a"))
    holding = asyncio.ensure_future(log.acquire("lease", "a", 1))
    await gate.wait()
    results = asyncio.gather(
        log.append(ROOM, 1, [said("b")], actor=ALICE, at=1),
        log.append(ROOM, 1, [said("too late")], actor=ALICE, at=1),
        log.append(OTHER, 0, [said("x"), said("y")], actor=ALICE, at=1),
        log.append(p.RoomId("room-3"), 9, [said("too early")], actor=ALICE, at=1),
        log.append(ROOM, 2, [said("c")], actor=ALICE, at=1),
        return_exceptions=True,
    )
    await asyncio.sleep(0)
    gate.opened.set()
    await holding
    outcomes = [type(result).__name__ for result in await results]
    assert outcomes == ["list", "AppendConflict", "list", "AppendConflict", "list"]
    assert [record.event for record in await log.read(ROOM, 0)] == [said("a"), said("b"), said("c")]
    assert [record.event for record in await log.read(OTHER, 0)] == [said("x"), said("y")]
    with contextlib.closing(sqlite3.connect(store)) as connection:
        assert connection.execute("SELECT room_id FROM heads").fetchall() == [(ROOM,), (OTHER,)], "and leaves nothing"


async def test_an_append_of_what_is_no_json_writes_nothing(open_log: Open) -> None:
    log = open_log()
    wrong = p.ConfirmationDecided(confirmation_id=p.ConfirmationId("c"), args_hash="", option="a", value=object())
    with pytest.raises(NotImplementedError):
        await log.append(ROOM, 0, [said("a"), wrong], actor=ALICE, at=1, command_id=command("c"))
    assert (await log.head(ROOM)).seq == 0
    assert await committed(log, ROOM, command("c")) is None


async def test_an_append_cancelled_before_its_turn_is_left_out(open_log: Open) -> None:
    gate = Gate("acquire.before_commit")
    log = open_log(failpoint=gate)
    await log.open_room(ROOM)
    holding = asyncio.ensure_future(log.acquire("lease", "a", 1))
    await gate.wait()
    appending = asyncio.ensure_future(log.append(ROOM, 0, [said("a")], actor=ALICE, at=1))
    await asyncio.sleep(0)
    appending.cancel()
    await asyncio.sleep(0)
    gate.opened.set()
    await holding
    assert (await log.head(ROOM)).seq == 0


async def test_an_append_cancelled_in_its_commit_took_effect_and_is_seen(open_log: Open) -> None:
    gate = Gate("append.before_commit")
    log = open_log(failpoint=gate)
    await log.open_room(ROOM)
    watching = log.watch(ROOM)
    coming = asyncio.ensure_future(anext(watching))
    appending = asyncio.ensure_future(
        log.append(ROOM, 0, [said("a"), said("b")], actor=ALICE, at=1, command_id=command("c"))
    )
    await gate.wait()
    appending.cancel()
    with pytest.raises(asyncio.CancelledError):
        await appending
    gate.opened.set()
    assert await asyncio.wait_for(coming, scaled(5)) == 2
    assert await committed(log, ROOM, command("c")) == 2
    await watching.aclose()  # type: ignore[attr-defined]


@pytest.mark.parametrize("seed", range(5))
async def test_appends_cancelled_at_any_moment_are_whole_or_absent(open_log: Open, seed: int) -> None:
    log = open_log()
    draw = random.Random(seed)
    for n in range(60):
        head = (await log.head(ROOM)).seq
        pair = [said(f"{n} first"), said(f"{n} second")]
        appending = asyncio.ensure_future(log.append(ROOM, head, pair, actor=ALICE, at=n, command_id=command(str(n))))
        for _ in range(draw.randint(0, 12)):
            await asyncio.sleep(0)
        appending.cancel()
        await asyncio.wait([appending])
    # Every one of them has been done or left out by now, because this one comes after them.
    await log.acquire("lease", "a", 1)
    texts = [record.event.text for record in await log.read(ROOM, 0) if isinstance(record.event, p.MessagePosted)]
    numbers = [text.split()[0] for text in texts]
    assert texts == [text for n in dict.fromkeys(numbers) for text in (f"{n} first", f"{n} second")]
    for n in range(60):
        assert (await committed(log, ROOM, command(str(n))) is not None) == (str(n) in numbers)
    assert await log.verify() == []


async def test_what_was_begun_is_finished_by_close(open_log: Open) -> None:
    log = open_log()
    await log.open_room(ROOM)
    appending = [asyncio.ensure_future(log.append(ROOM, n, [said(str(n))], actor=ALICE, at=n)) for n in range(20)]
    await asyncio.sleep(0)
    await log.close()
    assert len(await asyncio.gather(*appending)) == 20
    assert len(await open_log().read(ROOM, 0)) == 20


async def test_records_and_catalog_survive_a_restart(open_log: Open) -> None:
    log = open_log()
    room_id = await log.room_for("/a.ipynb", 1)
    records = await told(log, said("a"), room=room_id)
    head = await log.head(room_id)
    await log.close()
    again = open_log()
    assert await again.find("/a.ipynb") == room_id
    assert await again.head(room_id) == head
    assert await again.read(room_id, 0) == records


async def test_a_store_is_for_its_owner_only(store: Path, open_log: Open) -> None:
    await told(open_log(), said("a"))
    assert store.parent.stat().st_mode & 0o777 == 0o700
    for path in store.parent.glob("rooms.sqlite3*"):
        if not path.name.endswith("-lock"):
            assert path.stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize("name", ["a b", "100%", "a#b", "a?b", "Größe 🎈"])
async def test_the_store_may_lie_anywhere(tmp_path: Path, name: str) -> None:
    log = SqliteEventLog(tmp_path / name / f"{name}.db")
    await told(log, said("a"))
    assert [path.name for path in (tmp_path / name).glob("*.db")] == [f"{name}.db"]
    await log.close()


async def test_a_fault_in_the_program_reaches_its_caller_and_the_writer_goes_on(open_log: Open) -> None:
    def fail(place: str) -> None:
        if place == "append.begin":
            raise RuntimeError("a fault in the program")

    log = open_log(failpoint=fail)
    with pytest.raises(RuntimeError):
        await log.append(ROOM, 0, [said("a")], actor=ALICE, at=1)
    assert (await log.open_room(ROOM)).seq == 0
