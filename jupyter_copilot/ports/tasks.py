"""Tasks that run beside whoever began them."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from typing import Any


class Tasks:
    """Holds tasks until they end: asyncio lets go of a task that nobody holds. All methods belong to one event loop."""

    def __init__(self) -> None:
        self._running: set[asyncio.Task[None]] = set()

    def __len__(self) -> int:
        """How many have not ended."""
        return len(self._running)

    def spawn(self, work: Coroutine[Any, Any, None], name: str | None = None) -> asyncio.Task[None]:
        """Begin a task."""
        task = asyncio.create_task(work, name=name)
        self._running.add(task)
        task.add_done_callback(self._running.discard)
        return task

    def cancel(self) -> list[asyncio.Task[None]]:
        """Cancel all but the task that asks for it, without waiting; returns those that are about to end."""
        tasks = [task for task in self._running if task is not asyncio.current_task()]
        for task in tasks:
            task.cancel()
        return tasks

    async def close(self) -> None:
        """Cancel all but the task that asks for it, and wait until they have ended."""
        await asyncio.gather(*self.cancel(), return_exceptions=True)

    async def wait(self) -> None:
        """Wait until those that run now have ended."""
        await asyncio.gather(*self._running, return_exceptions=True)
