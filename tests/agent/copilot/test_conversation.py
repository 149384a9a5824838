"""What the model calls of a thread are told, call after call."""

from __future__ import annotations

import itertools

import pytest
from msgspec.structs import replace

from jupyter_copilot import protocol as p
from jupyter_copilot.agent.copilot.notebook_context import changes_between, whole
from jupyter_copilot.core.model_context.prompt import INSTRUCTIONS
from jupyter_copilot.ports.model import ModelSpec
from jupyter_copilot.ports.notebook import Cell, version_of
from jupyter_copilot.protocol.errors import ModelError
from jupyter_copilot.testing import Answer
from jupyter_copilot.testing.model import call
from jupyter_copilot.tools.render.describe import told_cell

from ..stage import Stage, cell

EDIT = call("edit_cell", cell_id="a", expected_version=version_of("x = 1"), source="x = 2")


async def test_each_request_of_a_thread_starts_with_the_one_before() -> None:
    answers: list[Answer | str] = [
        Answer(text="Look.", calls=[call("read_cell", cell_id="a")]),
        Answer(calls=[EDIT]),
        "Done.",
        "Again.",
    ]
    async with Stage(*answers, cells=[cell("a", "x = 1")]) as stage:
        await stage.post("one", "m1")
        await stage.asked("m1.r1.s2.a1.c1.q")
        await stage.decide("m1.r1.s2.a1.c1.q")
        await stage.over()
        await stage.post("two", "m2")
        await stage.over("m2.r1")
        requests = [request.messages for request in stage.model.requests]
        usages = [event.usage for event in stage.events if isinstance(event, p.StepFinished)]
        tools = [request.tools for request in stage.model.requests]
    for before, after in itertools.pairwise(requests):
        assert after[: len(before)] == before and len(after) > len(before)
    assert all(each == tools[0] for each in tools)
    assert str(requests[0][0]["content"]).startswith(INSTRUCTIONS)
    assert usages[0].prefix == 0
    assert all(0 < usage.prefix < usage.prompt for usage in usages[1:])


async def test_the_notebook_is_told_once_and_then_what_changed() -> None:
    async with Stage("One.", "Two.", "Three.", cells=[cell("a", "x = 1"), cell("b", "y = 1")]) as stage:
        await stage.post("one", "m1")
        await stage.over("m1.r1")
        await stage.idle()
        stage.notebook.set_source("b", "y = 7")
        await stage.post("two", "m2")
        await stage.over("m2.r1")
        await stage.post("three", "m3")
        await stage.over("m3.r1")
        first, _, second, _, third = (str(message["content"]) for message in stage.told())
    assert "x = 1" in first and "y = 1" in first
    assert "x = 1" not in second and "y = 7" in second
    assert "\n\nThe notebook is as you last saw it.\n\n" in third


async def test_when_the_conversation_is_too_long_older_turns_are_summarised_where_everybody_sees_it() -> None:
    long = "word " * 5000
    stage = Stage(Answer(text=long), Answer(text=long), "They talked at length.", "Yes.", "Sure.")
    stage.model._models[:] = [ModelSpec(name="small", context_tokens=18_000)]
    async with stage:
        for name in ("m1", "m2", "m3", "m4"):
            await stage.post(f"question {name}", name)
            await stage.over(f"{name}.r1")
        summarised = [event for event in stage.events if isinstance(event, p.ThreadSummarised)]
        asked = stage.model.requests[2]
        after = stage.model.requests[3].messages
    assert [event.text for event in summarised] == ["They talked at length."]
    usage = [event.usage for event in stage.events if isinstance(event, p.StepFinished)][2]
    assert usage.prompt == 200, "the summary's tokens count too"
    assert asked.tools == [] and "question m1" in str(asked.messages[1])
    assert "They talked at length." in str(after[1]) and "question m1" not in str(after)
    assert "question m3" in str(after[-1])


async def test_a_summary_that_fails_does_not_keep_the_question_from_its_answer() -> None:
    long = "word " * 5000
    stage = Stage(Answer(text=long), Answer(text=long), Answer(error=ModelError("No.")), "Yes.")
    stage.model._models[:] = [ModelSpec(name="small", context_tokens=18_000)]
    async with stage:
        for name in ("m1", "m2", "m3"):
            await stage.post("question", name)
            assert (await stage.over(f"{name}.r1")).outcome == "success"
        assert "ThreadSummarised" not in stage.kinds()


@pytest.mark.parametrize("budget", [200, 100_000])
def test_a_notebook_that_does_not_fit_says_what_is_missing(budget: int) -> None:
    cells = [cell(f"c{number}", "x = 1\n" * 20) for number in range(10)]
    text = whole(cells, budget)
    assert ("read others with read_cell" in text) == (budget == 200)
    assert whole([], budget) == "The notebook is empty."


def changes(before: list[Cell], now: list[Cell]) -> str:
    known = {each.cell_id: told_cell(each) for each in before}
    view = changes_between(known, now, order=[each.cell_id for each in before])
    assert view is not None
    return view.text


def test_changes_name_cells_that_are_new_gone_or_moved() -> None:
    a, b, c = cell("a", "1"), cell("b", "2"), cell("c", "3")
    assert changes([a, b], [a, b]) == "The notebook is as you last saw it."
    assert "Gone: b." in changes([a, b], [a])
    assert "[3 c not run]" in changes([a, b], [a, b, c])
    assert "The order is now: b, a." in changes([a, b], [b, a])


def test_of_a_cell_that_ran_only_the_outputs_are_told_and_of_many_with_the_same_ones_a_line() -> None:
    out = [{"output_type": "stream", "name": "stdout", "text": "out"}]
    before = [cell(f"c{n}", f"source {n}", execution_count=n, outputs=out) for n in range(1, 9)]
    again = [replace(each, execution_count=(each.execution_count or 0) + 8) for each in before]
    again[4] = replace(again[4], outputs=[{**out[0], "text": "other"}])
    told = changes(before, again)
    assert "[5 c5 run 13] same source\n~~~stdout\nother\n~~~" in told and "source 5" not in told
    assert "Cells 1–4, 6–8 ran again, with the same outputs." in told
