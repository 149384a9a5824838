"""The rate of commands that one participant may give."""

from __future__ import annotations

from collections import deque
from weakref import WeakValueDictionary

from ... import protocol as p
from ...ports.clock import Clock
from ...protocol.errors import Rejected

BYTES_PER_S = 1 << 20
BYTE_BURST = 16 << 20
RECENT_RATES = 1000
"""Rates of those without a session that are remembered: each request with a token alone comes from a new anonymous."""


class RateLimit:
    """Two token buckets, of commands and of their bytes: so many at once, and so many a second in the long run.

    A clock that was set back takes nothing away.
    """

    def __init__(self, clock: Clock, per_s: float = p.COMMANDS_PER_S, burst: float = p.COMMAND_BURST) -> None:
        self._clock = clock
        self._per_s = per_s
        self._burst = burst
        self._left = burst
        self._bytes_left = float(BYTE_BURST)
        self._at = clock.now()

    def spend(self, amount: float) -> None:
        """Take from the bucket. Raises `Rejected` with `rate_limited` when too little is left."""
        self._refill()
        if self._left < amount:
            wait_ms = round((amount - self._left) / self._per_s * 1000)
            raise Rejected(
                "rate_limited",
                f"At most {self._per_s:g} commands per second.",
                retry="after",
                details={"retry_after_ms": wait_ms},
                hint="Wait a moment; nothing was lost that you can resend.",
            )
        self._left -= amount

    def spend_bytes(self, size: int) -> None:
        """Take a command's bytes. Raises `Rejected` with `rate_limited` when they are too many for now."""
        self._refill()
        if self._bytes_left < size:
            raise Rejected(
                "rate_limited",
                f"At most {BYTES_PER_S >> 20} MB per second.",
                retry="after",
                details={"retry_after_ms": round((size - self._bytes_left) / BYTES_PER_S * 1000)},
                hint="Wait a moment; nothing was lost that you can resend.",
            )
        self._bytes_left -= size

    def _refill(self) -> None:
        now = self._clock.now()
        passed_s, self._at = max(0, now - self._at) / 1000, now
        self._left = min(self._burst, self._left + passed_s * self._per_s)
        self._bytes_left = min(BYTE_BURST, self._bytes_left + passed_s * BYTES_PER_S)


class RateLimits:
    """The rate of each participant in each room, kept while a session holds it or it was asked for lately."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._rates: WeakValueDictionary[tuple[p.RoomId, str], RateLimit] = WeakValueDictionary()
        self._recent: deque[RateLimit] = deque(maxlen=RECENT_RATES)

    def of(self, room_id: p.RoomId, actor: p.Actor) -> RateLimit:
        """The rate of one participant in one room, shared by all its connections and requests."""
        key = (room_id, f"{actor.kind}:{actor.id}")
        rate = self._rates.get(key)
        if rate is None:
            rate = self._rates[key] = RateLimit(self._clock)
        self._recent.append(rate)  # sessions hold theirs themselves
        return rate
