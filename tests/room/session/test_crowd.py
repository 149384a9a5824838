"""A room that is full: nobody fills it to keep the others out."""

from __future__ import annotations

import pytest
from msgspec.structs import replace

from jupyter_copilot import protocol as p
from jupyter_copilot.protocol.errors import Rejected
from jupyter_copilot.room.registry import Rooms
from jupyter_copilot.room.room import Room
from jupyter_copilot.room.session.session import Session
from jupyter_copilot.room.session.visitor import Visitor
from jupyter_copilot.testing.clock import ManualClock
from jupyter_copilot.testing.memory_log import MemoryEventLog

from ...builders import ALICE, ALL, BOB
from .test_session import HELLO, Wire

READER = replace(BOB, id="mallory", name="Mallory")


async def opened() -> tuple[Rooms, Room]:
    log = MemoryEventLog()
    rooms = Rooms(log, log, ManualClock())
    return rooms, await rooms.at("n.ipynb")


def enter(rooms: Rooms, room: Room, actor: p.Actor, count: int = 1) -> list[tuple[Session, Wire]]:
    visitor, wires = Visitor(actor=actor, rights=ALL), [Wire() for _ in range(count)]
    return [(rooms.enter(room, visitor, wire), wire) for wire in wires]


async def test_who_fills_a_room_keeps_nobody_out() -> None:
    rooms, room = await opened()
    hers = enter(rooms, room, READER, p.SESSIONS_PER_ROOM)
    with pytest.raises(Rejected) as refused:
        enter(rooms, room, READER)
    assert refused.value.code == "room_full"
    [(session, _)] = enter(rooms, room, ALICE)
    await session.receive(p.encode(HELLO))
    assert session.is_live and len(rooms.sessions()) == p.SESSIONS_PER_ROOM
    assert [wire.code for _, wire in hers if wire.code is not None] == [p.CLOSE_ROOM_FULL]
    assert hers[0][1].frames[-1]["retry"] == "after"


async def test_a_connection_that_reads_nothing_gives_way_first() -> None:
    rooms, room = await opened()
    hers = enter(rooms, room, READER, p.SESSIONS_PER_ROOM)
    hers[7][1].writing = True
    enter(rooms, room, ALICE)
    assert hers[7][0].is_closed and not hers[0][0].is_closed


async def test_the_one_that_gave_way_leaves_later_and_frees_no_second_place() -> None:
    rooms, room = await opened()
    hers = enter(rooms, room, READER, p.SESSIONS_PER_ROOM)
    enter(rooms, room, ALICE)
    rooms.leave(hers[0][0])
    assert len(rooms.sessions()) == p.SESSIONS_PER_ROOM
    with pytest.raises(Rejected):
        enter(rooms, room, READER)


async def test_places_are_not_passed_around_between_those_who_have_as_many() -> None:
    rooms, room = await opened()
    enter(rooms, room, ALICE, p.SESSIONS_PER_ROOM // 2)
    enter(rooms, room, BOB, p.SESSIONS_PER_ROOM // 2)
    for actor in (ALICE, BOB):
        with pytest.raises(Rejected):
            enter(rooms, room, actor)


async def test_a_full_room_of_as_many_people_takes_no_further_one() -> None:
    rooms, room = await opened()
    for number in range(p.SESSIONS_PER_ROOM):
        enter(rooms, room, replace(BOB, id=f"p{number}"))
    with pytest.raises(Rejected):
        enter(rooms, room, ALICE)
