"""The door for agents from outside: who a token stands for, and what becomes of the calls that its guest asks for."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from uuid import uuid4

from msgspec import to_builtins

from ... import protocol as p
from ...core import state as s
from ...core.decide.guests import admitted, agent_id_of, is_answered
from ...core.fingerprints import request_digest
from ...ports.catalog import Catalog
from ...ports.clock import Clock
from ...protocol.errors import Rejected, StoreError
from ...room.registry import Rooms
from .requests import Requests, Visit
from .tokens import fits, named_in

OWED_MS = 10 * 60_000
"""How long a result that nobody fetched is kept for who repeats the call."""
RIGHTS: frozenset[p.Right] = frozenset({"read", "write"})
"""Whatever a guest's scope, its commands are the two that are its own; the scope says which tools it has."""


class Door(Requests):
    """Lets guests in, and follows their requests. All methods belong to one event loop."""

    def __init__(self, rooms: Rooms, catalog: Catalog, clock: Clock) -> None:
        super().__init__(rooms, clock)
        self._catalog = catalog
        self._since = clock.now()
        self._locks: defaultdict[str, asyncio.Lock] = defaultdict(asyncio.Lock)

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
        return Visit(room, guest, self)

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

    def place(self, visit: Visit, request_id: str) -> tuple[s.Run, int] | None:
        """The run of a guest's request, and its step; None for one that is not its own or no longer at hand."""
        found = s.request_of(visit.room.state, request_id)
        is_own = found is not None and found[0].agent_id == agent_id_of(visit.guest.guest_id)
        return found if is_own else None

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
