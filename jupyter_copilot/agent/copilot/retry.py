"""Retries: whether to ask the model server again after a failure, and when."""

from __future__ import annotations

from ... import protocol as p
from ...core import state as s
from ...protocol.errors import ModelError
from ..settings import RunSettings

RESTARTED = "The server stopped while this was written."
"""The reason of answers that a restart struck; they do not count as failures of the model server."""


def problem_of(error: ModelError) -> p.Problem:
    """The error as people are told."""
    return p.Problem(code=error.code, message=error.message, hint=error.hint)


def failures(state: s.RoomState, run_id: p.RunId, step: int) -> int:
    """How many attempts of a step failed so far."""
    return sum(
        isinstance(m, s.Struck) and m.run_id == run_id and m.step == step and m.reason != RESTARTED
        for m in state.messages.values()
    )


def after_failure(error: ModelError, failed: int, settings: RunSettings, jitter: float) -> float | p.Problem:
    """The seconds to wait after the `failed`-th failure of a step, or why the run ends now.

    The server's own wish counts when it is longer than our doubling back-off; `jitter` from 0 to 1 spreads the latter.
    """
    problem = problem_of(error)
    if not error.retryable:
        return problem
    wish = error.retry_after_s or 0.0
    if wish > settings.max_retry_after_s:
        hint = f"It asks to wait {_length(wish)}. Try again then, or choose another model."
        return p.Problem(code=problem.code, message=problem.message, hint=hint)
    if failed >= settings.max_attempts:
        hint = f"It failed {failed} times in a row. {problem.hint}".strip()
        return p.Problem(code=problem.code, message=problem.message, hint=hint)
    if error.code == "context_too_long":
        return 0.0  # the next attempt is another, shorter request
    backoff = min(settings.backoff_s * 2.0 ** (failed - 1), settings.max_backoff_s)
    return max(wish, backoff * (1 - jitter / 2))


def _length(seconds: float) -> str:
    if seconds < 120:
        return f"{seconds:.0f} seconds"
    return f"{seconds / 60:.0f} minutes" if seconds < 7200 else f"{seconds / 3600:.0f} hours"
