"""Passes: tokens of agents that start from no notebook. Each may do no more than the person who made it.

Jupyter's authorizer is asked about that person at each call, so a pass cannot outlive the server that knows them.
"""

from __future__ import annotations

import hmac
import re
import secrets
from typing import Any

from msgspec import Struct

from ... import protocol as p
from ...ports.clock import Clock
from ...protocol.errors import Rejected
from .tokens import PREFIX, digest_of

MOST = 50
_TOKEN = re.compile(rf"{PREFIX}pass\.([0-9a-f]{{12}})\.[A-Za-z0-9_-]{{40,80}}")


class Pass(Struct, kw_only=True):
    """Whose token it is, what its guests are called and may do, and which guest it is in which room."""

    pass_id: str
    name: str
    scope: p.GuestScope
    digest: str
    user: Any
    actor: p.Actor
    expires_at: int
    guests: dict[p.RoomId, p.GuestId]
    used_at: int | None = None


class Passes:
    """The passes of this server, in memory."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._passes: dict[str, Pass] = {}

    def all(self) -> list[Pass]:
        """Those that still hold."""
        now = self._clock.now()
        self._passes = {id: each for id, each in self._passes.items() if each.expires_at > now}
        return list(self._passes.values())

    def make(self, name: str, scope: p.GuestScope, user: Any, actor: p.Actor, for_s: float) -> tuple[Pass, str]:
        """A new pass of this person, and its token, which is told once. Raises `Rejected`."""
        if len(self.all()) >= MOST:
            raise Rejected("limit_reached", f"There are {MOST} passes already.", hint="Revoke one first.")
        pass_id = secrets.token_hex(6)
        token = f"{PREFIX}pass.{pass_id}.{secrets.token_urlsafe(32)}"
        made = Pass(
            pass_id=pass_id,
            name=name,
            scope=scope,
            digest=digest_of(token),
            user=user,
            actor=actor,
            expires_at=self._clock.now() + round(for_s * 1000),
            guests={},
        )
        self._passes[pass_id] = made
        return made, token

    def find(self, token: str | None) -> Pass | None:
        """The pass with this token, or None when it is void."""
        named = _TOKEN.fullmatch(token) if token else None
        found = self._passes.get(named[1]) if named is not None else None
        if token is None or found is None or not hmac.compare_digest(digest_of(token), found.digest):
            return None
        if found.expires_at <= self._clock.now():
            return None
        found.used_at = self._clock.now()
        return found

    def revoke(self, pass_id: str) -> Pass:
        """End a pass at once. Raises `Rejected` when there is none with this id."""
        found = self._passes.pop(pass_id, None)
        if found is None:
            raise Rejected("not_found", "There is no such pass here.")
        return found
