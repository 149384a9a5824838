"""What the model is told in twelve situations, to the letter.

`WRITE_GOLDEN=1` writes it down anew, for people to read before they keep it.
"""

from __future__ import annotations

import asyncio
import os
from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path

import pytest
from msgspec.structs import replace
from typing_extensions import override

from jupyter_copilot import protocol as p
from jupyter_copilot.ports.model import ModelRequest, ModelSpec
from jupyter_copilot.ports.notebook import Cell, KernelFacts, source_digest
from jupyter_copilot.testing import Answer, FakeNotebook, ScriptedModel, ScriptedRun
from jupyter_copilot.testing.model import call
from jupyter_copilot.tools.registry import ToolRegistry, built_in_tools, earlier_tools

from ..agent.calls.test_recovery import left_off
from ..agent.stage import Stage, cell
from ..builders import BOB
from .notebooks import printed

GOLDEN = Path(__file__).parent / "golden"
CELLS = [
    Cell(cell_id="title", cell_type="markdown", source="# Sales"),
    cell("load", "import pandas as pd\nsales = pd.read_csv('sales.csv')", execution_count=1),
    cell("count", "print(len(sales))", execution_count=2, outputs=[printed("811\n")]),
]
RUNS = {1: source_digest(CELLS[1].source), 2: source_digest(CELLS[2].source)}
PLOT = {
    "output_type": "display_data",
    "metadata": {},
    "data": {"image/png": "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJ", "text/plain": "<Figure>"},
}
CHANGE = call("change_notebook", changes=[{"action": "edit_cell", "cell_id": "3", "source": "sales.shape"}], run=["3"])
EDIT = call("change_notebook", changes=[{"action": "edit_cell", "cell_id": "3", "source": "sales.shape"}])
CARD = "m1.r1.s1.a1.c1.q"


class Kernel(FakeNotebook):
    """A notebook whose kernel says what it ran."""

    facts = KernelFacts(running=True, runs=RUNS, packages={"pandas": "2.3.1"})

    @override
    async def kernel_facts(self) -> KernelFacts:
        return self.facts


Situation = Callable[[], Awaitable[ModelRequest]]


def stage(
    *answers: Answer | str, runs: Sequence[ScriptedRun] = (), cells: Sequence[Cell] = CELLS, images: bool = True
) -> Stage:
    model = ScriptedModel(answers, models=[ModelSpec(name="scripted", images=images)])
    tools = ToolRegistry(built_in_tools(), earlier=earlier_tools())
    made = Stage(model=model, tools=tools)  # type: ignore[arg-type]
    made.model = model
    made.notebook = Kernel(cells, runs=runs)
    made.notebook._count = len(RUNS)
    return made


async def next_question(on: Stage, run_id: str = "m1.r1") -> ModelRequest:
    """Wait for the end of an answer, and ask on."""
    await on.over(run_id)
    await on.post("And now?", "m9", by=BOB)
    await on.over("m9.r1")
    return on.model.requests[-1]


async def denied() -> ModelRequest:
    async with stage(Answer(text="I show the shape.", calls=[CHANGE]), "Understood.", "Nothing.") as on:
        await on.post("How large is it?")
        await on.asked(CARD)
        await on.decide(CARD, p.DENY, by=BOB, comment="Leave cell 3 alone")
        return await next_question(on)


async def approved_with_other_arguments() -> ModelRequest:
    shape = ScriptedRun(cell_id="count", outputs=[printed("(811, 4)\n")])
    async with stage(Answer(calls=[CHANGE]), "It has 811 rows.", "Nothing.", runs=[shape]) as on:
        await on.post("How large is it?")
        await on.asked(CARD)
        change = {"action": "edit_cell", "cell_id": "3", "source": "print(sales.shape)"}
        on.notebook.facts = replace(Kernel.facts, runs={**RUNS, 3: source_digest("print(sales.shape)")})  # type: ignore[attr-defined]
        await on.decide(CARD, by=BOB, edited_args={"changes": [change], "run": ["3"]})
        return await next_question(on)


async def stale() -> ModelRequest:
    async with stage(Answer(calls=[EDIT]), "It was changed.", "Nothing.") as on:
        await on.post("Show its shape.")
        await on.asked(CARD)
        on.notebook.set_source("count", "print(len(sales), 'rows')")
        await on.decide(CARD)
        return await next_question(on)


async def stopped() -> ModelRequest:
    going = ScriptedRun(cell_id="count", outputs=[printed("1\n2\n")], until=asyncio.Event())
    async with stage(Answer(calls=[call("run_cells", cell_ids=["3"])]), "Nothing.", runs=[going]) as on:
        await on.post("Run it.")
        await on.asked(CARD)
        await on.decide(CARD)
        await on.until(lambda state: any(getattr(each, "outputs", ()) for each in state.calls.values()))
        await on.do(p.CancelRun(run_id=p.RunId("m1.r1")), BOB)
        return await next_question(on)


