"""A lease: who may drive, and under which number; the rules for every store."""

from __future__ import annotations

from typing import NamedTuple

from ..ports.leases import Fence
from ..protocol.errors import LeaseLost
from .owner import is_dead


class Lease(NamedTuple):
    """The number last given, to whom, and until when (unix ms); without an owner it was given back."""

    number: int
    owner: str | None
    until: int

    def taken(self, owner: str, now: int, ttl_s: float) -> Lease | None:
        """This lease as `owner` takes it under the next number; None while another live owner holds it."""
        free = self.owner in (None, owner) or self.until <= now or (self.owner is not None and is_dead(self.owner))
        return Lease(self.number + 1, owner, now + round(ttl_s * 1000)) if free else None

    def check(self, fence: Fence) -> None:
        """Raise `LeaseLost` unless the fence is the lease's latest."""
        if self.number != fence.number:
            raise LeaseLost(
                f"The lease {fence.lease} was taken over ({fence.number} is no longer its latest number).",
                hint="Another server drives this now.",
            )


NEVER_TAKEN = Lease(number=0, owner=None, until=0)
