"""The store is replaced under rooms that are loaded: nothing of the old rooms stays, and everybody gets new ones."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

import pytest

from jupyter_copilot import protocol as p
from jupyter_copilot.core import state as s
from jupyter_copilot.ports.clock import SystemClock
from jupyter_copilot.protocol.errors import Rejected
from jupyter_copilot.room.options import RoomOptions
from jupyter_copilot.room.registry import Rooms
from jupyter_copilot.room.room import Room
from jupyter_copilot.room.session.visitor import Visitor
from jupyter_copilot.testing.clock import ManualClock
from jupyter_copilot.testing.loopback import Loopback
from jupyter_copilot.testing.memory_log import MemoryEventLog

from ..builders import ALICE, ALL, post
from ..patience import scaled

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


class Wire:
    """A transport that keeps the code that it was closed with."""

    code: int | None = None

    def send(self, frame: bytes) -> None:
        pass

    def is_writing(self) -> bool:
        return False

    async def flushed(self) -> None:
        pass

    def close(self, code: int, reason: str) -> None:
        self.code = code


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
    clock.advance(RoomOptions().grace_s)
    await asyncio.wait_for(companions.ended.wait(), scaled(5))
    assert not rooms.loaded()
    await rooms.drain()


async def test_people_come_back_to_a_new_room_with_a_new_companion() -> None:
    log, companions = MemoryEventLog(), Companions()
    loopback = Loopback(Rooms(log, log, SystemClock(), companion=companions), PATH)
    async with loopback.client("alice") as alice:
        await alice.command(post(run=False))
        old = await loopback.rooms.at(PATH)
        await replace_store(log, old)
        await asyncio.wait_for(alice.command(post(message_id="m2", run=False)), scaled(20))
        new = await loopback.rooms.at(PATH)
        assert new is not old and new.room_id == old.room_id
        assert list(new.state.messages) == ["m2"]
        assert companions.began == 2 and companions.ended.is_set()
    await loopback.rooms.drain()


async def test_nothing_of_the_old_room_is_saved_into_the_new_store() -> None:
    log = MemoryEventLog()
    rooms = Rooms(log, log, ManualClock())
    room = await rooms.at(PATH)
    await room.submit(post(run=False), ALICE, ALL, p.CommandId("c1"))
    await replace_store(log, room)
    await rooms.drain()
    assert await log.load_snapshot(room.room_id, s.STATE_VERSION) is None


async def test_a_session_that_says_hello_to_a_replaced_room_is_told_as_the_others_were() -> None:
    log = MemoryEventLog()
    rooms = Rooms(log, log, ManualClock())
    room, wire = await rooms.at(PATH), Wire()
    session = rooms.enter(room, Visitor(actor=ALICE, rights=ALL), wire)
    await room.submit(post(run=False), ALICE, ALL, p.CommandId("c1"))
    await replace_store(log, room)
    hello = p.Hello(protocol=p.PROTOCOL_VERSION, client_id=p.ClientId("tab"), surface="lab")
    await session.receive(p.encode(hello))
    assert session.is_closed and wire.code == p.CLOSE_STORE
    rooms.leave(session)
    await rooms.drain()
