"""The agent ticks off what it does, where everybody sees it."""

from __future__ import annotations

from jupyter_copilot.testing import Answer
from jupyter_copilot.testing.model import call
from jupyter_copilot.tools.builtin.plans.set_plan import SetPlanTool

from .stage import Stage, real_tools


def plan(*lines: str) -> Answer:
    return Answer(calls=[call("set_plan", checklist="\n".join(lines))])


async def test_the_last_list_stands_at_the_run_and_asks_nobody() -> None:
    first = plan("[-] Load", "[ ] Clean it", "[ ] Plot")
    then = plan("[x] Load", "[-] Clean it", "[ ] Plot")
    async with Stage(first, then, "Done.", tools=real_tools(SetPlanTool())) as stage:
        await stage.post("Do it all.")
        await stage.over()
        run = stage.state.runs["m1.r1"]
        assert [(each.content, each.status) for each in run.plan] == [
            ("Load", "completed"), ("Clean it", "in_progress"), ("Plot", "pending"),
        ]  # fmt: skip
        assert [each.preview.title for each in stage.state.calls.values()] == ["Plan: 0 of 3 done", "Plan: 1 of 3 done"]
        assert stage.state.confirmations == {}
