"""The front end as an executor: a call's operation is offered to the tabs, and exactly one performs it.

`call_offered` → `call_claimed` (the first tab wins) → `call_claimed` with `started`, acknowledged before the tab
begins → `call_reported`. A tab that vanishes before it began is replaced under a higher fence. One that vanishes after
leaves the operation in doubt: nobody else may do it.
"""

from __future__ import annotations

import asyncio
from functools import partial

import msgspec

from ... import protocol as p
from ...core import state as s
from ...ports.clock import sleep_until
from ...ports.notebook import OnOutput, TabView
from ...protocol.errors import InDoubt, NotebookError
from ...room.room import Room
from ..settings import RunSettings


class RoomFrontEnd:
    """The tabs of one room, as the front-end adapter uses them."""

    def __init__(self, room: Room, settings: RunSettings) -> None:
        self._room = room
        self._settings = settings
        self._fences: dict[p.CallId, int] = {}

    def is_open(self, right: p.Right = "write") -> bool:
        """Whether a tab of somebody with this right has the notebook open."""
        return self._room.tabs.is_open(right)

    async def read(self, prefer: str | None, right: p.Right = "write") -> TabView:
        """The notebook as a tab shows it, unsaved changes included. Raises `NotebookError` when no tab answers."""
        return await self._room.tabs.read(prefer, right)

    async def read_others(self, but: str | None) -> list[TabView]:
        """The notebook as other tabs show it than that session's."""
        return await self._room.tabs.read_others(but)

    async def perform(
        self, call_id: str, operation: p.Operation, on_output: OnOutput, prefer: str | None
    ) -> p.OperationReport:
        """Have exactly one tab perform the operation of this call, and return what it reported.

        The tab's output goes from it into the room's records by itself, so `on_output` is not called. Raises `InDoubt`
        when a tab began and vanished, or said nothing that can be read, `NotebookError` when none comes. Cancelling
        withdraws the offer, or tells the tab that has begun to interrupt.
        """
        self._forget_ended_calls()
        id = p.CallId(call_id)
        offer = Offer(self._room, id, operation, self._settings, self._fences.get(id, 0))
        try:
            report = await self._performed(offer, prefer)
        except asyncio.CancelledError:
            await offer.interrupt()
            raise
        finally:
            self._fences[id] = offer.fence
        if report is None:
            raise NotebookError(
                "No browser tab that has the notebook open took this on.",
                hint="Open the notebook in JupyterLab, or ask again.",
            )
        try:
            return p.read_report(operation, report)
        except msgspec.ValidationError as error:
            raise InDoubt(f"What the tab reported cannot be read: {error}.", hint="Reload the tab.") from error

    async def _performed(self, offer: Offer, prefer: str | None) -> p.JsonObject | None:
        """Offer the operation until a tab performed it; None when none began, and none can begin it any more."""
        for attempt in range(self._settings.max_offers):
            # Whoever asked is preferred once; a tab that did not come is not waited for twice.
            report = await offer.made(prefer if attempt == 0 else None)
            if report is not None:
                return report
            if not self.is_open():
                break
        return await offer.taken_back()

    def _forget_ended_calls(self) -> None:
        calls = self._room.state.calls
        self._fences = {id: n for id, n in self._fences.items() if isinstance(calls.get(id), s.CallRunning)}


class Offer:
    """One operation of a call on its way through the tabs; `fence` is the latest one under which it was offered.

    Fences grow through all operations of a call, so that fence 1 means: the first one, offered for the first time.
    """

    def __init__(
        self, room: Room, call_id: p.CallId, operation: p.Operation, settings: RunSettings, fence: int
    ) -> None:
        self.fence = fence
        self._room = room
        self._id = call_id
        self._operation = operation
        self._settings = settings

    async def made(self, prefer: str | None) -> p.JsonObject | None:
        """Offer the operation and wait for its report; None when it lapsed before a tab began.

        Raises `InDoubt` when it lapsed after, or when the call was ended by somebody else.
        """
        await self._room.record(partial(self._offered, prefer), actor=p.SERVER)
        call = self._room.state.calls.get(self._id)
        if not isinstance(call, s.CallRunning) or call.claim is None:
            raise InDoubt("The call was ended before a tab could take it on.")
        self.fence = call.claim.fence
        return await self._ended()

    async def _ended(self) -> p.JsonObject | None:
        await until_reported(self._room, self._id)
        call = self._room.state.calls.get(self._id)
        if not isinstance(call, s.CallRunning):
            raise InDoubt("The call was ended while a tab was at it.")
        if call.report is not None:
            return call.report
        if call.claim is not None and call.claim.started:
            raise InDoubt("The browser tab that was doing this went away.")
        return None

    def _offered(self, prefer: str | None, state: s.RoomState, now: int) -> list[p.Event]:
        call = state.calls.get(self._id)
        if not isinstance(call, s.CallRunning):
            return []
        held = call.claim
        if held is not None and (held.started or held.until > now):
            # A tab that seemed gone came back in time: it keeps what it holds.
            return []
        return [self._offer(held, self._operation, prefer, now)]

    def _offer(self, held: s.Claim | None, operation: p.Operation, prefer: str | None, now: int) -> p.CallOffered:
        return p.CallOffered(
            call_id=self._id,
            fence=max(self.fence, 0 if held is None else held.fence) + 1,
            operation=p.operation_json(operation),
            until=now + round(self._settings.offer_s * 1000),
            prefer=self._room.tabs.client_of(prefer),
        )

    async def taken_back(self) -> p.JsonObject | None:
        """Take the offer back and return None; a tab that began in the last moment is waited for instead."""
        await self._room.record(self._lapsed, actor=p.SERVER)
        return await self._ended()

    def _lapsed(self, state: s.RoomState, now: int) -> list[p.Event]:
        call = state.calls.get(self._id)
        if not isinstance(call, s.CallRunning) or call.claim is None or call.claim.started:
            return []
        return [p.CallLapsed(call_id=self._id, fence=call.claim.fence)]

    async def interrupt(self) -> None:
        """Take the offer back; a tab that has begun is told to interrupt."""
        await self._room.record(self._interrupted, actor=p.SERVER)

    def _interrupted(self, state: s.RoomState, now: int) -> list[p.Event]:
        call = state.calls.get(self._id)
        if isinstance(call, s.CallRunning) and call.claim is not None and call.claim.started:
            return [self._offer(call.claim, p.InterruptKernel(), call.claim.session or call.claim.client_id, now)]
        return self._lapsed(state, now)


async def until_reported(room: Room, call_id: p.CallId) -> None:
    """Return once the call is neither offered to tabs nor held by one: reported, given back, lapsed or ended."""
    while True:
        claim = _claim(room.state, call_id)
        if claim is None:
            return
        if claim.until <= room.clock.now():
            return
        await _until_changed(room, call_id, claim)


async def _until_changed(room: Room, call_id: p.CallId, seen: s.Claim) -> None:
    moved = asyncio.create_task(room.wait(lambda state: _claim(state, call_id) != seen))
    lapse = asyncio.create_task(sleep_until(room.clock, seen.until))
    try:
        await asyncio.wait({moved, lapse}, return_when=asyncio.FIRST_COMPLETED)
    finally:
        moved.cancel()
        lapse.cancel()


def _claim(state: s.RoomState, call_id: p.CallId) -> s.Claim | None:
    call = state.calls.get(call_id)
    return call.claim if isinstance(call, s.CallRunning) else None
