"""Tenure: for how long this process knows, by its own clock, that nobody else may have begun to drive."""

from __future__ import annotations

import logging

from ..ports.clock import Clock
from ..ports.leases import Fence, Leases
from ..protocol.errors import LeaseLost, StoreUnavailable

log = logging.getLogger(__name__)

MARGIN = 0.2
"""The part of a lease that is not made use of: clocks differ in speed, and an effect takes a moment to begin."""
MAX_PAUSE_S = 5.0


class Tenure:
    """A held lease. The fence keeps a former holder out of the log; `assure` keeps it from the notebook, too.

    `asked_at` is our clock's time from before the lease was asked for, so that what is counted from there ends before
    the lease does, however long the answer took.
    """

    def __init__(
        self, leases: Leases, fence: Fence, owner: str, lease_s: float, clock: Clock, asked_at: int
    ) -> None:  # fmt: skip
        self.fence = fence
        self._leases = leases
        self._owner = owner
        self._lease_s = lease_s
        self._clock = clock
        self._asked_at = asked_at

    async def assure(self) -> None:
        """Return once nobody else can have begun to drive; at once, as a rule.

        A process that was stopped, or cannot reach the store, waits here until it has renewed the lease. Raises
        `LeaseLost` when another one took over.
        """
        pause_s = 0.25
        while not self._is_certain():
            try:
                if not await self.renew():
                    raise LeaseLost(
                        f"The lease {self.fence.lease} ran out, and another process took over.",
                        hint="Another server drives this now.",
                    )
                if self._is_certain():
                    return
            except StoreUnavailable as error:
                log.warning("Nothing is begun until the lease %s is renewed: %s", self.fence.lease, error)
            await self._clock.sleep(pause_s)
            pause_s = min(2 * pause_s, MAX_PAUSE_S)

    async def renew(self) -> bool:
        """Keep the lease; False when it is lost. Raises `StoreError`."""
        asked_at = self._clock.now()
        kept = await self._leases.renew(self.fence, self._owner, self._lease_s)
        if kept:
            self._asked_at = asked_at
        return kept

    async def release(self) -> None:
        """Give the lease back, if it is still held. Raises `StoreError`."""
        await self._leases.release(self.fence, self._owner)

    def _is_certain(self) -> bool:
        return self._clock.now() - self._asked_at < self._lease_s * 1000 * (1 - MARGIN)
