"""Whether the database is still the one that it was: a standby that was promoted may have lost what was acknowledged.

Then seqs would be used a second time with other content, which clients that saw the first could not notice. So every
room gets another `log` id: clients come back with a snapshot, nobody diverges, and people are told.
"""

from __future__ import annotations

from typing import NamedTuple

from ...protocol import Problem
from .connection import Connection
from .migrations import LOCK


class Origin(NamedTuple):
    """Which database cluster it is, and the timeline of its log, which a promotion or a restored backup moves on."""

    system: str
    timeline: int


async def read_origin(connection: Connection) -> Origin:
    """The origin now; a server that is a standby has no timeline of its own yet, which is told as 0."""
    row = await connection.fetchrow(
        "SELECT system_identifier::text, CASE WHEN pg_is_in_recovery() THEN 0"
        " ELSE ('x' || substr(pg_walfile_name(pg_current_wal_lsn()), 1, 8))::bit(32)::bigint END"
        " FROM pg_control_system()"
    )
    assert row is not None
    return Origin(*row)


async def settle_origin(connection: Connection, origin: Origin) -> Problem | None:
    """Compare with what was found before; what is new is kept, and every log begins anew if records may be lost."""
    async with connection.transaction():
        await connection.execute("SELECT pg_advisory_xact_lock($1)", LOCK)
        known = await connection.fetchrow("SELECT system, timeline FROM copilot.origin")
        if known is not None and Origin(*known) == origin:
            return None
        await connection.execute("DELETE FROM copilot.origin")
        await connection.execute("INSERT INTO copilot.origin VALUES ($1, $2)", *origin)
        if known is None or await _is_synchronous(connection):
            return None
        await connection.execute("UPDATE copilot.heads SET log = gen_random_uuid()::text")
    return Problem(
        code="store_failed_over",
        message="The copilot's database was replaced by a standby or a backup. Its last records may be missing.",
        hint="Check the newest conversations. With synchronous_standby_names set, nothing acknowledged is lost.",
    )


async def _is_synchronous(connection: Connection) -> bool:
    return bool(await connection.fetchval("SHOW synchronous_standby_names"))
