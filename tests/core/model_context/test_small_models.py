"""Small models are known by their context, or by calls that failed."""

from __future__ import annotations

import pytest

from jupyter_copilot import protocol as p
from jupyter_copilot.core.model_context.small_models import is_small
from jupyter_copilot.testing import Answer
from jupyter_copilot.testing.model import call
from tests.agent.stage import Stage

NONSENSE = Answer(calls=[call("edit_cell", "{"), call("edit_cell", cell_id="nowhere", source="x")])


@pytest.mark.parametrize(("context", "small"), [(4_000, True), (16_000, True), (16_001, False), (128_000, False)])
async def test_a_small_context_makes_a_small_model(context: int, small: bool) -> None:
    async with Stage("Hello.") as stage:
        await stage.post()
        run = await stage.over()
        assert is_small(stage.state, run, context) is small


async def test_after_an_answer_in_which_two_calls_failed_a_middling_model_is_taken_for_small_in_that_chat() -> None:
    async with Stage(NONSENSE, "Sorry.", "Again.", "Elsewhere.") as stage:
        await stage.post("one", "m1")
        first = await stage.over("m1.r1")
        await stage.post("two", "m2")
        second = await stage.over("m2.r1")
        assert not is_small(stage.state, first, 32_000), "the tools of a run stay as they are"
        assert is_small(stage.state, second, 32_000)
        assert not is_small(stage.state, second, 128_000)
        await stage.do(p.CreateThread(thread_id=p.ThreadId("other"), title="Other"))
        await stage.post("three", "m3", thread_id="other")
        assert not is_small(stage.state, await stage.over("m3.r1"), 32_000)
