"""Moves of a run that an outside agent answers: only the calls of the notebook's tools, and those that it asks for.

What it says, and when its answer is over, comes from the agent itself, beside the moves.
"""

from __future__ import annotations

from collections.abc import Callable, Container

from ... import protocol as p
from ...core import state as s
from ..copilot.planner import Close, Leave, Move, Settle, WaitToRetry, closed_calls, needs_work
from ..settings import RunSettings


def next_move(
    drives: Callable[[p.CallId], bool],
    state: s.RoomState,
    run_id: p.RunId,
    fence: int,
    busy: Container[str],
    settings: RunSettings,
    now: int,
) -> Move:
    """What is done next; `drives` names the calls that the agent alone drives."""
    calls = [call for call in s.run_calls(state, run_id) if not drives(call.call_id)]
    todo = [call.call_id for call in calls if call.call_id not in busy and needs_work(state, call)]
    if not isinstance(state.runs.get(run_id), s.Running):
        left = [call.call_id for call in calls if isinstance(call, s.CallRunning)]
        todo = [call_id for call_id in todo if call_id in left]
        return Settle(todo) if todo else WaitToRetry() if any(call_id in busy for call_id in left) else Leave()
    if closed := closed_calls(state, calls):
        return Close(closed)
    return Settle(todo) if todo else WaitToRetry()