async def in_doubt() -> ModelRequest:
    made = Stage("It is not known.", "Nothing.", before=left_off().records, cells=[cell("a", "x = 1")])
    async with made as on:
        await on.asked("m1.r1.s1.a1.c1.again")
        await on.decide("m1.r1.s1.a1.c1.again", "leave", by=BOB, comment="I look myself")
        return await next_question(on)


async def undone() -> ModelRequest:
    async with stage(Answer(calls=[EDIT]), "It shows the shape.", "Nothing.") as on:
        await on.post("Show its shape.")
        await on.asked(CARD)
        await on.decide(CARD)
        await on.over("m1.r1")
        on.notebook.set_source("count", CELLS[2].source)
        on.manual.advance(1)
        await on.do(p.UndoCalls(call_ids=[p.CallId("m1.r1.s1.a1.c1")]), BOB)
        return await next_question(on)


async def changed_by_a_person() -> ModelRequest:
    async with stage("It has 811 rows.", "Nothing.") as on:
        await on.post("How large is it?")
        await on.over("m1.r1")
        on.notebook.set_source("load", "import pandas as pd\nsales = pd.read_csv('sales.csv').dropna()")
        on.notebook.cells.append(cell("more", "sales.describe()"))
        return await next_question(on)


async def restarted_by_a_person() -> ModelRequest:
    async with stage("It has 811 rows.", "Nothing.") as on:
        await on.post("How large is it?")
        await on.over("m1.r1")
        on.notebook.facts = KernelFacts(running=True, runs={})  # type: ignore[attr-defined]
        return await next_question(on)


async def second_chat() -> ModelRequest:
    async with stage("Hello.", Answer(calls=[EDIT]), "It shows the shape.", "Cell 3.") as on:
        await on.do(p.CreateThread(thread_id=p.ThreadId("plots"), title="Plots"))
        await on.post("Hello!", "m0", by=BOB, thread_id="plots")
        await on.over("m0.r1")
        on.manual.advance(1)
        await on.post("Show its shape.")
        await on.asked(CARD)
        await on.decide(CARD)
        await on.over("m1.r1")
        await on.post("Which cells are new?", "m2", by=BOB, thread_id="plots")
        await on.over("m2.r1")
        return on.model.requests[-1]


async def while_a_cell_runs() -> ModelRequest:
    go = asyncio.Event()
    going = ScriptedRun(cell_id="count", outputs=[printed("1\n")], until=go)
    answers: list[Answer | str] = [Answer(calls=[call("run_cells", cell_ids=["3"])]), "It runs.", "Done."]
    async with stage(*answers, runs=[going]) as on:
        await on.do(p.CreateThread(thread_id=p.ThreadId("plots"), title="Plots"))
        await on.post("Run it.")
        await on.asked(CARD)
        await on.decide(CARD)
        await on.until(lambda state: any(getattr(each, "outputs", ()) for each in state.calls.values()))
        await on.post("What is it doing?", "m2", by=BOB, thread_id="plots")
        await on.over("m2.r1")
        asked = on.model.requests[-1]
        go.set()
        await on.over("m1.r1")
        return asked


async def without_a_tab() -> ModelRequest:
    async with stage(Answer(calls=[call("go_to_cell", cell_id="3")]), "I cannot show it.", "Nothing.") as on:
        await on.post("Show me cell 3.")
        return await next_question(on)


async def without_eyes() -> ModelRequest:
    plot = cell("plot", "sales.plot()", execution_count=3, outputs=[PLOT])
    async with stage("It has a plot.", "Nothing.", cells=[*CELLS, plot], images=False) as on:
        await on.post("What does the plot show?")
        return await next_question(on)


SITUATIONS: list[Situation] = [
    denied, approved_with_other_arguments, stale, stopped, in_doubt, undone, changed_by_a_person,
    restarted_by_a_person, second_chat, while_a_cell_runs, without_a_tab, without_eyes,
]  # fmt: skip


@pytest.mark.parametrize("situation", SITUATIONS, ids=lambda each: each.__name__)
async def test_the_request_is_the_one_that_was_read_and_found_good(situation: Situation) -> None:
    told = _as_text(await situation())
    file = GOLDEN / f"{situation.__name__}.txt"
    if os.environ.get("WRITE_GOLDEN"):
        file.write_text(told, encoding="utf-8")
    assert told == file.read_text(encoding="utf-8")


def _as_text(request: ModelRequest) -> str:
    """The conversation as a person reads it; the instructions and the tools are left out."""
    parts = []
    for message in request.messages[1:]:
        content = message.get("content") or ""
        if isinstance(content, list):
            content = "\n".join(part.get("text", "(picture)") for part in content)
        functions = [each["function"] for each in message.get("tool_calls", ())]
        calls = [f"-> {each['name']} {each['arguments']}" for each in functions]
        parts.append("\n".join([f"======== {message['role']}", *filter(None, [content]), *calls]))
    return "\n\n".join(parts) + "\n"
