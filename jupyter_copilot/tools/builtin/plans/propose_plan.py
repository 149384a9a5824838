"""The tool that puts a plan before people."""

from __future__ import annotations

from typing import Annotated, Any

import msgspec
from msgspec import Meta

from ....core.permissions.plans import PLAN_TOOL
from ....core.untrusted_text import as_data
from ....ports.tool import Proposal, ToolContext
from ....protocol import APPROVE, DENY, CallResult, Effect, Option, Preview
from ...authoring.arguments import Arguments
from ...authoring.typed import TypedTool
from ..asking import ANSWER_KEY

MOST_STEPS = 20
OPTIONS = [
    Option(id=APPROVE, label="Approve", style="primary"),
    Option(id=DENY, label="Deny", style="danger"),
]
_MARKS: dict[str, str] = {"read": "", "edit": " (edits)", "execute": " (runs code)"}


class PlanStep(Arguments, frozen=True, kw_only=True):
    """A step of a plan."""

    do: Annotated[str, Meta(min_length=1, max_length=300, description="What is done, in a sentence.")]
    effect: Annotated[Effect, Meta(description="The most that it does.")]


class ProposePlanArgs(Arguments, frozen=True, kw_only=True):
    """Arguments of propose_plan."""

    title: Annotated[str, Meta(min_length=1, max_length=120, description="What the plan is for.")]
    steps: Annotated[
        list[PlanStep], Meta(min_length=1, max_length=MOST_STEPS, description="The steps, in their order.")
    ]


class ProposePlanTool(TypedTool[ProposePlanArgs]):
    """Puts a plan before everybody here, on which one of them decides; its steps are calls of their own, afterwards.

    `execute` gets the decision in `args["_answer"]`, as `ask_user` gets an answer.
    """

    name = PLAN_TOOL
    description = (
        "Put a plan before people and wait for their decision. Plan mode ends with this. Carry the steps out only "
        "once it is approved."
    )
    effect: Effect = "read"
    arguments = ProposePlanArgs
    idempotent = True

    async def plan(self, args: ProposePlanArgs, context: ToolContext) -> Proposal:
        """The plan as people will see it."""
        steps = [f"{number}. {_line(step)}" for number, step in enumerate(args.steps, 1)]
        title = f"Plan: {' '.join(args.title.split())}"
        question = {"title": title, "body": "\n".join(steps), "options": msgspec.to_builtins(OPTIONS)}
        return Proposal(preview=Preview(title=title), question=question)

    async def execute(self, args: dict[str, Any], proposal: Proposal, context: ToolContext) -> CallResult:
        """Tell what was decided."""
        answer = args.get(ANSWER_KEY)
        return CallResult(text=_told(answer if isinstance(answer, dict) else {}))

    async def act(self, args: ProposePlanArgs, proposal: Proposal, context: ToolContext) -> CallResult:
        """Without a decision nothing was approved."""
        return CallResult(text=_told({}))


def _line(step: PlanStep) -> str:
    return " ".join(step.do.split()) + _MARKS[step.effect]


def _told(answer: dict[str, Any]) -> str:
    who = answer.get("by") or "Somebody"
    comment = answer.get("comment")
    if answer.get("option") == APPROVE:
        granted = "What its steps do needs no approval until this answer ends, except what is dangerous."
        asks = "People decide on each change and run."
        parts = [f"{who} approved the plan. Carry out its steps now.", granted if answer.get("granted") else asks]
    elif answer.get("option") == DENY:
        parts = [f"{who} denied the plan. Change it as they say and propose it again, or stop."]
    else:
        parts = ["Nobody decided on the plan. Stop here, and say so."]
    if comment:
        parts.append(f"Comment:\n{as_data('comment', str(comment))}")
    return "\n".join(parts)
