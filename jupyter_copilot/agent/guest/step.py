"""A step of a guest's run: one request becomes an answer with its calls, in one commit."""

from __future__ import annotations

from ... import protocol as p
from ...core import state as s
from ...ports.model import ToolRequest
from ..calls.proposals import prepare, proposed
from ..ids import answer_id
from ..run_context import RunContext


async def propose(ctx: RunContext, run: s.Running, step: int, attempt: int) -> None:
    """Have the tools say what the requested calls would do, and propose them. Raises as `RunContext.record`."""
    answer = answer_id(run.run_id, step, attempt)
    asked = [ToolRequest(tool=call.tool, raw_args="", args=call.args) for call in run.requests[step - 1].calls]
    prepared = await prepare(ctx, run, answer, asked)

    def plan(state: s.RoomState, now: int) -> list[p.Event]:
        current = state.runs.get(run.run_id)
        if not isinstance(current, s.Running) or current.step != step - 1:
            return []
        # What was taken back meanwhile is not proposed.
        calls = prepared if current.requests[step - 1].calls else []
        return [
            p.StepStarted(run_id=run.run_id, step=step, message_id=answer, attempt=attempt),
            p.StepFinished(run_id=run.run_id, step=step, message_id=answer, attempt=attempt),
            *proposed(ctx, state, current, step, answer, calls, now),
        ]

    await ctx.record(plan)
