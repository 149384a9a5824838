"""Deltas: small pieces that arrive quickly, recorded together on a tick; the first of a burst at once."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence

from ..core.deltas import Delta, joined
from ..ports.clock import Clock

Record = Callable[[Sequence[Delta]], Awaitable[object]]
READING_TURNS = 5
"""Turns of the loop in which what came during a tick is read at its end: the socket takes two, whoever reads one."""


class Deltas:
    """Collects deltas and hands them to `record` in order, joined where they are neighbours, once per tick.

    Whoever reads them from somewhere calls `pause` after each: what comes between two ticks waits there, and is read in
    one go at the end. Waking up for each of 150 pieces a second costs more than all that is done with them.

    Use it as an async context manager: leaving it stops the ticking and waits for a record that is under way.
    `rest` then holds what was not recorded yet, for the structural event that follows. An error of `record` is raised
    by `rest`, and by `add` from then on.
    """

    def __init__(self, record: Record, clock: Clock, tick_s: float) -> None:
        self._record = record
        self._clock = clock
        self._tick_s = tick_s
        self._waiting: list[Delta] = []
        self._some = asyncio.Event()
        self._may_read = asyncio.Event()
        self._may_read.set()
        self._gathering = False
        self._committing = asyncio.Lock()
        self._error: Exception | None = None
        self._ticking: asyncio.Task[None] | None = None

    async def __aenter__(self) -> Deltas:
        self._ticking = asyncio.create_task(self._tick())
        return self

    async def __aexit__(self, *exc: object) -> None:
        assert self._ticking is not None
        try:
            # Kept for good: nothing may be recorded after this.
            await self._committing.acquire()
        finally:
            self._ticking.cancel()

    def add(self, delta: Delta) -> None:
        """Take a delta; it is recorded within a tick."""
        if self._error is not None:
            raise self._error
        both = joined(self._waiting[-1], delta) if self._waiting else None
        if both is None:
            self._waiting.append(delta)
        else:
            self._waiting[-1] = both
        self._some.set()
        if not self._gathering:
            self._may_read.clear()

    async def pause(self) -> None:
        """Return when the next delta is worth reading: at the end of the tick, right before it is recorded."""
        await self._may_read.wait()

    def rest(self) -> list[Delta]:
        """What was not recorded; it is the caller's from now on."""
        if self._error is not None:
            raise self._error
        rest, self._waiting = self._waiting, []
        return rest

    async def _tick(self) -> None:
        try:
            while True:
                await self._some.wait()
                async with self._committing:
                    self._some.clear()
                    await self._record(self.rest())
                await self._clock.sleep(self._tick_s)
                await self._gather()
        except Exception as error:
            self._error = error
            self._may_read.set()

    async def _gather(self) -> None:
        """Let whoever pauses read what there is; what is not there yet is for the next tick."""
        self._gathering = True
        self._may_read.set()
        for _ in range(READING_TURNS):
            await asyncio.sleep(0)
        self._gathering = False
