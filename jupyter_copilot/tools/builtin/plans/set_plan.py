"""The tool that shows people a checklist of what the agent does."""

from __future__ import annotations

import re
from typing import Annotated

from msgspec import Meta

from ....ports.tool import Proposal, ToolContext
from ....protocol import CallResult, Effect, PlanEntry, Preview
from ....protocol.errors import ToolError
from ...authoring.arguments import Arguments
from ...authoring.typed import TypedTool

MOST_ITEMS = 30
MOST_CHARS = 200
_ITEM = re.compile(r"\s*(?:[-*+]|\d+[.)])?\s*(?:\[(?P<mark>.?)\])?\s*(?P<text>.*\S)\s*")
_STATUS = {"x": "completed", "X": "completed", "-": "in_progress", "~": "in_progress", ">": "in_progress"}


class SetPlanArgs(Arguments, frozen=True, kw_only=True):
    """Arguments of set_plan."""

    checklist: Annotated[
        str, Meta(min_length=1, description="Lines of [ ] to do, [-] under way or [x] done, and what.")
    ]


class SetPlanTool(TypedTool[SetPlanArgs]):
    """Shows everybody a checklist at the run, in place of the one before."""

    name = "set_plan"
    description = "Show people a checklist of a job of three steps or more; again as you get on."
    effect: Effect = "read"
    arguments = SetPlanArgs
    idempotent = True

    async def plan(self, args: SetPlanArgs, context: ToolContext) -> Proposal:
        """How much of it is done."""
        items = _items(args.checklist)
        done = sum(item.status == "completed" for item in items)
        return Proposal(preview=Preview(title=f"Plan: {done} of {len(items)} done"))

    async def act(self, args: SetPlanArgs, proposal: Proposal, context: ToolContext) -> CallResult:
        """Show it."""
        if context.show_plan is None:
            return CallResult(text="There is nobody to show it to.")
        await context.show_plan(_items(args.checklist))
        return CallResult(text="Shown.")


def _items(checklist: str) -> list[PlanEntry]:
    """The lines that say something. Raises `ToolError` when there are none, or more than people read."""
    found = [match for line in checklist.splitlines() if (match := _ITEM.fullmatch(line))]
    if not 1 <= len(found) <= MOST_ITEMS:
        raise ToolError(f"A checklist has 1 to {MOST_ITEMS} lines.", hint="Put small steps together.")
    return [
        PlanEntry(content=match["text"][:MOST_CHARS], status=_STATUS.get(match["mark"] or " ", "pending"))
        for match in found
    ]
