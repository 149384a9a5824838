"""The store is replaced under rooms that are loaded: nothing of the old rooms stays, and everybody gets new ones."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

import pytest

from jupyter_copilot import protocol as p
from jupyter_copilot.errors import Rejected
from jupyter_copilot.eventlog.memory import MemoryEventLog
from jupyter_copilot.room import Room
from jupyter_copilot.rooms import GRACE_S, Rooms
from jupyter_copilot.testing.clock import ManualClock

from ..builders import ALICE, ALL, post

PATH = "notebook.ipynb"


class Companions:
    """What lives beside the rooms: how many began, and an event for the first end."""

    def __init__(self) -> None:
        self.began = 0
        self.ended = asyncio.Event()

    async def __call__(self, room: Room) -> Callable[[], Awaitable[None]]:
        self.began += 1

        async def end() -> None:
            self.ended.set()

        return end


async def replace_store(log: MemoryEventLog, room: Room) -> None:
    """Lose the records of a room but not its id, as when an old copy of the file is put back, and have it noticed."""
    log._logs.clear()
    with pytest.raises(Rejected, match="store was replaced"):
        await room.submit(post(message_id="lost"), ALICE, ALL, p.CommandId("lost"))
    assert room.is_closed


async def test_a_busy_room_whose_store_was_replaced_is_unloaded_with_its_companion() -> None:
    clock, log, companions = ManualClock(), MemoryEventLog(), Companions()
    rooms = Rooms(log, log, clock, companion=companions)
    room = await rooms.at(PATH)
    await room.submit(post(), ALICE, ALL, p.CommandId("c1"))
    await replace_store(log, room)
    assert room.is_busy, "nobody drives its run any more"
    clock.advance(GRACE_S)
    await asyncio.wait_for(companions.ended.wait(), 5)
    assert not rooms.loaded()
    await rooms.drain()
