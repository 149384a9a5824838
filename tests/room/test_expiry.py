"""The time that people have for a decision is the time that passes, whatever the machine's clock is set to."""

from __future__ import annotations

import asyncio

import pytest

from jupyter_copilot import protocol as p
from jupyter_copilot.core import state as s
from jupyter_copilot.ports.clock import SystemClock
from jupyter_copilot.room.loading import load_room
from jupyter_copilot.room.room import Room
from jupyter_copilot.testing.clock import ManualClock
from jupyter_copilot.testing.memory_log import MemoryEventLog

from ..builders import ALICE, ALL, BOB

EXPIRES_IN_S = 100


class SteppedClock:
    """A server's clock on a machine whose wall clock is set by `step`."""

    def __init__(self) -> None:
        self._steady = ManualClock()
        self._ahead_ms = 0
        self._clock = SystemClock(lambda: self._steady.now() + self._ahead_ms, self._steady.now)
        self.now = self._clock.now
        self.sleep = self._steady.sleep

    def step(self, seconds: int) -> None:
        """Set the wall clock forward, or back."""
        self._ahead_ms += seconds * 1000

    async def passes(self, seconds: int) -> None:
        """Let time pass, second by second, with all that wakes."""
        for _ in range(seconds):
            self._steady.advance(1)
            for _ in range(5):
                await asyncio.sleep(0)


async def asked(clock: SteppedClock) -> Room:
    log = MemoryEventLog(clock=clock)
    room = await load_room(await log.room_for("n.ipynb", clock.now()), "n.ipynb", log, clock)
    ask = p.OpenConfirmation(confirmation_id=p.ConfirmationId("q"), title="Go on?", expires_in_s=EXPIRES_IN_S)
    await room.submit(ask, ALICE, ALL, p.CommandId("c1"))
    return room


@pytest.mark.parametrize("step_s", [600, -600])
async def test_who_decides_in_time_is_heard_though_the_clock_was_set(step_s: int) -> None:
    clock = SteppedClock()
    room = await asked(clock)
    clock.step(step_s)
    await clock.passes(EXPIRES_IN_S * 8 // 10)
    question = room.state.confirmations["q"]
    assert isinstance(question, s.Open)
    decide = p.Decide(confirmation_id=p.ConfirmationId("q"), args_hash=question.args_hash, option="confirm")
    await room.submit(decide, BOB, ALL, p.CommandId("c2"))
    assert isinstance(room.state.confirmations["q"], s.Decided)
    await room.close()


@pytest.mark.parametrize("step_s", [600, -600])
async def test_what_nobody_decides_expires_though_the_clock_was_set(step_s: int) -> None:
    clock = SteppedClock()
    room = await asked(clock)
    clock.step(step_s)
    await clock.passes(EXPIRES_IN_S * 12 // 10)
    assert isinstance(room.state.confirmations["q"], s.Expired)
    await room.close()
