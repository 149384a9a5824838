"""The clock port, and the system's clock."""

from __future__ import annotations

import asyncio
import time
from typing import Protocol


class Clock(Protocol):
    """Where the server's time comes from."""

    def now(self) -> int:
        """The wall-clock time in unix ms."""

    async def sleep(self, seconds: float) -> None:
        """Wait this long; cancellable."""


class SystemClock:
    """The machine's own clock."""

    def now(self) -> int:
        """The wall-clock time in unix ms."""
        return time.time_ns() // 1_000_000

    async def sleep(self, seconds: float) -> None:
        """Wait this long; cancellable."""
        await asyncio.sleep(seconds)


async def sleep_until(clock: Clock, time: int) -> None:
    """Wait until the clock shows this time, in unix ms; cancellable."""
    await clock.sleep(max(0, time - clock.now()) / 1000)
