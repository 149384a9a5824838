"""What a room promises besides order: text that can be written, expiry, other processes, and its store's end."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

from jupyter_copilot import protocol as p
from jupyter_copilot.core import state as s
from jupyter_copilot.ports.clock import SystemClock
from jupyter_copilot.room.loading import load_room
from jupyter_copilot.room.options import RoomOptions
from jupyter_copilot.room.registry import Rooms
from jupyter_copilot.storage.sqlite.log import SqliteEventLog
from jupyter_copilot.testing.clock import ManualClock
from jupyter_copilot.testing.loopback import Loopback
from jupyter_copilot.testing.memory_log import MemoryEventLog

from ..builders import ALICE, ALL, BOB, post
from ..patience import scaled


async def test_a_lone_surrogate_is_replaced_and_the_record_written(tmp_path: Path) -> None:
    store = SqliteEventLog(tmp_path / "rooms.sqlite3")
    rooms = Rooms(store, store, SystemClock())
    room = await rooms.at("/n.ipynb")
    await room.submit(post(run=False), ALICE, ALL, p.CommandId("c1"))
    event = p.ThreadRenamed(thread_id=p.MAIN_THREAD, title="broken \ud83d here, whole \U0001f427 there")
    await room.record(lambda state, now: [event])
    assert room.state.threads["main"].title == "broken � here, whole \U0001f427 there"
    await rooms.drain()
    await store.close()


async def test_a_confirmation_expires_by_the_rooms_clock_also_after_a_restart() -> None:
    clock, log = ManualClock(), MemoryEventLog()
    room_id = await log.room_for("n.ipynb", clock.now())
    room = await load_room(room_id, "n.ipynb", log, clock)
    ask = p.OpenConfirmation(confirmation_id=p.ConfirmationId("q"), title="Go on?", expires_in_s=60)
    await room.submit(ask, ALICE, ALL, p.CommandId("c1"))
    await room.close()

    again = await load_room(room_id, "n.ipynb", log, clock)
    assert isinstance(again.state.confirmations["q"], s.Open)
    await asyncio.sleep(0)
    clock.advance(61)
    await asyncio.wait_for(again.wait(lambda state: isinstance(state.confirmations["q"], s.Expired)), scaled(5))
    await again.close()


async def test_two_processes_on_one_store_decide_once_and_see_each_other(tmp_path: Path) -> None:
    stores = [SqliteEventLog(tmp_path / "rooms.sqlite3") for _ in range(2)]
    first, second = (Rooms(store, store, SystemClock()) for store in stores)
    one, two = await first.at("/n.ipynb"), await second.at("/n.ipynb")
    assert one.room_id == two.room_id
    ask = p.OpenConfirmation(confirmation_id=p.ConfirmationId("q"), title="Go on?")
    await one.submit(ask, ALICE, ALL, p.CommandId("c1"))
    await asyncio.wait_for(two.wait(lambda state: "q" in state.confirmations), scaled(5))
    digest = two.state.confirmations["q"].args_hash

    def decision(option: str) -> p.Decide:
        return p.Decide(confirmation_id=p.ConfirmationId("q"), args_hash=digest, option=option)

    outcomes = await asyncio.gather(
        one.submit(decision("confirm"), ALICE, ALL, p.CommandId("c2")),
        two.submit(decision("cancel"), BOB, ALL, p.CommandId("c3")),
        return_exceptions=True,
    )
    assert sum(isinstance(outcome, int) for outcome in outcomes) == 1
    assert [getattr(outcome, "code", None) for outcome in outcomes].count("already_decided") == 1
    head = max(one.state.seq, two.state.seq)
    for room in (one, two):
        await asyncio.wait_for(room.wait(lambda state: state.seq == head), scaled(5))
    assert p.encode(one.state) == p.encode(two.state)
    await asyncio.gather(first.drain(), second.drain())
    await asyncio.gather(*(store.close() for store in stores))


async def test_when_the_store_is_replaced_everybody_comes_back_to_the_new_one(tmp_path: Path) -> None:
    store = SqliteEventLog(tmp_path / "rooms.sqlite3")
    loopback = Loopback(Rooms(store, store, SystemClock()))
    async with loopback.client("alice") as alice:
        await alice.live()
        await alice.command(post(run=False))
        before = alice.state.log if alice.state is not None else ""
        for path in tmp_path.iterdir():
            path.unlink()
        # The first append after the loss finds another log; it is given again in the new room, once.
        await asyncio.wait_for(alice.command(post(message_id="m2", run=False)), scaled(20))
        assert alice.state is not None and alice.state.log != before
        assert list(alice.state.messages) == ["m2"]
        entries: Any = await store.rooms()
        assert [entry.seq for entry in entries if entry.archived_at is None] == [1]
    await loopback.rooms.drain()
    await store.close()


async def test_a_room_that_closes_in_the_middle_of_a_run_leaves_nobody_spinning() -> None:
    log = MemoryEventLog()
    loopback = Loopback(Rooms(log, log, SystemClock(), options=RoomOptions(grace_s=0.0)))
    async with loopback.client("alice") as alice:
        await alice.live()
        await alice.command(post())
        room = await loopback.rooms.at(loopback.path)
    assert room.is_busy, "the run waits for a driver that is not there"
    waiting = asyncio.create_task(room.wait(lambda state: False))
    for _ in range(10):
        await asyncio.sleep(0)
    await asyncio.wait_for(loopback.rooms.drain(), scaled(5))
    asked = 0

    def never(state: s.RoomState) -> bool:
        nonlocal asked
        asked += 1
        return False

    late = asyncio.create_task(room.wait(never))
    for _ in range(50):
        await asyncio.sleep(0)
    assert asked == 1, "a closed room changes no more"
    waiting.cancel()
    late.cancel()
