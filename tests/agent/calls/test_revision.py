"""What people are asked stays true while they think."""

from __future__ import annotations

from jupyter_copilot import protocol as p
from jupyter_copilot.core import state as s
from jupyter_copilot.ports.model import ToolRequest
from jupyter_copilot.ports.notebook import InsertCell, version_of
from jupyter_copilot.testing import Answer, ScriptedRun
from jupyter_copilot.testing.model import call
from jupyter_copilot.tools.builtin.running import RunCellsTool

from ..stage import Stage, cell, operations, real_tools

CALL = "m1.r1.s1.a1.c1"
CELLS = [cell("a", "x = 1"), cell("b", "y = 1")]


def asks(*requests: ToolRequest, runs: list[ScriptedRun] | None = None) -> Stage:
    return Stage(
        Answer(calls=list(requests)), "I see.", cells=CELLS, runs=runs or [], tools=real_tools(RunCellsTool())
    )  # fmt: skip


async def test_a_card_turns_when_somebody_changes_the_cell_that_would_run_and_shows_the_new_code() -> None:
    async with asks(call("run_cell", cell_id="a"), runs=[ScriptedRun(cell_id="a")]) as stage:
        await stage.post()
        await stage.asked(f"{CALL}.q")
        before = stage.approval(CALL)
        stage.notebook.set_source("a", "x = 2")
        stage.manual.advance(2)
        await stage.until(lambda state: state.confirmations[f"{CALL}.q"].args_hash != before.args_hash)
        opened = stage.state.confirmations[f"{CALL}.q"]
        assert stage.state.calls[CALL].preview.cells[0].after == "x = 2"
        assert opened.body.startswith("Cell 1 changed since this was proposed")
        await stage.decide(f"{CALL}.q")
        await stage.over()
        assert operations(stage.notebook, "run") == ["run"]


async def test_an_edit_of_a_cell_that_somebody_changed_is_taken_back_before_anybody_clicks() -> None:
    edit = call("edit_cell", cell_id="a", expected_version=version_of("x = 1"), source="x = 3")
    async with asks(edit, call("run_cell", cell_id="a")) as stage:
        await stage.post()
        await stage.asked(f"{CALL}.q")
        stage.notebook.set_source("a", "mine")
        stage.manual.advance(2)
        await stage.over()
        closed = stage.state.confirmations[f"{CALL}.q"]
        assert isinstance(closed, s.Withdrawn) and "not as you read it" in closed.reason
        assert "mine" in stage.results()[0]
        assert "could not be done" in stage.results()[1] or "was denied" in stage.results()[1]
        assert stage.notebook.operations == []


async def test_a_cell_that_moved_has_its_new_number_on_the_card_and_a_click_on_the_old_one_still_counts() -> None:
    async with asks(call("run_cell", cell_id="a"), runs=[ScriptedRun(cell_id="a")]) as stage:
        await stage.post()
        await stage.asked(f"{CALL}.q")
        clicked = stage.approval(CALL)
        first = InsertCell(cell_id="new", after=None, cell_type="code", source="z = 1")
        await stage.notebook.apply([first], "by hand")
        stage.manual.advance(2)
        await stage.until(lambda state: state.confirmations[f"{CALL}.q"].title == "Run cell 2")
        await stage.do(clicked)
        await stage.over()


async def test_nothing_is_recorded_while_nothing_changes() -> None:
    async with asks(call("run_cells", cell_ids=["a", "b"])) as stage:
        await stage.post()
        await stage.asked(f"{CALL}.q")
        for _ in range(5):
            stage.manual.advance(2)
            await stage.do(p.PostMessage(message_id=p.MessageId(f"n{stage.state.seq}"), text="hm", run=False))
        assert "CallRevised" not in stage.kinds()
        await stage.decide(f"{CALL}.q", p.DENY)
        await stage.over()
