"""The clock port, and the system's clock."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from typing import Protocol

Ticks = Callable[[], int]

SLEW = 0.1
"""By how much of the time that passes a clock is put right, at most."""

LEAP_MS = 3_600_000
"""A wall clock that is ahead by more was right all the time: the machine, or its steady clock, stood still."""


def _wall_ms() -> int:
    return time.time_ns() // 1_000_000


def _steady_ms() -> int:
    """The time since the machine started, which nobody sets; Linux's own `monotonic` stands still in suspension."""
    boottime: int | None = getattr(time, "CLOCK_BOOTTIME", None)
    ns = time.monotonic_ns() if boottime is None else time.clock_gettime_ns(boottime)
    return ns // 1_000_000


class Clock(Protocol):
    """Where the server's time comes from."""

    def now(self) -> int:
        """The wall-clock time in unix ms."""

    async def sleep(self, seconds: float) -> None:
        """Wait this long; cancellable."""


class SystemClock:
    """The wall clock without its jumps: it never goes back, and a step of the machine's clock is made up for slowly.

    Between two looks it goes on by the time since boot (suspension included, where the system tells) and at most
    `SLEW` faster or slower, until it shows the machine's wall time again. So a step of minutes in either direction
    neither expires what people were given time for, nor leaves it open. Only when the wall clock is ahead by more than
    `LEAP_MS`, as after a virtual machine was stopped, is it taken over at once.
    """

    def __init__(self, wall_ms: Ticks = _wall_ms, steady_ms: Ticks = _steady_ms) -> None:
        self._wall_ms = wall_ms
        self._steady_ms = steady_ms
        self._looked_at = steady_ms()
        self._shown = float(wall_ms())

    def now(self) -> int:
        """The wall-clock time in unix ms; never less than before."""
        steady, wall = self._steady_ms(), self._wall_ms()
        passed, self._looked_at = max(0, steady - self._looked_at), steady
        behind = wall - (self._shown + passed)
        slewed = max(-SLEW * passed, min(SLEW * passed, behind))
        self._shown += passed + (behind if behind > LEAP_MS else slewed)
        return int(self._shown)

    async def sleep(self, seconds: float) -> None:
        """Wait this long; cancellable."""
        await asyncio.sleep(seconds)


async def sleep_until(clock: Clock, time: int) -> None:
    """Wait until the clock shows this time, in unix ms; cancellable."""
    await clock.sleep(max(0, time - clock.now()) / 1000)
