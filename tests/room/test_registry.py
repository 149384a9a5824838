"""The rooms of a server: loaded once, unloaded when deserted, and nothing of them left when the server stops."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

import pytest

from jupyter_copilot.protocol.errors import Rejected
from jupyter_copilot.room.options import RoomOptions
from jupyter_copilot.room.registry import Rooms
from jupyter_copilot.room.room import Room
from jupyter_copilot.testing.clock import ManualClock
from jupyter_copilot.testing.memory_log import MemoryEventLog


def background() -> set[str]:
    """The names of tasks that rooms have running."""
    return {task.get_name() for task in asyncio.all_tasks() if " of " in task.get_name()}


async def test_a_deserted_room_is_unloaded_after_its_grace() -> None:
    log, clock = MemoryEventLog(), ManualClock()
    rooms = Rooms(log, log, clock, options=RoomOptions(grace_s=60.0))
    room = await rooms.at("n.ipynb")
    await asyncio.sleep(0)
    clock.advance(59)
    await asyncio.sleep(0)
    assert rooms.loaded() == [room]
    clock.advance(1)
    for _ in range(20):
        await asyncio.sleep(0)
    assert rooms.loaded() == [] and room.is_closed
    await rooms.drain()


async def test_two_who_come_at_once_are_in_one_room() -> None:
    log = MemoryEventLog()
    load, loads = log.load_snapshot, 0

    async def slowly(*args: object) -> object:
        nonlocal loads
        loads += 1
        await asyncio.sleep(0)
        return await load(*args)  # type: ignore[arg-type]

    log.load_snapshot = slowly  # type: ignore[method-assign, assignment]
    rooms = Rooms(log, log, ManualClock())
    first, second = await asyncio.gather(rooms.at("n.ipynb"), rooms.at("n.ipynb"))
    assert first is second and loads == 1
    await rooms.drain()


async def test_nothing_runs_any_more_after_the_server_drained() -> None:
    log = MemoryEventLog()
    rooms = Rooms(log, log, ManualClock())
    room = await rooms.at("n.ipynb")
    release = rooms.hold(room)
    await rooms.drain()
    release()  # a stream of records that ends after the server began to stop
    await asyncio.sleep(0)
    assert background() == set()


async def test_a_room_that_is_being_loaded_when_the_server_stops_is_closed_too() -> None:
    log, reached, go_on = MemoryEventLog(), asyncio.Event(), asyncio.Event()
    ended: list[Room] = []

    async def companion(room: Room) -> Callable[[], Awaitable[None]]:
        reached.set()
        await go_on.wait()

        async def end() -> None:
            ended.append(room)

        return end

    rooms = Rooms(log, log, ManualClock(), companion=companion)
    loading = asyncio.create_task(rooms.at("n.ipynb"))
    await reached.wait()
    late = asyncio.create_task(rooms.at("n.ipynb"))
    draining = asyncio.create_task(rooms.drain())
    await asyncio.sleep(0)
    go_on.set()
    await draining
    room = await loading
    assert room.is_closed and ended == [room] and rooms.loaded() == []
    with pytest.raises(Rejected, match="stopping"):
        await late
    assert background() == set()


async def test_a_room_whose_companion_cannot_begin_is_not_kept() -> None:
    log = MemoryEventLog()
    seen: list[Room] = []

    async def companion(room: Room) -> Callable[[], Awaitable[None]]:
        seen.append(room)
        raise RuntimeError("no lease")

    rooms = Rooms(log, log, ManualClock(), companion=companion)
    with pytest.raises(RuntimeError):
        await rooms.at("n.ipynb")
    assert rooms.loaded() == [] and seen[0].is_closed and background() == set()
    await rooms.drain()
