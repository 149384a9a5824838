"""The leases port: which process may do what only one may do at a time."""

from __future__ import annotations

from typing import NamedTuple, Protocol


class Fence(NamedTuple):
    """A lease by name, and the number under which its holder writes."""

    lease: str
    number: int


class Leases(Protocol):
    """Leases by name; each new holder writes under a higher number. Every method may raise `StoreError`."""

    async def acquire(self, lease: str, owner: str, ttl_s: float) -> Fence | None:
        """Take the lease with a higher number, or None while another live owner holds it.

        A lease held by a process of this machine that no longer exists is taken at once.
        """

    async def renew(self, fence: Fence, owner: str, ttl_s: float) -> bool:
        """Keep the lease; False when it was lost."""

    async def release(self, fence: Fence, owner: str) -> None:
        """Give the lease back, if it is still held."""
