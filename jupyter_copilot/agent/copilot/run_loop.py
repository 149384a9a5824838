"""The loop: look at the state, make the next move, until the run is over."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Container, Sequence
from functools import partial

from ... import protocol as p
from ...core import state as s
from ...core.decide import failed_run
from ...ports.clock import sleep_until
from ...protocol.errors import Rejected, StoreError
from ..calls.proposals import withdrawn
from ..calls.revision import Revisions
from ..calls.siblings import closed_by, why_closed
from ..calls.tool_calls import Calls
from ..run_context import RunContext
from ..settings import RunSettings
from .budgeting import AskForMore, Refused, Waits, before_the_model
from .planner import AskModel, Close, End, Leave, Move, Recover, Settle, Strike, WaitToRetry, next_move
from .retry import RESTARTED

log = logging.getLogger(__name__)

_QUIET = (p.TextDelta, p.ReasoningDelta, p.CallOutput)


Think = Callable[[s.Running, int, int], Awaitable[None]]
"""Takes the run's step of this number, in this attempt: an answer and the calls that it proposes."""
Plan = Callable[[s.RoomState, p.RunId, int, Container[str], RunSettings, int], Move]
"""What a run does next; see `next_move`."""


class Loop:
    """Drives one run; several may drive side by side, each in its thread."""

    def __init__(self, ctx: RunContext, run_id: p.RunId, think: Think, plan: Plan = next_move) -> None:
        self._ctx = ctx
        self._run_id = run_id
        self._think = think
        self._plan = plan
        self._woken = asyncio.Event()
        self._calls = Calls(ctx, self._woken.set)
        self._revisions = Revisions(ctx, run_id)

    async def drive(self) -> None:
        """Drive the run to its end, or until somebody stops it; then settle the calls that were under way.

        Raises `LeaseLost`, another `StoreError`, or `Rejected` when the room closes: stop driving then.
        """
        unlisten = self._ctx.room.listen(self._hear)
        try:
            async with self._revisions.going_on():
                await self._until_over()
            await self._calls.stop()
            await self._moves()
            await self._ctx.forget_stamps(self._run_id)
        except (StoreError, Rejected):
            raise
        except Exception:
            log.exception("Driving %s failed", self._run_id)
            await self._ctx.record(partial(self._ended, _BROKEN))
        finally:
            unlisten()
            await self._calls.stop()

    def _hear(self, records: Sequence[p.Record]) -> None:
        if not all(isinstance(record.event, _QUIET) for record in records):
            self._woken.set()
        self._revisions.hear(records)

    def _is_over(self, state: s.RoomState) -> bool:
        return not isinstance(state.runs.get(self._run_id), s.Running)

    async def _until_over(self) -> None:
        """Make moves while the run goes on; whoever ends it cuts the present move short."""
        moves = asyncio.create_task(self._moves(), name=f"run {self._run_id}")
        over = asyncio.create_task(self._ctx.room.wait(self._is_over))
        try:
            await asyncio.wait({moves, over}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            over.cancel()
            moves.cancel()
            await asyncio.gather(moves, over, return_exceptions=True)
        if not moves.cancelled():
            moves.result()

    async def _moves(self) -> None:
        while True:
            self._woken.clear()
            self._calls.check()
            match self._next_move():
                case Settle(call_ids):
                    for call_id in call_ids:
                        self._calls.take(call_id)
                case Close(call_ids):
                    await self._ctx.record(partial(_closed, call_ids))
                case AskModel(step, attempt):
                    run = self._ctx.state.runs[self._run_id]
                    assert isinstance(run, s.Running)
                    await self._within_budget(run, partial(self._think, run, step, attempt))
                case Strike(answer):
                    await self._ctx.record(partial(_struck, answer))
                case WaitToRetry(until):
                    await self._pause(until)
                case End(problem):
                    await self._ctx.forget_stamps(self._run_id)
                    await self._ctx.record(partial(self._ended, problem))
                case Recover():
                    await self._ctx.record(self._recovered)
                case Leave():
                    return

    async def _within_budget(self, run: s.Running, think: Callable[[], Awaitable[None]]) -> None:
        """Ask the model, unless a budget is used up: then somebody is asked for more, and the run waits."""
        room = self._ctx.room
        match before_the_model(self._ctx.state, run, room.house, room.clock.now()):
            case None:
                await think()
            case Waits():
                await self._pause(None)
            case AskForMore(asked):
                await self._ctx.record(lambda state, now: _once_asked(asked, state))
            case Refused(problem):
                await self._ctx.record(partial(self._ended, problem))

    def _next_move(self) -> Move:
        ctx, now = self._ctx, self._ctx.room.clock.now()
        return self._plan(ctx.state, self._run_id, ctx.fence.number, self._calls.busy, ctx.settings, now)

    async def _pause(self, until: int | None) -> None:
        """Wait until something happens or the time has come; costs nothing meanwhile."""
        if until is None:
            await self._woken.wait()
            return
        alarm = asyncio.create_task(self._ring_at(until))
        try:
            await self._woken.wait()
        finally:
            alarm.cancel()

    async def _ring_at(self, time: int) -> None:
        await sleep_until(self._ctx.room.clock, time)
        self._woken.set()

    def _recovered(self, state: s.RoomState, now: int) -> list[p.Event]:
        run, fence = state.runs[self._run_id], self._ctx.fence.number
        if not isinstance(run, s.Running) or run.fence == fence:
            return []
        return [p.RunStarted(run_id=run.run_id, fence=fence, model=run.model)]

    def _ended(self, problem: p.Problem | None, state: s.RoomState, now: int) -> list[p.Event]:
        run = state.runs.get(self._run_id)
        if not isinstance(run, s.Running):
            return []
        if problem is not None:
            return failed_run(state, run, problem)
        return [p.RunFinished(run_id=run.run_id, outcome="success", usage=run.usage)]


_BROKEN = p.Problem(
    code="internal", message="The copilot failed while it worked on this.", hint="See the server's log, then try again."
)


def _once_asked(asked: p.ConfirmationOpened, state: s.RoomState) -> list[p.Event]:
    is_going = isinstance(state.runs.get(asked.run_id or ""), s.Running)
    return [asked] if is_going and asked.confirmation_id not in state.confirmations else []


def _closed(call_ids: Sequence[p.CallId], state: s.RoomState, now: int) -> list[p.Event]:
    events: list[p.Event] = []
    for call_id in call_ids:
        call = state.calls[call_id]
        other = closed_by(state, call)
        if other is None or not isinstance(call, s.CallProposal | s.CallConfirmed):
            continue
        why = why_closed(other.preview.title, other)
        events += withdrawn(state, call, why, p.CallResult(text=why, marked=True))
    return events


def _struck(answer: s.Streaming, state: s.RoomState, now: int) -> list[p.Event]:
    if not isinstance(state.messages.get(answer.message_id), s.Streaming):
        return []
    return [
        p.StepAborted(
            run_id=answer.run_id,
            step=answer.step,
            message_id=answer.message_id,
            attempt=answer.attempt,
            reason=RESTARTED,
        )
    ]
