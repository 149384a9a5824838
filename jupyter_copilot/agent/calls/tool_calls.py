"""Calls: those of one run that this process is busy with, each settling on its own."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable

from typing_extensions import assert_never

from ... import protocol as p
from ...core import state as s
from ...core.model_context.decisions import decided
from ..run_context import RunContext
from .effects import Effect
from .questions import answered
from .recovery import once_more


class Calls:
    """The tasks of one run's calls; `settled` is called whenever one of them ends.

    The first error that a task raises is kept for `check`.
    """

    def __init__(self, ctx: RunContext, settled: Callable[[], None]) -> None:
        self._ctx = ctx
        self._settled = settled
        self._tasks: dict[p.CallId, asyncio.Task[None]] = {}
        self._error: BaseException | None = None

    @property
    def busy(self) -> frozenset[p.CallId]:
        """The calls that a task works on now."""
        return frozenset(self._tasks)

    def take(self, call_id: p.CallId) -> None:
        """Begin to work on a call."""
        task = asyncio.create_task(settle(self._ctx, call_id), name=f"call {call_id}")
        self._tasks[call_id] = task
        task.add_done_callback(lambda done: self._done(call_id, done))

    def _done(self, call_id: p.CallId, task: asyncio.Task[None]) -> None:
        del self._tasks[call_id]
        if not task.cancelled() and task.exception() is not None:
            self._error = self._error or task.exception()
        self._settled()

    def check(self) -> None:
        """Raise the error that a task ended with, if any: a lost lease, or a defect."""
        if self._error is not None:
            raise self._error

    async def stop(self) -> None:
        """Cancel what is under way, and wait until each call has recorded how far it came."""
        tasks = list(self._tasks.values())
        for task in tasks:
            task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await asyncio.gather(*tasks, return_exceptions=True)


async def settle(ctx: RunContext, call_id: p.CallId) -> None:
    """Take a call as far as it goes without people."""
    call = ctx.state.calls[call_id]
    match call:
        case s.CallProposal(confirmation_id=None) | s.CallConfirmed():
            await Effect(ctx, call_id).begin()
        case s.CallProposal():
            await answered(ctx, call_id)
        case s.CallDenied():
            await ctx.record(lambda state, now: _denied(state, call_id))
        case s.CallRunning():
            await Effect(ctx, call_id).recover()
        case s.CallDoubtful():
            await ctx.record(lambda state, now: once_more(state, call_id))
        case s.CallDone():
            pass
        case _:
            assert_never(call)


def _denied(state: s.RoomState, call_id: p.CallId) -> list[p.Event]:
    call = state.calls[call_id]
    confirmation = state.confirmations.get(call.confirmation_id or "")
    if not isinstance(call, s.CallDenied) or confirmation is None or isinstance(confirmation, s.Open):
        return []
    return [p.CallFinished(call_id=call_id, result=p.CallResult(text=decided(confirmation)), is_error=True)]
