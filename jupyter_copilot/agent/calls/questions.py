"""Questions of the agent: what people answered becomes the result of the call that asked."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from ... import protocol as p
from ...core import state as s
from ...core.untrusted_text import as_name
from ...protocol.errors import CopilotError
from ...tools.builtin.asking import ANSWER_KEY
from ..run_context import RunContext
from .proposals import broken, by_tool, propose_with


async def answered(ctx: RunContext, call_id: p.CallId) -> None:
    """Have the tool that asked put the answer into words, and record them; asking has no effect to begin."""
    call = ctx.state.calls[call_id]
    confirmation = ctx.state.confirmations.get(call.confirmation_id or "")
    answer = _answer(confirmation, ctx.state.rules.values())
    try:
        result, is_error = await _told(ctx, call, answer), not answer
    except CopilotError as error:
        result, is_error = p.CallResult(text=error.told), True
    finished = p.CallFinished(call_id=call_id, result=result, is_error=is_error)
    await ctx.record(lambda state, now: [finished] if isinstance(state.calls[call_id], s.CallProposal) else [])


def _answer(confirmation: s.Confirmation | None, rules: Iterable[p.Rule]) -> dict[str, Any]:
    """What people answered, and whether a rule of theirs holds for this answer; empty when nobody did."""
    if not isinstance(confirmation, s.Decided):
        return {}
    return {
        "option": confirmation.option,
        "value": confirmation.value,
        "comment": confirmation.comment,
        "by": as_name(confirmation.by.name),
        "granted": any(rule.run_id == confirmation.run_id for rule in rules),
    }


async def _told(ctx: RunContext, call: s.Call, answer: dict[str, Any]) -> p.CallResult:
    tool = ctx.tools.get(call.tool)
    if tool is None:
        return p.CallResult(text=f"There is no tool {call.tool!r} any more.")
    run = ctx.state.runs[call.run_id]
    notebook = await ctx.open_notebook(call.call_id, run, call.effect)
    context = ctx.tool_context(notebook, call.call_id, run, lambda output: None)
    proposal = await propose_with(tool, call.args, context)
    try:
        return by_tool(tool, await tool.execute({**call.args, ANSWER_KEY: answer}, proposal, context))
    except CopilotError:
        raise
    except Exception as error:
        raise broken(tool, error) from error
