"""One transient failure of the store ends nothing, wherever it hits: a day in a room's life is as if it never was.

The day is played once for each await of the store, with that one failing: before its effect, and after it.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any, TypeVar

import pytest

from jupyter_copilot import protocol as p
from jupyter_copilot.core import state as s
from jupyter_copilot.protocol.errors import Rejected, StoreUnavailable
from jupyter_copilot.room.options import RoomOptions
from jupyter_copilot.room.registry import Rooms
from jupyter_copilot.room.room import Room
from jupyter_copilot.testing.clock import ManualClock

from ..builders import ALICE, ALL, BOB, post
from .faulty_log import FaultyLog

PATH = "n.ipynb"
OPTIONS = RoomOptions(snapshot_every=4, compact_every=8, tail_records=4, grace_s=1e6)
QUESTION = p.ConfirmationId("q")
AWAITS = 60
"""More than the day has, so that the last ones show that every await was met."""


T = TypeVar("T")


class Day:
    """A room's day, on a store that fails once."""

    def __init__(self, log: FaultyLog) -> None:
        self.log = log
        self.clock = ManualClock()
        self.rooms = Rooms(log, log, self.clock, options=OPTIONS)

    async def play(self) -> Room:
        room = await self.insist(lambda: self.rooms.at(PATH))
        await self.until(lambda: bool(self.log._watchers._waiting))
        await self.say(room, "first")
        await self.another_process_writes(room)
        ask = p.OpenConfirmation(confirmation_id=QUESTION, title="Go on?", expires_in_s=60)
        await self.insist(lambda: room.submit(ask, ALICE, ALL, p.CommandId("ask")))
        for number in range(8):
            await self.say(room, f"m{number}")
        await self.until(lambda: isinstance(room.state.confirmations[QUESTION], s.Expired))
        await self.insist(lambda: room.replay.history(0, 100))
        await self.until(lambda: "save_snapshot" in self.log.calls)
        return room

    async def say(self, room: Room, name: str) -> None:
        message = post(message_id=name, run=False)
        await self.insist(lambda: room.submit(message, ALICE, ALL, p.CommandId(name)))

    async def another_process_writes(self, room: Room) -> None:
        """Write past the room, as another server would, and wait until the room has it."""
        said = p.MessagePosted(message_id=p.MessageId("elsewhere"), thread_id=p.MAIN_THREAD, text="hello")
        log: Any = super(FaultyLog, self.log)
        head = await log.head(room.room_id)
        await log.append(room.room_id, head.seq, [said], actor=BOB, at=self.clock.now())
        await self.until(lambda: "elsewhere" in room.state.messages)

    async def insist(self, ask: Callable[[], Awaitable[T]]) -> T:
        """Ask again when the store fails, as every client does."""
        while True:
            try:
                return await ask()
            except (Rejected, StoreUnavailable) as refusal:
                assert refusal.code == "store_unavailable", refusal
                await self.pass_time()

    async def until(self, predicate: Callable[[], bool]) -> None:
        for _ in range(1000):
            if predicate():
                return
            await self.pass_time()
        raise AssertionError("It never happened.")

    async def pass_time(self) -> None:
        for _ in range(5):
            await asyncio.sleep(0)
        self.clock.advance(0.5)


@pytest.mark.parametrize("after", [False, True], ids=["before", "after"])
@pytest.mark.parametrize("fails_at", range(AWAITS))
async def test_a_store_that_fails_once_ends_nothing(fails_at: int, after: bool) -> None:
    day = Day(FaultyLog(fails_at, after=after))
    room = await day.play()
    assert sorted(room.state.messages) == sorted(["first", "elsewhere", *(f"m{number}" for number in range(8))])
    records = await super(FaultyLog, day.log).read(room.room_id, 0)
    assert len([r for r in records if isinstance(r.event, p.ConfirmationExpired)]) == 1
    whole = p.encode(room.state)
    await day.rooms.drain()

    later = Rooms(day.log, day.log, day.clock, options=OPTIONS)
    again = await day.insist(lambda: later.at(PATH))
    assert isinstance(again, Room) and p.encode(again.state) == whole
    await later.drain()


async def test_every_await_of_the_day_was_made_to_fail() -> None:
    day = Day(FaultyLog())
    await day.play()
    await day.rooms.drain()
    assert len(day.log.calls) <= AWAITS, len(day.log.calls)
    assert {"open_room", "head", "append", "read", "save_snapshot", "load_snapshot", "compact", "watch"} <= set(
        day.log.calls
    )
