"""What PostgreSQL and the network report, told to people: what happened, and what to do about it."""

from __future__ import annotations

import asyncio

import asyncpg

from ...protocol.errors import StoreCorrupt, StoreError, StoreUnavailable

_HINTS: tuple[tuple[type[Exception] | tuple[type[Exception], ...], str, str], ...] = (
    (
        (asyncpg.InvalidPasswordError, asyncpg.InvalidAuthorizationSpecificationError),
        "It does not let us in",
        "Check the user and the password file in the store's address.",
    ),
    (asyncpg.InvalidCatalogNameError, "There is no such database", "Create it, or correct the store's address."),
    (
        asyncpg.InsufficientPrivilegeError,
        "Our role may not do that",
        "Let a role that owns the schema run `jupyter copilot store migrate`, and grant ours its use.",
    ),
    (asyncpg.TooManyConnectionsError, "It has no connection left", "Raise its max_connections, or use a pooler."),
    (asyncpg.DiskFullError, "Its disk is full", "Free some space there; nothing acknowledged was lost."),
    (
        asyncpg.ReadOnlySQLTransactionError,
        "It takes no writes; it may be a standby",
        "Point the store's address at the primary.",
    ),
)
_DAMAGE = (asyncpg.DataCorruptedError, asyncpg.IndexCorruptedError, asyncpg.IntegrityConstraintViolationError)
_AWAY = (
    OSError,
    asyncio.TimeoutError,
    asyncpg.InterfaceError,
    asyncpg.InternalClientError,
    asyncpg.PostgresConnectionError,
    asyncpg.OperatorInterventionError,
)
"""The connection broke, or the server ends: what was under way may have taken effect or not."""


def is_away(error: BaseException) -> bool:
    """Whether nobody knows if the statement took effect; it may be asked again."""
    return isinstance(error, _AWAY)


def explain(error: BaseException, name: str) -> StoreError | None:
    """The `StoreError` that tells people what an error means, or None when it is not one of the store's."""
    if isinstance(error, StoreError):
        return error
    for kind, what, hint in _HINTS:
        if isinstance(error, kind):
            return StoreUnavailable(f"The copilot's store {name} cannot be used. {what}.", hint=hint)
    if isinstance(error, _DAMAGE):
        return StoreCorrupt(f"The copilot's store {name} contradicts itself: {error}.", hint=_DOCTOR)
    if is_away(error):
        return StoreUnavailable(
            f"The copilot's store {name} cannot be reached.",
            hint="What is sent now is sent again by itself once it is back; nothing acknowledged was lost.",
        )
    if isinstance(error, asyncpg.PostgresError):
        return StoreUnavailable(f"The copilot's store {name} cannot be used. PostgreSQL says: {error}.", hint=_DOCTOR)
    return None


_DOCTOR = "`jupyter copilot doctor` checks the store."
