"""All rooms of a server: one for each notebook, loaded when somebody comes, unloaded when nobody is left."""

from __future__ import annotations

import asyncio
from collections import Counter, defaultdict
from collections.abc import Awaitable, Callable

from .. import protocol as p
from ..ports.catalog import Catalog
from ..ports.clock import Clock
from ..ports.store import RoomStore
from ..protocol.errors import Rejected, StoreError, StoreUnavailable
from .loading import DEFAULTS, load_room
from .options import RoomOptions
from .room import Room
from .session.crowd import to_make_place
from .session.rate_limit import RateLimit, RateLimits
from .session.session import Session
from .session.visitor import Host, Transport, Visitor
from .supervisor import Supervisor

Companion = Callable[[Room], Awaitable[Callable[[], Awaitable[None]]]]
"""What lives beside a room while it is loaded, such as the agent's driver; returns how to end it."""

FIND_S = 2.0
"""So long the catalog is asked for a room that is loaded here, which may have moved."""


class Rooms:
    """The rooms by id, and the sessions in each. All methods belong to one event loop."""

    def __init__(
        self,
        log: RoomStore,
        catalog: Catalog,
        clock: Clock,
        *,
        host: Host | None = None,
        companion: Companion | None = None,
        options: RoomOptions = DEFAULTS,
    ) -> None:
        self._log = log
        self._catalog = catalog
        self._clock = clock
        self._companion = companion
        self.options = options
        self.host = host or Host()
        self._rooms: dict[p.RoomId, Room] = {}
        self._ends: dict[p.RoomId, Callable[[], Awaitable[None]]] = {}
        self._locks: defaultdict[p.RoomId, asyncio.Lock] = defaultdict(asyncio.Lock)
        self._sessions: defaultdict[p.RoomId, dict[Session, None]] = defaultdict(dict)
        """As sets in which the first who came is the first."""
        self._holds: Counter[p.RoomId] = Counter()
        self._rates = RateLimits(clock)
        self._supervisor = Supervisor("the rooms", clock)
        self._draining = False

    async def at(self, path: str) -> Room:
        """The loaded room of the notebook with this key. Raises `Rejected` while draining, or `StoreError`.

        While the store is away, a room that is loaded is found all the same, so that people can read and wait there.
        """
        here = next((room for room in self._rooms.values() if room.path == path and not room.is_closed), None)
        finding = self._catalog.room_for(path, self._clock.now())
        try:
            room_id = await (finding if here is None else asyncio.wait_for(finding, FIND_S))
        except (StoreUnavailable, asyncio.TimeoutError):
            if here is None or self._draining:
                raise
            return here
        return await self.load(room_id, path)

    async def load(self, room_id: p.RoomId, path: str) -> Room:
        """The loaded room with this id."""
        async with self._locks[room_id]:
            if self._draining:
                raise Rejected("draining", "The server is stopping.", retry="after")
            room = self._rooms.get(room_id)
            if room is not None and room.is_closed:  # its store was replaced
                await self._end(room_id)
                room = None
            if room is None:
                return await self._load(room_id, path)
            if room.path != path:
                self._moved(room, path)  # by another process on this store
            return room

    async def _load(self, room_id: p.RoomId, path: str) -> Room:
        room = await load_room(room_id, path, self._log, self._clock, self.options)
        self._rooms[room_id] = room
        try:
            if self._companion is not None:
                self._ends[room_id] = await self._companion(room)
        except BaseException:
            await self._end(room_id)
            raise
        self._unload_when_idle(room)
        return room

    def enter(self, room: Room, visitor: Visitor, transport: Transport) -> Session:
        """Begin a session; in a full room, whoever has most connections gives one up to who has fewer.

        Raises `Rejected` with `room_full`.
        """
        here = self._sessions[room.room_id]
        if len(here) >= p.SESSIONS_PER_ROOM:
            gives_way = to_make_place(here, visitor.actor)
            if gives_way is None:
                raise Rejected("room_full", f"At most {p.SESSIONS_PER_ROOM} connections per notebook.", retry="after")
            del here[gives_way]
            gives_way.close(p.CLOSE_ROOM_FULL, "The room is full, and you have the most connections.", "after")
        session = Session(room, visitor, transport, self.rate(room, visitor.actor), self.host)
        here[session] = None
        return session

    def hold(self, room: Room) -> Callable[[], None]:
        """Keep a room loaded without a session; returns how to let go."""
        self._holds[room.room_id] += 1

        def release() -> None:
            self._holds[room.room_id] -= 1
            self._unload_when_idle(room)

        return release

    def leave(self, session: Session) -> None:
        """End a session whose socket is gone; it may have ended before."""
        session.closed()
        here = self._sessions[session.room.room_id]
        here.pop(session, None)
        if not here:
            self._unload_when_idle(session.room)

    def rate(self, room: Room, actor: p.Actor) -> RateLimit:
        """The command rate of one participant in one room, shared by all its connections and requests."""
        return self._rates.of(room.room_id, actor)

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
        """Load the rooms that were in use lately, so that runs go on after a restart without anybody opening them.

        Raises `StoreUnavailable`; what was loaded by then stays.
        """
        known = await self._catalog.rooms()
        # A notebook out of this server's root has no path here: nothing could be done in its room.
        entries = [entry for entry in known if entry.archived_at is None and self.host.shown_path(entry.path)]
        recent = [e for e in entries if e.seq and e.updated_at > self._clock.now() - self.options.resume_within_ms]
        for entry in sorted(recent, key=lambda e: -e.updated_at)[: self.options.resume_rooms]:
            try:
                await self.load(entry.room_id, entry.path)
            except StoreUnavailable:
                raise  # so are the others
            except (StoreError, Rejected):
                continue

    def resume_later(self) -> None:
        """Resume once the store, which was away, is there."""
        self._supervisor.keep("taking up unfinished runs", self.resume)

    def _unload_when_idle(self, room: Room) -> None:
        async def unload() -> None:
            await self._clock.sleep(self.options.grace_s)
            while self._is_deserted(room):
                if room.is_closed or not room.is_needed:
                    await self._unload(room.room_id)
                    return
                await room.wait(lambda _: room.is_closed or not room.is_needed)

        self._supervisor.keep("unloading", unload)

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
        for room_id in list(self._locks):  # those too that are being loaded right now
            for session in tuple(self._sessions[room_id]):
                session.close(p.CLOSE_DRAINING, "The server is stopping; this connection comes back with it.", "after")
            await self._unload(room_id)
        await self._supervisor.close()
