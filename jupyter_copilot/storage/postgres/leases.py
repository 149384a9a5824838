"""The SQL of leases, whose time is the database's, as the clocks of several machines differ."""

from __future__ import annotations

from ...ports.leases import Fence
from ..lease import NEVER_TAKEN, Lease
from .clock import NOW
from .connection import Connection, count


async def acquire(connection: Connection, lease: str, owner: str, now: int | None, ttl_s: float) -> Fence | None:
    """Take the lease under a higher number, or None while another live owner holds it."""
    async with connection.transaction():
        await connection.execute(
            "INSERT INTO copilot.leases VALUES ($1, $2, $3, $4) ON CONFLICT DO NOTHING", lease, *NEVER_TAKEN
        )
        row = await connection.fetchrow(
            f"SELECT number, owner, until, coalesce($2, {NOW}) FROM copilot.leases WHERE lease = $1 FOR UPDATE",
            lease,
            now,
        )
        assert row is not None
        *held, moment = row
        taken = Lease(*held).taken(owner, moment, ttl_s)
        if taken is None:
            return None
        await connection.execute(
            "UPDATE copilot.leases SET number = $2, owner = $3, until = $4 WHERE lease = $1", lease, *taken
        )
    return Fence(lease, taken.number)


async def renew(connection: Connection, fence: Fence, owner: str, now: int | None, ttl_s: float) -> bool:
    """Keep the lease for another while; False when it was lost."""
    updated = await connection.execute(
        f"UPDATE copilot.leases SET until = coalesce($4, {NOW}) + $5 WHERE lease = $1 AND number = $2 AND owner = $3",
        *fence,
        owner,
        now,
        round(ttl_s * 1000),
    )
    return count(updated) == 1


async def release(connection: Connection, fence: Fence, owner: str) -> None:
    """Give the lease back, if it is still held."""
    await connection.execute(
        "UPDATE copilot.leases SET owner = NULL, until = 0 WHERE lease = $1 AND number = $2 AND owner = $3",
        *fence,
        owner,
    )
