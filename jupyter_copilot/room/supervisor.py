"""Background tasks under supervision: a failure is logged and the task goes on; none ends in silence."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Coroutine
from typing import Any

from ..ports.clock import Clock
from ..ports.tasks import Tasks
from ..protocol.errors import CopilotError

log = logging.getLogger(__name__)

FIRST_PAUSE_S = 0.25
LONGEST_PAUSE_S = 30.0

Begin = Callable[[], Coroutine[Any, Any, None]]
Cancel = Callable[[], object]


class Supervisor:
    """The background tasks of `owner`, which the log names; once `is_over` says so, a failure is nobody's news."""

    def __init__(self, owner: str, clock: Clock, is_over: Callable[[], bool] = lambda: False) -> None:
        self._owner = owner
        self._clock = clock
        self._is_over = is_over
        self._tasks = Tasks()
        self._closed = False

    def once(self, what: str, begin: Begin) -> Cancel:
        """Begin a task; a failure is logged, and that was it. Returns how to cancel it."""
        return self._spawn(what, self._once(what, begin))

    def keep(self, what: str, begin: Begin) -> Cancel:
        """Begin a task, and begin it again whenever it fails, after a pause that grows, until it returns.

        Returns how to cancel it.
        """
        return self._spawn(what, self._keep(what, begin))

    async def close(self) -> None:
        """Cancel what runs and wait for its end; what is begun later does not run at all."""
        await asyncio.gather(*self.cancel(), return_exceptions=True)

    def cancel(self) -> list[asyncio.Task[None]]:
        """As `close`, without waiting: the tasks that are about to end."""
        self._closed = True
        return self._tasks.cancel()

    def _spawn(self, what: str, work: Coroutine[Any, Any, None]) -> Cancel:
        if self._closed:
            work.close()
            return lambda: None
        return self._tasks.spawn(work, f"{what} of {self._owner}").cancel

    async def _once(self, what: str, begin: Begin) -> None:
        try:
            await begin()
        except Exception as error:
            self._tell(what, error)

    async def _keep(self, what: str, begin: Begin) -> None:
        pause_s = FIRST_PAUSE_S
        while not self._is_over():
            began = self._clock.now()
            try:
                await begin()
                return
            except Exception as error:
                self._tell(what, error)
            if self._clock.now() - began > LONGEST_PAUSE_S * 1000:  # it had gone well for a while
                pause_s = FIRST_PAUSE_S
            await self._clock.sleep(pause_s)
            pause_s = min(pause_s * 2, LONGEST_PAUSE_S)

    def _tell(self, what: str, error: Exception) -> None:
        if self._is_over():
            return
        if isinstance(error, CopilotError):
            log.warning("jupyter-collaborative-copilot: %s of %s: %s", what, self._owner, error)
        else:
            log.error("jupyter-collaborative-copilot: %s of %s failed", what, self._owner, exc_info=error)
