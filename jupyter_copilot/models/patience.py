"""Patience: a limit to each of many waits, for the price of one timer."""

from __future__ import annotations

import asyncio
import sys
from types import TracebackType

from typing_extensions import Self


class Patience:
    """How long its task may wait for each of the pieces of something, one wait at a time.

    A time limit of its own for each piece would set and put away a timer thousands of times. Here a wait only writes
    down until when it may last, and the timer goes on to the date that stands there when it rings. Between the waits,
    as long as their pieces are worked on, nothing runs out. Belongs to one event loop; `close` puts the timer away.
    """

    def __init__(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._timer: asyncio.TimerHandle | None = None
        self._until = 0.0
        self._waiter: asyncio.Task[object] | None = None
        self._cancelled_before = 0
        self._ran_out = False

    def until(self, date: float) -> Self:
        """Limit the block that is entered with this to a date of the loop's clock; it raises `TimeoutError` then.

        The block is cancelled and has ended when it does. Cancelling its task is not mistaken for a timeout: from
        Python 3.11 on not even in the same turn of the loop.
        """
        self._until = date
        return self

    def close(self) -> None:
        """Put the timer away."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def __enter__(self) -> None:
        self._waiter = asyncio.current_task()
        if sys.version_info >= (3, 11) and self._waiter is not None:
            self._cancelled_before = self._waiter.cancelling()
        if self._timer is None or self._timer.when() > self._until:
            self._set_timer()

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        waiter, self._waiter = self._waiter, None
        if not self._ran_out or waiter is None:
            return
        self._ran_out = False
        is_ours = True
        if sys.version_info >= (3, 11):
            is_ours = waiter.uncancel() <= self._cancelled_before
        if is_ours and isinstance(error, asyncio.CancelledError):
            raise TimeoutError("The wait took too long.") from error

    def _set_timer(self) -> None:
        self.close()
        self._timer = self._loop.call_at(self._until, self._ring)

    def _ring(self) -> None:
        self._timer = None
        if self._waiter is None:
            return
        if self._loop.time() < self._until:
            self._set_timer()
        else:
            self._ran_out = True
            self._waiter.cancel()
