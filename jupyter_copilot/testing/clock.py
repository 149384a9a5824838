"""A clock that stands still until it is told to go on."""

from __future__ import annotations

import asyncio
import heapq
from itertools import count


class ManualClock:
    """Time passes by `advance` alone; sleepers wake in the order of their time."""

    def __init__(self, now: int = 1_700_000_000_000) -> None:
        self._now = now
        self._sleepers: list[tuple[int, int, asyncio.Future[None]]] = []
        self._numbers = count()

    def now(self) -> int:
        """The time that it shows, in unix ms."""
        return self._now

    async def sleep(self, seconds: float) -> None:
        """Wait until the clock was advanced by this much; cancellable."""
        if seconds <= 0:
            return
        sleeper = asyncio.get_running_loop().create_future()
        heapq.heappush(self._sleepers, (self._now + round(seconds * 1000), next(self._numbers), sleeper))
        await sleeper

    def advance(self, seconds: float) -> None:
        """Let time pass, and wake whoever slept until then."""
        self._now += round(seconds * 1000)
        while self._sleepers and self._sleepers[0][0] <= self._now:
            _, _, sleeper = heapq.heappop(self._sleepers)
            if not sleeper.done():
                sleeper.set_result(None)

    def sleeping(self) -> list[float]:
        """How many seconds each sleeper still has to wait, the shortest first."""
        return [(at - self._now) / 1000 for at, _, sleeper in sorted(self._sleepers) if not sleeper.done()]
