"""The SQL of leases; every function runs in the caller's transaction."""

from __future__ import annotations

import sqlite3

from ...ports.leases import Fence
from ..lease import NEVER_TAKEN, Lease


def acquire(connection: sqlite3.Connection, lease: str, owner: str, now: int, ttl_s: float) -> Fence | None:
    """Take the lease under a higher number, or None while another live owner holds it."""
    taken = _find(connection, lease).taken(owner, now, ttl_s)
    if taken is None:
        return None
    connection.execute("INSERT OR REPLACE INTO leases VALUES (?, ?, ?, ?)", (lease, *taken))
    return Fence(lease, taken.number)


def renew(connection: sqlite3.Connection, fence: Fence, owner: str, now: int, ttl_s: float) -> bool:
    """Keep the lease for another while; False when it was lost."""
    until = now + round(ttl_s * 1000)
    update = "UPDATE leases SET until = ? WHERE lease = ? AND number = ? AND owner = ?"
    return connection.execute(update, (until, *fence, owner)).rowcount == 1


def release(connection: sqlite3.Connection, fence: Fence, owner: str) -> None:
    """Give the lease back, if it is still held."""
    update = "UPDATE leases SET owner = NULL, until = 0 WHERE lease = ? AND number = ? AND owner = ?"
    connection.execute(update, (*fence, owner))


def check_fence(connection: sqlite3.Connection, fence: Fence) -> None:
    """Raise `LeaseLost` unless the fence is its lease's latest."""
    _find(connection, fence.lease).check(fence)


def _find(connection: sqlite3.Connection, lease: str) -> Lease:
    row = connection.execute("SELECT number, owner, until FROM leases WHERE lease = ?", (lease,)).fetchone()
    return NEVER_TAKEN if row is None else Lease(*row)
