"""The planner: what a run does next, read from the state alone.

The engine keeps nothing in mind between two moves but which calls it is busy with. So going on after a crash, after a
decision that took a day, and after the last token are one and the same: look at the state and make the next move.
"""

from __future__ import annotations

from collections.abc import Container, Iterable

from msgspec import Struct
from typing_extensions import assert_never

from ... import protocol as p
from ...core import state as s
from ..calls.recovery import RUN_AGAIN
from ..calls.siblings import closed_by, is_held_up
from ..ids import again_call_id, again_question_id, answer_id
from ..settings import RunSettings
from .endings import shortcoming
from .limits import circling, exceeded


class Strike(Struct, frozen=True):
    """Strike out an answer that a process left in the middle."""

    answer: s.Streaming


class Settle(Struct, frozen=True):
    """Go on with these calls, each on its own."""

    call_ids: list[p.CallId]


class Close(Struct, frozen=True):
    """Begin these calls no more, as one before them in their answer came to no good end."""

    call_ids: list[p.CallId]


class AskModel(Struct, frozen=True):
    """Call the model."""

    step: int
    attempt: int


class WaitToRetry(Struct, frozen=True):
    """Nothing to do until something is recorded, a call settles, or (unix ms) `until`."""

    until: int | None = None


class End(Struct, frozen=True):
    """The run is over: a success, or failed with a problem."""

    problem: p.Problem | None = None


class Recover(Struct, frozen=True):
    """Say that this process goes on with what another one was interrupted in."""


class Leave(Struct, frozen=True):
    """Nothing is left to do for this run."""


Move = Strike | Close | Settle | AskModel | WaitToRetry | End | Recover | Leave


def next_move(
    state: s.RoomState, run_id: p.RunId, fence: int, busy: Container[str], settings: RunSettings, now: int
) -> Move:
    """What the run does next, when this process drives under `fence` and is busy with the calls in `busy`."""
    run = state.runs.get(run_id)
    move = _next_move(state, run_id, run, busy, settings, now)
    interrupted = isinstance(run, s.Running) and run.fence != fence and _goes_on(state, move)
    return Recover() if interrupted else move


def _goes_on(state: s.RoomState, move: Move) -> bool:
    """Whether a move goes on with something that was begun: a restart while people think interrupts nothing."""
    match move:
        case Strike():
            return True
        case Settle(call_ids):
            return any(isinstance(state.calls[call_id], s.CallRunning) for call_id in call_ids)
        case _:
            return False


def _next_move(
    state: s.RoomState,
    run_id: p.RunId,
    run: s.Run | None,
    busy: Container[str],
    settings: RunSettings,
    now: int,
) -> Move:
    calls = list(s.run_calls(state, run_id))
    todo = [call.call_id for call in calls if call.call_id not in busy and needs_work(state, call)]
    if not isinstance(run, s.Running):
        left = [c.call_id for c in calls if isinstance(c, s.CallRunning)]
        todo = [call_id for call_id in todo if call_id in left]
        return Settle(todo) if todo else WaitToRetry() if any(c in busy for c in left) else Leave()
    answer = state.messages.get(answer_id(run_id, run.step, run.attempt))
    if isinstance(answer, s.Streaming):
        return Strike(answer)
    circles = circling(state, run, settings)
    if circles is not None:
        return End(circles)
    closed = closed_calls(state, calls)
    if closed:
        return Close(closed)
    if todo:
        return Settle(todo)
    if any(call.call_id in busy or is_pending(state, call) for call in calls):
        return WaitToRetry()
    if run.delay is not None and run.delay.retry_at > now:
        return WaitToRetry(until=run.delay.retry_at)
    if isinstance(answer, s.Complete) and not any(call.message_id == answer.message_id for call in calls):
        return End(shortcoming(answer))
    step, attempt = (run.step, run.attempt + 1) if isinstance(answer, s.Struck) else (run.step + 1, 1)
    problem = exceeded(state, run, step, settings)
    return AskModel(step, attempt) if problem is None else End(problem)


def needs_work(state: s.RoomState, call: s.Call) -> bool:
    """Whether a call can go on without people."""
    match call:
        case s.CallProposal():
            return (call.confirmation_id is None or not is_pending(state, call)) and not is_held_up(state, call)
        case s.CallConfirmed():
            return not is_held_up(state, call)
        case s.CallDenied() | s.CallRunning():
            return True
        case s.CallDoubtful():
            chosen = state.confirmations.get(again_question_id(call.call_id))
            wanted = isinstance(chosen, s.Decided) and chosen.option == RUN_AGAIN
            return wanted and again_call_id(call.call_id) not in state.calls
        case s.CallDone():
            return False
    assert_never(call)


def closed_calls(state: s.RoomState, calls: Iterable[s.Call]) -> list[p.CallId]:
    """Those of the calls that have not begun and whose answer came to no good end before them."""
    fresh = [call for call in calls if isinstance(call, s.CallProposal | s.CallConfirmed)]
    return [call.call_id for call in fresh if closed_by(state, call) is not None]


def is_pending(state: s.RoomState, call: s.Call) -> bool:
    """Whether a call waits for people."""
    asked = again_question_id(call.call_id) if isinstance(call, s.CallDoubtful) else call.confirmation_id
    return isinstance(state.confirmations.get(asked or ""), s.Open)
