"""The door for agents from outside: who a token stands for, and what becomes of the calls that its guest asks for."""

from __future__ import annotations

import asyncio
from collections import Counter, OrderedDict, defaultdict
from collections.abc import Callable, Coroutine
from typing import Any
from uuid import uuid4

from msgspec import Struct, to_builtins

from ... import protocol as p
from ...core import state as s
from ...core.decide.guests import admitted, agent_id_of, is_answered
from ...core.fingerprints import request_digest
from ...ports.catalog import Catalog
from ...ports.clock import Clock
from ...protocol.errors import Rejected, StoreError
from ...room.registry import Rooms
from ...room.room import Room
from .tokens import fits, named_in

GRACE_S = 5.0
"""How long a request waits for a client that went away: one that repeats its call finds it again."""
OWED_MS = 10 * 60_000
"""How long a result that nobody fetched is kept for who repeats the call."""
MOST_REMEMBERED = 1000
RIGHTS: frozenset[p.Right] = frozenset({"read", "write"})
"""Whatever a guest's scope, its commands are the two that are its own; the scope says which tools it has."""


class Visit(Struct, frozen=True):
    """A guest in the room that let it in."""

    room: Room
    guest: s.Guest

    @property
    def actor(self) -> p.Actor:
        """The author of the guest's records."""
        return s.guest_actor(self.guest)


class Door:
    """Lets guests in, and follows their requests. All methods belong to one event loop."""

    def __init__(self, rooms: Rooms, catalog: Catalog, clock: Clock) -> None:
        self._rooms = rooms
        self._catalog = catalog
        self._clock = clock
        self._since = clock.now()
        self._locks: defaultdict[str, asyncio.Lock] = defaultdict(asyncio.Lock)
        self._waiting: Counter[str] = Counter()
        self._clients: defaultdict[tuple[str, object], list[Callable[[], None]]] = defaultdict(list)
        self._told: OrderedDict[str, None] = OrderedDict()
        self._tasks: set[asyncio.Task[None]] = set()

    async def admit(self, token: str | None) -> Visit | None:
        """The guest with this token in its room, or None when the token is void. Raises `StoreError`, `Rejected`.

        Nothing is made and no notebook is looked for: a token names its room, and only rooms that are there are loaded.
        """
        named = named_in(token) if token else None
        if named is None or token is None:
            return None
        path = await self._catalog.path_of(named.room_id)
        if path is None:
            return None
        room = await self._rooms.load(named.room_id, path)
        guest = room.state.guests.get(named.guest_id)
        if guest is None or not fits(token, guest.digest) or guest.expires_at <= self._clock.now():
            return None
        return Visit(room, guest)

    async def ask(self, visit: Visit, calls: list[p.RequestedCall]) -> str:
        """Ask for calls, or find the same request again that is open or whose result nobody fetched; returns its id.

        Raises `Rejected`.
        """
        digest = request_digest(to_builtins(calls))
        async with self._locks[visit.guest.guest_id]:
            known = self._same(visit, digest)
            if known is not None:
                return known
            request_id = f"{visit.guest.guest_id}.{uuid4().hex}"
            command = p.RequestCalls(request_id=request_id, calls=calls)
            self._rooms.rate(visit.room, visit.actor).spend(1)
            self._rooms.rate(visit.room, visit.actor).spend_bytes(len(p.encode(command)))
            await visit.room.submit(command, visit.actor, RIGHTS, p.CommandId(request_id))
            return request_id

    def _same(self, visit: Visit, digest: str) -> str | None:
        state = visit.room.state
        for run in reversed(state.runs.values()):
            if run.agent_id != agent_id_of(visit.guest.guest_id):
                continue
            for step in range(len(run.requests), 0, -1):
                request = run.requests[step - 1]
                if request.digest == digest and self._goes_on(state, run, step, request):
                    return request.request_id
        return None

    def _goes_on(self, state: s.RoomState, run: s.Run, step: int, request: s.GuestRequest) -> bool:
        """Whether a repeated call attaches to this request instead of being asked for again."""
        if request.request_id in self._told:
            return False
        if not is_answered(state, run, step):
            return True
        calls = s.step_calls(state, run.run_id, step)
        ended = max((call.finished_at for call in calls if isinstance(call, s.CallDone)), default=0)
        acts = any(call.effect != "read" for call in calls)
        return acts and max(self._since, self._clock.now() - OWED_MS) <= ended

    async def wait(self, visit: Visit, request_id: str, seconds: float) -> bool:
        """Wait until nothing is left to happen to a request, at most so long; whether that is so."""

        def is_over(state: s.RoomState) -> bool:
            found = s.request_of(state, request_id)
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

    def calls(self, visit: Visit, request_id: str) -> list[s.Call] | None:
        """The calls of a request of this guest, None when it made no such request or it is no longer at hand."""
        found = s.request_of(visit.room.state, request_id)
        if found is None or found[0].agent_id != agent_id_of(visit.guest.guest_id):
            return None
        return s.step_calls(visit.room.state, found[0].run_id, found[1])

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
                    self._spawn(self._withdraw_deserted(visit, request_id))

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

    async def withdraw(self, visit: Visit, request_id: str) -> None:
        """Take a request back, as far as its effect has not begun; harmless when it is over."""
        state = visit.room.state
        found = s.request_of(state, request_id)
        if found is None or is_answered(state, *found):
            return
        begun = any(isinstance(call, s.CallRunning) for call in s.step_calls(state, found[0].run_id, found[1]))
        command = p.WithdrawRequest(request_id=request_id)
        try:
            admitted(state, visit.guest.guest_id, self._clock.now())
            await visit.room.submit(command, visit.actor, RIGHTS, p.CommandId(f"{request_id}.withdrawn"))
        except (Rejected, StoreError):
            return  # the run or the guest is over, and what was open with it
        if not begun:
            self.told(request_id)

    def _spawn(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def close(self) -> None:
        """Let go of what waits for clients that went away."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
