"""Moves of a guest's run, read from the state alone."""

from __future__ import annotations

from collections.abc import Container

from ... import protocol as p
from ...core import state as s
from ..copilot.planner import (
    AskModel,
    Close,
    End,
    Leave,
    Move,
    Recover,
    Settle,
    WaitToRetry,
    closed_calls,
    is_pending,
    needs_work,
)
from ..settings import RunSettings

LINGER_MS = 5_000
"""How long a run without open calls stays: an outside agent's next call mostly follows soon, and joins it."""


def next_move(
    state: s.RoomState, run_id: p.RunId, fence: int, busy: Container[str], settings: RunSettings, now: int
) -> Move:
    """What the run does next: the same moves as of our own agent's, but new requests do not wait for older ones."""
    run = state.runs.get(run_id)
    calls = list(s.run_calls(state, run_id))
    todo = [call.call_id for call in calls if call.call_id not in busy and needs_work(state, call)]
    if not isinstance(run, s.Running):
        left = [call.call_id for call in calls if isinstance(call, s.CallRunning)]
        todo = [call_id for call_id in todo if call_id in left]
        return Settle(todo) if todo else WaitToRetry() if any(call_id in busy for call_id in left) else Leave()
    if closed := closed_calls(state, calls):
        return Close(closed)
    if todo:
        interrupted = run.fence != fence and any(isinstance(state.calls[each], s.CallRunning) for each in todo)
        return Recover() if interrupted else Settle(todo)
    if len(run.requests) > run.step:
        return AskModel(run.step + 1, 1)
    if any(call.call_id in busy or is_pending(state, call) for call in calls):
        return WaitToRetry()
    quiet_at = _last_moment(run, calls) + LINGER_MS
    is_awaited = bool(state.threads[run.thread_id].queue)
    return WaitToRetry(until=quiet_at) if quiet_at > now and not is_awaited else End()


def _last_moment(run: s.Running, calls: list[s.Call]) -> int:
    """When something of the run last began or ended."""
    ended = [call.finished_at for call in calls if isinstance(call, s.CallDone)]
    return max([run.started_at, *(request.at for request in run.requests), *ended])
