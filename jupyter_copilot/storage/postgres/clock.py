"""The database's time, by which records are dated: machines whose own clocks differ agree on it."""

from __future__ import annotations

import logging

from ...ports.clock import Clock
from .connection import Connection

NOW = "floor(extract(epoch FROM clock_timestamp()) * 1000)::bigint"
"""The database's time in unix ms, in SQL."""
SAID_MS = 1_000
"""A machine whose clock is wrong by more is told so in its log."""

_log = logging.getLogger(__name__)


class DatabaseClock:
    """Goes by this machine's clock, put right whenever the database was asked; it never goes back.

    Until it was asked for the first time, it is this machine's.
    """

    def __init__(self, own: Clock) -> None:
        self._own = own
        self._ahead_ms = 0
        self._shown = 0
        self._has_said = False

    def now(self) -> int:
        """The database's time in unix ms, as far as it is known here; never less than before."""
        self._shown = max(self._shown, self._own.now() + self._ahead_ms)
        return self._shown

    async def sleep(self, seconds: float) -> None:
        """Wait this long; cancellable."""
        await self._own.sleep(seconds)

    async def ask(self, connection: Connection) -> None:
        """Put the clock right."""
        before = self._own.now()
        told = int(await connection.fetchval(f"SELECT {NOW}"))
        self._saw(before, told, self._own.now())

    def _saw(self, before: int, told: int, after: int) -> None:
        """The database showed `told` at some moment between two of our own; what agrees with that changes nothing."""
        least, most = told - after, told + 1 - before
        self._ahead_ms = max(least, min(self._ahead_ms, most))
        if abs(self._ahead_ms) > SAID_MS and not self._has_said:
            self._has_said = True
            way = "behind" if self._ahead_ms > 0 else "ahead of"
            _log.warning(
                "This machine's clock is %.1f s %s the database's, by which records are dated. Set it right.",
                abs(self._ahead_ms) / 1000,
                way,
            )
