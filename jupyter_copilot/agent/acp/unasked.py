"""Calls that nobody is asked about: those that the agent made by itself, and those that are refused at once."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from ... import protocol as p
from ...core import state as s
from ...core.fingerprints import args_hash
from ...protocol import CallResult
from ..run_context import RunContext
from . import questions
from .own_call import Own
from .own_tools import ADAPTER
from .speech import Speech


class Unasked:
    """Records such calls of one run, honestly as what they are: begun without a decision."""

    def __init__(self, ctx: RunContext, speech: Speech, own_name: Callable[[str], str]) -> None:
        self._ctx = ctx
        self._speech = speech
        self._own_name = own_name
        self._count = 0

    async def begin(self, own: Own) -> None:
        """Record that it began, and how it ended where that is known. Raises `Rejected` when the run is over."""
        call = self._proposed(own, own.call.effect)
        started = p.CallStarted(call_id=call.call_id, exec_id=call.call_id, adapter=ADAPTER)
        await self._speech.tell([call, started, *self._result_of(own)])

    async def refuse(self, own: Own, why: str) -> None:
        """Record one that is not even asked about. Raises `Rejected` when the run is over."""
        call = self._proposed(own, "execute")
        refused = p.CallFinished(call_id=call.call_id, result=CallResult(text=why), is_error=True)
        await self._speech.tell([call, refused])

    def _proposed(self, own: Own, effect: p.Effect) -> p.CallProposed:
        self._count += 1
        own.call_id = self._speech.call_id(self._count)
        tool = self._own_name(own.call.kind)
        return p.CallProposed(
            call_id=own.call_id,
            run_id=self._speech.run_id,
            step=0,
            message_id=p.MessageId(""),
            tool=tool,
            args=questions.bounded(own.call.args),
            effect=effect,
            args_hash=args_hash(tool, own.call.args, {}),
            preview=own.preview(),
        )

    def _result_of(self, own: Own) -> list[p.Event]:
        if not own.call.is_over or own.call_id is None:
            return []
        is_error = own.call.status == "failed"
        return [p.CallFinished(call_id=own.call_id, result=own.call.result(), is_error=is_error)]

    async def end(self, own: Own) -> None:
        """Record what the agent says came of it. Raises `Rejected` when the run is over."""
        if own.done.done():
            return
        own.done.set_result(CallResult(text=""))
        if own.call_id is None:
            await self.begin(own)
        else:
            await self._while_running(own, self._result_of(own))

    async def settle(self, owns: Iterable[Own], text: str, *, is_error: bool = True) -> None:
        """End those that go on, with this result."""
        for own in owns:
            if not own.asks and own.call_id is not None:
                result = CallResult(text=text)
                await self._while_running(own, [p.CallFinished(call_id=own.call_id, result=result, is_error=is_error)])

    async def doubt(self, owns: Iterable[Own], message: str) -> None:
        """Nobody knows how those end that go on."""
        for own in owns:
            if not own.asks and own.call_id is not None:
                await self._while_running(own, [p.CallInDoubt(call_id=own.call_id, message=message)])

    async def _while_running(self, own: Own, events: list[p.Event]) -> None:
        def plan(state: s.RoomState, now: int) -> list[p.Event]:
            return events if isinstance(state.calls.get(own.call_id or ""), s.CallRunning) else []

        await self._ctx.record(plan)
