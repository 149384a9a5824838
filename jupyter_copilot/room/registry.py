"""All rooms of a server: one for each notebook, loaded when somebody comes, unloaded when nobody is left."""

from __future__ import annotations

import asyncio
import contextlib
from collections import Counter, defaultdict, deque
from collections.abc import Awaitable, Callable, Coroutine
from weakref import WeakValueDictionary

from .. import protocol as p
from ..ports.clock import Clock
from ..ports.event_log import Catalog, EventLog
from ..protocol.errors import Rejected, StoreError
from .rate_limit import RateLimit
from .room import Room
from .session import Host, Session, Transport, Visitor

GRACE_S = 60.0
"""How long a room stays loaded after its last session left."""
RESUME_ROOMS = 200
RESUME_WITHIN_MS = 7 * 86_400_000
RECENT_RATES = 1000
"""Rates of those without a session that are remembered: each request with a token alone comes from a new anonymous."""

Companion = Callable[[Room], Awaitable[Callable[[], Awaitable[None]]]]
"""What lives beside a room while it is loaded, such as the agent's runner; returns how to end it."""


class Rooms:
    """The rooms by id, and the sessions in each. All methods belong to one event loop."""

    def __init__(
        self,
        log: EventLog,
        catalog: Catalog,
        clock: Clock,
        *,
        host: Host | None = None,
        companion: Companion | None = None,
    ) -> None:
        self._log = log
        self._catalog = catalog
        self._clock = clock
        self._companion = companion
        self.host = host or Host()
        self._rooms: dict[p.RoomId, Room] = {}
        self._ends: dict[p.RoomId, Callable[[], Awaitable[None]]] = {}
        self._locks: defaultdict[p.RoomId, asyncio.Lock] = defaultdict(asyncio.Lock)
        self._sessions: defaultdict[p.RoomId, set[Session]] = defaultdict(set)
        self._holds: Counter[p.RoomId] = Counter()
        self._rates: WeakValueDictionary[tuple[p.RoomId, str], RateLimit] = WeakValueDictionary()
        self._recent_rates: deque[RateLimit] = deque(maxlen=RECENT_RATES)
        self._tasks: set[asyncio.Task[None]] = set()
        self._draining = False

    async def at(self, path: str) -> Room:
        """The loaded room of the notebook with this key. Raises `Rejected` while draining, or `StoreError`."""
        return await self.load(await self._catalog.room_for(path, self._clock.now()), path)

    async def load(self, room_id: p.RoomId, path: str) -> Room:
        """The loaded room with this id."""
        if self._draining:
            raise Rejected("draining", "The server is stopping.", retry="after")
        async with self._locks[room_id]:
            room = self._rooms.get(room_id)
            if room is not None and room.is_closed:  # its store was replaced
                await self._end(room_id)
                room = None
            if room is None:
                room = await Room.load(room_id, path, self._log, self._clock)
                self._rooms[room_id] = room
                if self._companion is not None:
                    self._ends[room_id] = await self._companion(room)
                self._spawn(self._unload_when_idle(room))
            elif room.path != path:
                self._moved(room, path)  # by another process on this store
            return room

    def enter(self, room: Room, visitor: Visitor, transport: Transport) -> Session:
        """Begin a session. Raises `Rejected` with `room_full`."""
        here = self._sessions[room.room_id]
        if len(here) >= p.SESSIONS_PER_ROOM:
            raise Rejected("room_full", f"At most {p.SESSIONS_PER_ROOM} connections per notebook.", retry="after")
        session = Session(room, visitor, transport, self.rate(room, visitor.actor), self.host)
        here.add(session)
        return session

    def hold(self, room: Room) -> Callable[[], None]:
        """Keep a room loaded without a session; returns how to let go."""
        self._holds[room.room_id] += 1

        def release() -> None:
            self._holds[room.room_id] -= 1
            self._spawn(self._unload_when_idle(room))

        return release

    def leave(self, session: Session) -> None:
        """End a session whose socket is gone; it may have ended before."""
        session.closed()
        here = self._sessions[session.room.room_id]
        here.discard(session)
        if not here and not self._draining:
            self._spawn(self._unload_when_idle(session.room))

    def rate(self, room: Room, actor: p.Actor) -> RateLimit:
        """The command rate of one participant in one room, shared by all its connections and requests."""
        key = (room.room_id, f"{actor.kind}:{actor.id}")
        rate = self._rates.get(key)
        if rate is None:
            rate = self._rates[key] = RateLimit(self._clock)
        self._recent_rates.append(rate)  # sessions hold theirs themselves
        return rate

    def sessions(self) -> list[Session]:
        """Every session of every room."""
        return [session for here in self._sessions.values() for session in here]

    def loaded(self) -> list[Room]:
        """The rooms that are loaded now."""
        return list(self._rooms.values())

    async def moved(self, source: str, target: str) -> None:
        """Notebooks were renamed or moved: their rooms and sessions follow."""
        for room_id in await self._catalog.move(source, target, self._clock.now()):
            room = self._rooms.get(room_id)
            path = await self._catalog.path_of(room_id)
            if room is None or path is None:
                continue
            self._moved(room, path)

    def _moved(self, room: Room, path: str) -> None:
        room.path = path
        for session in self._sessions[room.room_id]:
            session.moved()

    async def deleted(self, path: str) -> None:
        """Notebooks were deleted: their rooms are archived, and those who are there are told."""
        for room_id in await self._catalog.archive(path, self._clock.now()):
            for session in tuple(self._sessions[room_id]):
                session.close(p.CLOSE_NOT_FOUND, "The notebook was deleted.", "never")
            await self._unload(room_id)

    async def resume(self) -> None:
        """Load the rooms that were in use lately, so that runs go on after a restart without anybody opening them."""
        entries = [entry for entry in await self._catalog.rooms() if entry.archived_at is None]
        recent = [e for e in entries if e.seq and e.updated_at > self._clock.now() - RESUME_WITHIN_MS]
        for entry in sorted(recent, key=lambda e: -e.updated_at)[:RESUME_ROOMS]:
            with contextlib.suppress(StoreError, Rejected):
                await self.load(entry.room_id, entry.path)

    async def _unload_when_idle(self, room: Room) -> None:
        await self._clock.sleep(GRACE_S)
        while self._is_deserted(room):
            if room.is_closed or not room.is_busy:
                await self._unload(room.room_id)
                return
            await room.wait(lambda _: room.is_closed or not room.is_busy)

    def _is_deserted(self, room: Room) -> bool:
        held = self._sessions[room.room_id] or self._holds[room.room_id]
        return not held and self._rooms.get(room.room_id) is room

    async def _unload(self, room_id: p.RoomId) -> None:
        async with self._locks[room_id]:
            await self._end(room_id)
            if not self._sessions[room_id]:
                del self._sessions[room_id]

    async def _end(self, room_id: p.RoomId) -> None:
        """End the companion of a loaded room, then the room; who calls has the room's lock."""
        room = self._rooms.pop(room_id, None)
        end = self._ends.pop(room_id, None)
        if end is not None:
            await end()
        if room is not None:
            await room.close()

    async def drain(self) -> None:
        """Close every session with a retryable reason once all commits are done, and unload every room."""
        self._draining = True
        for room_id in list(self._rooms):
            for session in tuple(self._sessions[room_id]):
                session.close(p.CLOSE_DRAINING, "The server is stopping; this connection comes back with it.", "after")
            await self._unload(room_id)
        for task in tuple(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def _spawn(self, work: Coroutine[object, object, None]) -> None:
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
