"""Recovery: a call that was begun and whose end nobody knows. It is said, and people choose what to do about it."""

from __future__ import annotations

from ... import protocol as p
from ...core import state as s
from ...core.decide.guests import RUN_AGAIN as RUN_AGAIN
from ...core.fingerprints import args_hash
from ...core.model_context.decisions import doubt
from ...core.policy import right_to_decide
from ...ports.tool import Proposal, Tool, ToolContext
from ...protocol.errors import CopilotError
from ..elicitation import left_open
from ..ids import again_call_id, again_question_id
from ..run_context import RunContext
from .proposals import propose_with

LEAVE = "leave"
OPTIONS = [
    p.Option(id=RUN_AGAIN, label="Run again", style="danger"),
    p.Option(id=LEAVE, label="Leave it", style="primary"),
]


def never_began(call: s.CallRunning) -> bool:
    """Whether the log proves that the effect did not begin: its first operation was offered, and no tab began it."""
    return call.claim is not None and call.claim.fence == 1 and not call.claim.started


async def in_doubt(
    ctx: RunContext, call_id: p.CallId, tool: Tool | None, context: ToolContext | None, message: str
) -> None:  # fmt: skip
    """Record the doubt and, while the run goes on and the call could be made once more, ask whether to run it again."""
    call = ctx.state.calls[call_id]
    again: Proposal | None = None
    if tool is not None and context is not None:
        try:
            again = await propose_with(tool, call.args, context)
        except CopilotError:
            # It cannot be made as it was, so there is nothing to ask; the model can propose something else.
            again = None

    def plan(state: s.RoomState, now: int) -> list[p.Event]:
        current = state.calls[call_id]
        if not isinstance(current, s.CallRunning):
            return []
        doubtful = p.CallInDoubt(call_id=call_id, message=message)
        asks = again is not None and isinstance(state.runs.get(call.run_id), s.Running)
        events: list[p.Event] = [*left_open(state, call_id), doubtful]
        return [*events, _question(current, again, message)] if asks and again is not None else events

    await ctx.record(plan)


def _question(call: s.CallRunning, again: Proposal, message: str) -> p.ConfirmationOpened:
    return p.ConfirmationOpened(
        confirmation_id=again_question_id(call.call_id),
        kind="question",
        thread_id=call.thread_id,
        call_id=call.call_id,
        run_id=call.run_id,
        title=f"Run again? {call.preview.title}"[:200],
        body=doubt(message),
        args_hash=args_hash(call.tool, call.args, again.pinned),
        options=OPTIONS,
        policy=p.Policy(right=right_to_decide(call.effect)),
    )


def once_more(state: s.RoomState, call_id: p.CallId) -> list[p.Event]:
    """The events that propose a doubtful call anew, as people chose; they confirmed it by choosing so."""
    call = state.calls[call_id]
    chosen = state.confirmations.get(again_question_id(call_id))
    if chosen is None or again_call_id(call_id) in state.calls:
        return []
    return [
        p.CallProposed(
            call_id=again_call_id(call_id),
            run_id=call.run_id,
            step=call.step,
            message_id=call.message_id,
            tool=call.tool,
            args=call.args,
            effect=call.effect,
            args_hash=chosen.args_hash,
            preview=call.preview,
        )
    ]
