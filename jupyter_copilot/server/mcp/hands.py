"""Hands: the notebook's tools, lent to agents of this server. A call with their token is one of the run they answer."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from urllib.parse import quote

from msgspec import to_builtins

from ... import protocol as p
from ...agent.acp.hands import Borrower, Lent
from ...core import state as s
from ...core.decide.guests import is_answered
from ...core.decide.runs import drop_calls
from ...core.fingerprints import request_digest
from ...ports.clock import Clock
from ...protocol.errors import Rejected, StoreError
from ...room.registry import Rooms
from ...room.room import Room
from ..guests.requests import Requests, Visit
from ..guests.tokens import digest_of

PREFIX = "jca_"
_FOR_EVER = 1 << 53


class LentHands:
    """Tokens of agents that run now: kept in memory, as they end with the process that has them."""

    def __init__(
        self,
        rooms: Callable[[], Rooms],
        clock: Clock,
        address: Callable[[], str | None],
        shown_path: Callable[[str], str],
    ) -> None:
        self._clock = clock
        self._address = address
        self._shown_path = shown_path
        self._rooms = rooms
        self._visits: dict[str, Visit] = {}

    def lend(self, room: Room, borrower: Borrower) -> Lent | None:
        """The tools of a room's notebook, until they are given back; None where this server cannot be reached."""
        base, path = self._address(), self._shown_path(room.path)
        if not base or not path:
            return None
        token = PREFIX + secrets.token_urlsafe(32)
        digest = digest_of(token)
        guest = s.Guest(
            guest_id=p.GuestId(digest[:12]),
            name=borrower.name,
            thread_id=p.MAIN_THREAD,
            digest=digest,
            scope="propose",
            expires_at=_FOR_EVER,
            admitted_at=self._clock.now(),
            admitted_by=p.SERVER,
        )
        self._visits[digest] = Visit(room, guest, RunRequests(self._rooms(), self._clock, room, borrower))
        url = f"{base.rstrip('/')}/api/copilot/mcp/{quote(path)}"

        def give_back() -> None:
            self._visits.pop(digest, None)

        return Lent(url, token, give_back)

    def visit(self, token: str | None) -> Visit | None:
        """Who comes with this token; None when it is none of ours, or was given back."""
        return None if token is None or not token.startswith(PREFIX) else self._visits.get(digest_of(token))


class RunRequests(Requests):
    """What an agent asks for while it answers: calls of its run, found again as long as it goes on."""

    def __init__(self, rooms: Rooms, clock: Clock, room: Room, borrower: Borrower) -> None:
        super().__init__(rooms, clock)
        self._room = room
        self._borrower = borrower
        self._places: dict[str, tuple[p.RunId, int]] = {}
        self._digests: dict[str, str] = {}

    async def ask(self, visit: Visit, calls: list[p.RequestedCall]) -> str:
        """Have calls proposed, or find the same ones that are open; the id of the request. Raises `Rejected`."""
        digest = request_digest(to_builtins(calls))
        known = self._digests.get(digest)
        found = None if known is None else self.place(visit, known)
        if known is not None and found is not None and not is_answered(self._room.state, *found):
            return known
        run_id, step = await self._borrower.call(calls)
        request_id = f"{run_id}.{step}"
        self._places[request_id] = run_id, step
        self._digests[digest] = request_id
        return request_id

    def place(self, visit: Visit, request_id: str) -> tuple[s.Run, int] | None:
        """The run and the step of a request, as long as the run is at hand."""
        run_id, step = self._places.get(request_id, (p.RunId(""), 0))
        run = self._room.state.runs.get(run_id)
        return None if run is None else (run, step)

    async def withdraw(self, visit: Visit, request_id: str) -> None:
        """Take a request back, as far as its effect has not begun."""
        run_id, step = self._places.get(request_id, (p.RunId(""), 0))
        reason = f"{visit.guest.name} no longer waits for this."

        def plan(state: s.RoomState, now: int) -> list[p.Event]:
            if not isinstance(state.runs.get(run_id), s.Running):
                return []
            calls = s.step_calls(state, run_id, step)
            ids = {call.call_id for call in calls}
            left = [each for each in s.open_confirmations(state) if each.call_id in ids]
            taken = [p.ConfirmationWithdrawn(confirmation_id=each.confirmation_id, reason=reason) for each in left]
            return [*taken, *drop_calls(calls, reason)]

        try:
            await self._room.record(plan, p.SERVER)
        except (Rejected, StoreError):
            return  # the room is closed, and what was open with it
