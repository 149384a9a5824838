"""Timers of a command queue, on the clock of its client."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from ..ports.clock import Clock


class ClockTimers:
    """Calls back after a while, on the running loop."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._waiting: set[asyncio.Task[None]] = set()

    def now(self) -> int:
        """The time in unix ms."""
        return self._clock.now()

    def after(self, ms: float, callback: Callable[[], None]) -> Callable[[], None]:
        """Call back once after so many ms, unless the returned function is called before."""
        task = asyncio.create_task(self._later(ms / 1000, callback))
        self._waiting.add(task)
        task.add_done_callback(self._waiting.discard)

        def cancel() -> None:
            task.cancel()

        return cancel

    def close(self) -> None:
        """Call back no more."""
        for task in self._waiting:
            task.cancel()

    async def _later(self, seconds: float, callback: Callable[[], None]) -> None:
        await self._clock.sleep(seconds)
        callback()
