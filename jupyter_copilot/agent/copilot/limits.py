"""Limits of a run: which one is exceeded, if any."""

from __future__ import annotations

from ... import protocol as p
from ...core import state as s
from ...core.model_context.transcript import repeats
from ..settings import RunSettings
from .retry import RESTARTED

_HINT = "Try again to carry on from here, or ask an administrator for a higher limit."


def circling(state: s.RoomState, run: s.Running, settings: RunSettings) -> p.Problem | None:
    """That the model made the same call too often in a row, or None."""
    calls = list(s.run_calls(state, run.run_id))
    times = repeats(state, calls[-1]) if calls else 0
    if times < settings.max_repeats:
        return None
    return _over("repeated_calls", f"The model asked for the same call {times} times in a row: {calls[-1].tool}.")


def exceeded(state: s.RoomState, run: s.Running, step: int, settings: RunSettings) -> p.Problem | None:
    """The limit that forbids the model call of this step, in words for people; None when there is none."""
    used = run.usage.prompt + run.usage.completion
    if run.starts - 1 > settings.max_recoveries:
        return _over("recoveries", f"The server stopped {run.starts - 1} times in the middle of this run.")
    if step > settings.max_steps:
        return _over("steps", f"The run reached its limit of {settings.max_steps} steps.")
    if used >= settings.max_tokens:
        return _over("tokens", f"The run used {used:,} tokens; its limit is {settings.max_tokens:,}.")
    if worked_ms(state, run) >= settings.max_wall_s * 1000:
        return _over("wall_time", f"The model worked for the limit of {settings.max_wall_s:g} s.")
    return None


def _over(limit: str, message: str) -> p.Problem:
    return p.Problem(code=f"limit_{limit}", message=message, hint=_HINT)


def worked_ms(state: s.RoomState, run: s.Running) -> int:
    """How long the model has worked on the run: its answers, but neither people's time nor that of a stopped server."""
    return sum(
        answer.finished_at - answer.at
        for answer in state.messages.values()
        if isinstance(answer, s.Complete | s.Struck) and answer.run_id == run.run_id and _was_worked(answer)
    )


def _was_worked(answer: s.Complete | s.Struck) -> bool:
    return isinstance(answer, s.Complete) or answer.reason != RESTARTED
