"""Saving a running cell's outputs now and then, so that a crash of the server loses seconds of them, not all."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress

from ..ports.clock import Clock
from ..protocol.errors import NotebookError

SAVE_EVERY_S = 2.0


class PeriodicSave:
    """Calls `save` after a change, at most every `SAVE_EVERY_S` seconds, until it is stopped."""

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
            with suppress(NotebookError):  # the save at the end of the run tells
                await self._save()
            await self._clock.sleep(SAVE_EVERY_S)
