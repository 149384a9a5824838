"""Which models get few and plain tools."""

from __future__ import annotations

from .. import state as s

SMALL_CONTEXT = 16_000
"""In tokens: a model that reads no more gets the tools of a small one."""
UNSURE_CONTEXT = 40_000
"""Up to this many, one gets them after an answer in which it could not use the others."""
FAILURES = 2


def is_small(state: s.RoomState, run: s.Run, context_tokens: int) -> bool:
    """Whether the run's model is taken for a small one: by its context, or because calls failed in the run before."""
    if context_tokens <= SMALL_CONTEXT:
        return True
    if context_tokens > UNSURE_CONTEXT:
        return False
    earlier = [each for each in state.runs.values() if each.thread_id == run.thread_id and each.model == run.model]
    before = [each.run_id for each in earlier if each.run_id != run.run_id and isinstance(each, s.Finished)]
    return any(_failures(state, run_id) >= FAILURES for run_id in before)


def _failures(state: s.RoomState, run_id: str) -> int:
    """How many of its calls could not even be proposed."""
    return sum(
        isinstance(call, s.CallDone) and call.is_error and not call.denied and call.started_at is None
        for call in state.calls.values()
        if call.run_id == run_id
    )
