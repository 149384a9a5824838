"""Saving a running cell's outputs now and then, so that a crash of the server loses seconds of them, not all."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress

from ..ports.clock import Clock
from ..protocol.errors import NotebookError

SAVE_EVERY_S = 2.0
SAVE_SHARE = 0.05
"""How much of the time may be spent on saving: a large notebook is saved more rarely."""


class PeriodicSave:
    """Calls `save` after a change, every `SAVE_EVERY_S` seconds or, if it is slow, more rarely, until it is stopped."""

    def __init__(self, save: Callable[[], Awaitable[None]], clock: Clock) -> None:
        self._save = save
        self._clock = clock
        self._changed = asyncio.Event()
        self._task = asyncio.create_task(self._run())

    def changed(self) -> None:
        """There is something to save."""
        self._changed.set()

    async def stop(self) -> None:
        """Save no more; what is being saved is waited for or given up."""
        self._task.cancel()
        await asyncio.gather(self._task, return_exceptions=True)

    async def _run(self) -> None:
        while True:
            await self._changed.wait()
            self._changed.clear()
            began = self._clock.now()
            with suppress(NotebookError):  # the save at the end of the run tells
                await self._save()
            took_s = (self._clock.now() - began) / 1000
            await self._clock.sleep(max(SAVE_EVERY_S, took_s / SAVE_SHARE))
