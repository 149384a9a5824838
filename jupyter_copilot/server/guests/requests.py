"""Following requests for calls to their end, for clients that come, wait, repeat themselves, and go away."""

from __future__ import annotations

import asyncio
from abc import ABC, abstractmethod
from collections import Counter, OrderedDict, defaultdict
from collections.abc import Callable

from msgspec import Struct

from ... import protocol as p
from ...core import state as s
from ...core.decide.guests import is_answered
from ...ports.clock import Clock
from ...ports.tasks import Tasks
from ...room.registry import Rooms
from ...room.room import Room

GRACE_S = 5.0
"""How long a request waits for a client that went away: one that repeats its call finds it again."""
MOST_REMEMBERED = 1000


class Visit(Struct, frozen=True):
    """An agent in the room that it was let into, and what follows its requests."""

    room: Room
    guest: s.Guest
    requests: Requests

    @property
    def actor(self) -> p.Actor:
        """The author of the guest's records."""
        return s.guest_actor(self.guest)


class Requests(ABC):
    """Takes requests for calls, and follows them. All methods belong to one event loop."""

    def __init__(self, rooms: Rooms, clock: Clock) -> None:
        self._rooms = rooms
        self._clock = clock
        self._waiting: Counter[str] = Counter()
        self._clients: defaultdict[tuple[str, object], list[Callable[[], None]]] = defaultdict(list)
        self._told: OrderedDict[str, None] = OrderedDict()
        self._tasks = Tasks()

    @abstractmethod
    async def ask(self, visit: Visit, calls: list[p.RequestedCall]) -> str:
        """Ask for calls, or find the same request again; returns its id. Raises `Rejected`."""

    @abstractmethod
    def place(self, visit: Visit, request_id: str) -> tuple[s.Run, int] | None:
        """The run of a visitor's request, and its step; None for one that is not theirs or no longer at hand."""

    @abstractmethod
    async def withdraw(self, visit: Visit, request_id: str) -> None:
        """Take a request back, as far as its effect has not begun; harmless when it is over."""

    def calls(self, visit: Visit, request_id: str) -> list[s.Call] | None:
        """The calls of a request of this visitor, None when it made no such request or it is no longer at hand."""
        found = self.place(visit, request_id)
        return None if found is None else s.step_calls(visit.room.state, found[0].run_id, found[1])

    async def wait(self, visit: Visit, request_id: str, seconds: float) -> bool:
        """Wait until nothing is left to happen to a request, at most so long; whether that is so."""

        def is_over(state: s.RoomState) -> bool:
            found = self.place(visit, request_id)
            return found is None or is_answered(state, *found)

        release = self._rooms.hold(visit.room)
        waiting = asyncio.create_task(visit.room.wait(is_over))
        alarm = asyncio.create_task(self._clock.sleep(seconds))
        try:
            await asyncio.wait({waiting, alarm}, return_when=asyncio.FIRST_COMPLETED)
            return is_over(visit.room.state)
        finally:
            waiting.cancel()
            alarm.cancel()
            release()

    def told(self, request_id: str) -> None:
        """The result of a request was handed over: the same call is another one from now on."""
        self._told[request_id] = None
        while len(self._told) > MOST_REMEMBERED:
            self._told.popitem(last=False)

    # Clients that come and go

    def attend(
        self, visit: Visit, request_id: str, client_ref: str | int | None, go: Callable[[], None]
    ) -> Callable[[bool], None]:
        """A client waits for a request, which it calls `client_ref`; `go` is called when it says that it need not.

        Returns how it stops, and whether it went away without a result.
        """
        self._waiting[request_id] += 1
        ref = (visit.guest.guest_id, client_ref)
        self._clients[ref].append(go)

        def leave(gone: bool) -> None:
            self._clients[ref].remove(go)
            if not self._clients[ref]:
                del self._clients[ref]
            self._waiting[request_id] -= 1
            if self._waiting[request_id] <= 0:
                del self._waiting[request_id]
                if gone:
                    self._tasks.spawn(self._withdraw_deserted(visit, request_id))

        return leave

    def cancelled(self, visit: Visit, client_ref: object) -> None:
        """A client says that it no longer waits for what it calls so; nothing when two clients call theirs the same."""
        clients = self._clients.get((visit.guest.guest_id, client_ref), [])
        if len(clients) == 1:
            clients[0]()

    async def _withdraw_deserted(self, visit: Visit, request_id: str) -> None:
        await self._clock.sleep(GRACE_S)
        if not self._waiting[request_id]:
            await self.withdraw(visit, request_id)

    async def close(self) -> None:
        """Let go of what waits for clients that went away."""
        await self._tasks.close()
