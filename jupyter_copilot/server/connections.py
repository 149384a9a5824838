"""Who is connected, and the check that each of them still may be."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass

from jupyter_server.base.handlers import JupyterHandler

from .. import protocol as p
from ..ports.clock import Clock
from ..room.session.session import Session
from ..room.session.visitor import Visitor

LOOKUP_S = 10.0
"""A lookup that takes longer counts as failed: one that hangs must not keep the others from being checked."""

LOOKUPS_AT_ONCE = 100

Judge = Callable[[Visitor | None], bool]
"""Given who is behind a connection now, or None for nobody any more: cuts it off where it must be; whether it did."""

LookUp = Callable[[JupyterHandler], Awaitable[Visitor | None]]
"""Who is behind an open connection now, or None for nobody; raises what an identity provider raises."""


@dataclass(eq=False)
class _Connection:
    handler: JupyterHandler
    judge: Judge
    cut: Callable[[], object]
    """Cuts it off when nobody can say any more who is behind it."""
    failing_since: int | None = None


class Connections:
    """The open sockets and streams of people, each checked by itself.

    A lookup that fails ends nothing at once: identity services restart. After `grace_s` of nothing but failures the
    connection is cut off. Each failure is handed to `on_problem`.
    """

    def __init__(
        self, look_up: LookUp, clock: Clock, grace_s: float, on_problem: Callable[[Exception], object]
    ) -> None:
        self._look_up = look_up
        self._clock = clock
        self._grace_s = grace_s
        self._on_problem = on_problem
        self._sessions: dict[Session, _Connection] = {}
        self._streams: set[_Connection] = set()

    def connected(self, handler: JupyterHandler, session: Session) -> None:
        """A person's socket is open: it is checked from time to time."""
        self._sessions[session] = _Connection(handler, _judge_of(session), lambda: self._cut(session))

    def disconnected(self, session: Session) -> None:
        """A socket is closed."""
        self._sessions.pop(session, None)

    @contextlib.contextmanager
    def streaming(self, handler: JupyterHandler, end: Callable[[], object]) -> Iterator[None]:
        """A stream of records is open: it is checked from time to time, and `end` cuts it off."""

        def judge(visitor: Visitor | None) -> bool:
            if visitor is not None and "read" in visitor.rights:
                return False
            end()
            return True

        stream = _Connection(handler, judge, end)
        self._streams.add(stream)
        try:
            yield
        finally:
            self._streams.discard(stream)

    async def recheck(self) -> int:
        """Ask for everybody's identity and rights again, and cut off whose differ; returns how many were."""
        turn = asyncio.Semaphore(LOOKUPS_AT_ONCE)

        async def checked(connection: _Connection) -> bool:
            async with turn:
                return await self._check(connection)

        return sum(await asyncio.gather(*map(checked, [*self._streams, *self._sessions.values()])))

    async def _check(self, connection: _Connection) -> bool:
        try:
            visitor = await asyncio.wait_for(self._look_up(connection.handler), LOOKUP_S)
        except Exception as error:
            self._on_problem(error)
            return self._failed(connection)
        connection.failing_since = None
        return connection.judge(visitor)

    def _failed(self, connection: _Connection) -> bool:
        now = self._clock.now()
        if connection.failing_since is None:
            connection.failing_since = now
        if now - connection.failing_since < self._grace_s * 1000:
            return False
        connection.cut()
        return True

    def _cut(self, session: Session) -> None:
        for_s = f"{self._grace_s:g} seconds"
        session.close(p.CLOSE_REAUTH, f"Who you are could not be checked for {for_s}. Sign in again.", "reauth")


def _judge_of(session: Session) -> Judge:
    def judge(visitor: Visitor | None) -> bool:
        if visitor is None or visitor.actor.id != session.actor.id:
            session.close(p.CLOSE_REAUTH, "You are signed out, or may no longer use this server.", "reauth")
        elif "read" not in visitor.rights:
            session.close(p.CLOSE_FORBIDDEN, "You may no longer see this notebook's copilot.", "never")
        elif visitor.rights != session.visitor.rights:
            session.close(p.CLOSE_DRAINING, "What you may do here has changed.", "after")
        else:
            return False
        return True

    return judge
