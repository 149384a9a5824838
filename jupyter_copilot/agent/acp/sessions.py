"""The sessions of all agents of a server: so many at most, and none that is idle for long."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any

from ... import protocol as p
from ...ports.clock import Clock
from ...ports.tasks import Tasks
from .problems import too_many
from .session import Session

Key = tuple[p.RoomId, p.ThreadId, p.AgentId]


class Sessions:
    """One session for each thread and agent, kept while it is of use. All methods belong to one event loop."""

    def __init__(self, clock: Clock, *, most: int = 4, idle_s: float = 600.0) -> None:
        self._clock = clock
        self._most = most
        self._idle_s = idle_s
        self._sessions: dict[Key, Session] = {}
        self._tasks = Tasks()

    async def take(self, key: Key, make: Callable[[], Session]) -> Session:
        """The session of a thread, or a new one that is not begun. Raises `AgentFailed` when too many work already."""
        session = self._sessions.get(key)
        if session is not None and (session.is_alive or session.lock.locked()):
            return session
        others = [(each, other) for each, other in self._sessions.items() if each != key and other.is_alive]
        if len(others) >= self._most:
            idle = [(each, other) for each, other in others if not other.lock.locked()]
            if not idle:
                raise too_many(self._most)
            oldest, other = min(idle, key=lambda pair: pair[1].used_at)
            del self._sessions[oldest]
            await other.end()
        session = self._sessions[key] = make()
        return session

    def rest(self, session: Session) -> None:
        """A session has nothing to do now; it is ended when that stays so."""
        session.used_at = self._clock.now()
        self.spawn(self._end_when_idle(session, session.used_at))

    async def _end_when_idle(self, session: Session, since: int) -> None:
        await self._clock.sleep(self._idle_s)
        if session.used_at == since and not session.lock.locked():
            await session.end()
            for key, other in list(self._sessions.items()):
                if other is session:
                    del self._sessions[key]

    def spawn(self, work: Coroutine[Any, Any, None]) -> None:
        """Do something beside the runs, which `close` ends."""
        self._tasks.spawn(work)

    async def close(self) -> None:
        """End every process."""
        await self._tasks.close()
        sessions, self._sessions = list(self._sessions.values()), {}
        await asyncio.gather(*(session.end() for session in sessions), return_exceptions=True)
