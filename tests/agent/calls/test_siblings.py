"""Several calls of one answer that touch the same cells, and what is told when a cell is not as it was."""

from __future__ import annotations

import pytest

from jupyter_copilot import protocol as p
from jupyter_copilot.core import state as s
from jupyter_copilot.ports.model import ToolRequest
from jupyter_copilot.ports.notebook import version_of
from jupyter_copilot.testing import Answer, ScriptedRun
from jupyter_copilot.testing.model import call
from jupyter_copilot.tools.builtin.editing import EditNotebookTool, SetCellTypeTool
from jupyter_copilot.tools.builtin.running import EditAndRunTool, RunCellsTool

from ..stage import Stage, Tools, cell, operations, real_tools

SOURCE = "a = 1\nb = 1\n"
READ = version_of(SOURCE)
FIRST, SECOND = "m1.r1.s1.a1.c1", "m1.r1.s1.a1.c2"


def replacing(old: str, new: str, tool: str = "edit_cell") -> ToolRequest:
    return call(tool, cell_id="c", expected_version=READ, old_text=old, new_text=new)


def tools() -> Tools:
    return real_tools(RunCellsTool(), EditAndRunTool(), EditNotebookTool(), SetCellTypeTool())


def edits(*requests: ToolRequest, runs: list[ScriptedRun] | None = None) -> Stage:
    """A stage on which one answer makes these calls."""
    return Stage(
        Answer(calls=list(requests)), "Well.", cells=[cell("c", SOURCE)], runs=runs or [], tools=tools()
    )  # fmt: skip


async def test_two_edits_of_one_cell_are_both_made_as_they_were_shown() -> None:
    async with edits(replacing("a = 1", "a = 2"), replacing("b = 1", "b = 2")) as stage:
        await stage.post()
        await stage.asked(f"{FIRST}.q", f"{SECOND}.q")
        (shown,) = stage.state.calls[SECOND].preview.cells
        assert (shown.before, shown.after) == ("a = 2\nb = 1\n", "a = 2\nb = 2\n")
        await stage.decide(f"{FIRST}.q")
        await stage.decide(f"{SECOND}.q")
        await stage.over()
        assert stage.notebook.cells[0].source == "a = 2\nb = 2\n"
        assert [call.is_error for call in stage.state.calls.values()] == [False, False]  # type: ignore[union-attr]


async def test_the_second_waits_for_the_first_whichever_is_approved_first() -> None:
    async with edits(replacing("a = 1", "a = 2"), replacing("b = 1", "b = 2")) as stage:
        await stage.post()
        await stage.asked(f"{FIRST}.q", f"{SECOND}.q")
        await stage.decide(f"{SECOND}.q")
        await stage.do(p.PostMessage(message_id=p.MessageId("m2"), text="wait", run=False))
        assert isinstance(stage.state.calls[SECOND], s.CallConfirmed)
        await stage.decide(f"{FIRST}.q")
        await stage.over()
        assert stage.notebook.cells[0].source == "a = 2\nb = 2\n"
        done = [event.call_id for event in stage.events if isinstance(event, p.CallFinished)]
    assert done == [FIRST, SECOND]


async def test_what_builds_on_a_denied_edit_is_not_made_and_the_model_is_told_why() -> None:
    async with edits(replacing("a = 1", "a = 2"), replacing("b = 1", "b = 2")) as stage:
        await stage.post()
        await stage.asked(f"{FIRST}.q", f"{SECOND}.q")
        await stage.decide(f"{SECOND}.q")
        await stage.decide(f"{FIRST}.q", p.DENY)
        await stage.over()
        assert stage.notebook.cells[0].source == SOURCE
        assert "as it follows “Edit cell 1” in the same answer, which was denied." in stage.results()[1]


async def test_a_person_who_edits_in_between_is_not_overwritten() -> None:
    async with edits(replacing("a = 1", "a = 2"), replacing("b = 1", "b = 2")) as stage:
        await stage.post()
        await stage.asked(f"{FIRST}.q", f"{SECOND}.q")
        await stage.decide(f"{FIRST}.q")
        await stage.settled(FIRST)
        stage.notebook.set_source("c", "mine")
        await stage.decide(f"{SECOND}.q")
        await stage.over()
        assert stage.notebook.cells[0].source == "mine"
        second = stage.state.calls[SECOND]
        assert isinstance(second, s.CallDone) and second.is_error


async def test_edits_without_confirmation_an_edit_that_runs_and_a_change_of_type_follow_one_another() -> None:
    requests = [
        replacing("a = 1", "a = 2"),
        replacing("b = 1", "b = 2", "edit_and_run"),
        call("edit_notebook", changes=[{"action": "edit_cell", **replacing("b = 2", "b = 3").args}]),  # type: ignore[dict-item]
        call("set_cell_type", cell_id="c", expected_version=READ, cell_type="markdown"),
    ]
    async with edits(*requests, runs=[ScriptedRun(cell_id="c")]) as stage:
        await stage.do(p.SetMode(thread_id=p.MAIN_THREAD, mode="auto_edit"))
        await stage.post()
        await stage.asked(f"{SECOND}.q")
        await stage.decide(f"{SECOND}.q")
        await stage.over()
        assert [call.is_error for call in stage.state.calls.values()] == [False] * 4  # type: ignore[union-attr]
        (changed,) = stage.notebook.cells
    assert (changed.source, changed.cell_type) == ("a = 2\nb = 3\n", "markdown")


async def test_an_edit_and_a_run_of_the_same_cell_in_one_answer_work_whatever_else_runs_with_it() -> None:
    cells = [cell("c1", "b = 1"), cell("c3", "a = 1"), cell("c4", "print(a)")]
    requests = [
        call("edit_cell", cell_id="c3", expected_version=version_of("a = 1"), source="a = 2"),
        call("run_cells", cell_ids=["c1", "c3", "c4"]),
    ]
    runs = [ScriptedRun(cell_id=each.cell_id) for each in cells]
    async with Stage(Answer(calls=requests), "I see.", cells=cells, runs=runs, tools=tools()) as stage:
        await stage.post()
        await stage.asked(f"{FIRST}.q", f"{SECOND}.q")
        shown = {diff.cell_id: diff.after for diff in stage.state.calls[SECOND].preview.cells}
        assert shown["c3"] == "a = 2"
        await stage.decide(f"{SECOND}.q")
        await stage.decide(f"{FIRST}.q")
        await stage.over()
        assert [each.name for each in stage.notebook.operations] == ["apply", "run", "run", "run"]
        assert "ran without error" in stage.results()[1]


async def test_a_run_that_raises_an_error_closes_what_follows_without_asking_on() -> None:
    raised = ScriptedRun(
        cell_id="c", status="error", outputs=[{"output_type": "error", "ename": "E", "evalue": "", "traceback": []}]
    )
    async with edits(call("run_cell", cell_id="c"), replacing("a = 1", "a = 2"), runs=[raised]) as stage:
        await stage.post()
        await stage.asked(f"{FIRST}.q", f"{SECOND}.q")
        await stage.decide(f"{FIRST}.q")
        await stage.over()
        assert stage.notebook.cells[0].source == SOURCE
        closed = stage.state.confirmations[f"{SECOND}.q"]
        assert isinstance(closed, s.Withdrawn) and "broke off" in closed.reason
        assert "broke off" in stage.results()[1]


async def test_what_follows_a_call_that_cannot_be_made_is_not_asked_about() -> None:
    async with edits(replacing("nowhere", "x"), call("run_cell", cell_id="c"), call("read_cell", cell_id="c")) as stage:
        await stage.post()
        await stage.over()
        assert "ConfirmationOpened" not in stage.kinds()
        _, closed, read = stage.results()
        assert "could not be done" in closed and "a = 1" in read


async def test_a_look_after_a_change_sees_what_the_change_left() -> None:
    async with edits(replacing("a = 1", "a = 2"), call("read_cell", cell_id="c")) as stage:
        await stage.post()
        await stage.asked(f"{FIRST}.q")
        assert isinstance(stage.state.calls[SECOND], s.CallProposal)
        await stage.decide(f"{FIRST}.q")
        await stage.over()
        assert "a = 2" in stage.results()[1]


async def test_all_of_an_answer_is_approved_at_once_with_one_changed_by_hand() -> None:
    requests = [replacing("a = 1", "a = 2"), call("run_cell", cell_id="c")]
    async with edits(*requests, runs=[ScriptedRun(cell_id="c")]) as stage:
        await stage.post()
        await stage.asked(f"{FIRST}.q", f"{SECOND}.q")
        edited = {"cell_id": "c", "expected_version": READ, "old_text": "a = 1", "new_text": "a = 3"}
        await stage.do(p.DecideAll(decisions=[stage.approval(FIRST, edited_args=edited), stage.approval(SECOND)]))
        await stage.over()
        assert stage.notebook.cells[0].source == "a = 3\nb = 1\n"
        assert [each.name for each in stage.notebook.operations] == ["apply", "run"]


async def test_what_was_approved_before_another_one_was_changed_by_hand_does_not_run_unseen() -> None:
    async with edits(replacing("a = 1", "a = 2"), call("run_cell", cell_id="c")) as stage:
        await stage.post()
        await stage.asked(f"{FIRST}.q", f"{SECOND}.q")
        await stage.decide(f"{SECOND}.q")
        stage.manual.advance(1)
        edited = {"cell_id": "c", "expected_version": READ, "source": "import shutil"}
        await stage.decide(f"{FIRST}.q", edited_args=edited)
        await stage.over()
        assert operations(stage.notebook, "run") == []


async def test_a_card_shows_what_it_would_do_after_the_one_before_it_was_changed_by_hand() -> None:
    async with edits(
        replacing("a = 1", "a = 2"), call("run_cell", cell_id="c"), runs=[ScriptedRun(cell_id="c")]
    ) as stage:
        await stage.post()
        await stage.asked(f"{FIRST}.q", f"{SECOND}.q")
        seen = stage.state.confirmations[f"{SECOND}.q"].args_hash
        edited = {"cell_id": "c", "expected_version": READ, "source": "a = 4"}
        await stage.decide(f"{FIRST}.q", edited_args=edited)
        await stage.until(lambda state: state.confirmations[f"{SECOND}.q"].args_hash != seen)
        assert stage.state.calls[SECOND].preview.cells[0].after == "a = 4"
        await stage.decide(f"{SECOND}.q")
        await stage.over()
        assert operations(stage.notebook, "run") == ["run"]


@pytest.mark.parametrize("edited", [False, True], ids=["as proposed", "with other arguments"])
async def test_a_stale_run_names_only_the_cell_that_changed(edited: bool) -> None:
    cells = [cell("c1", "b = 1"), cell("c3", "a = 1"), cell("c4", "print(a)")]
    requests = [call("run_cells", cell_ids=["c1", "c3", "c4"])]
    async with Stage(Answer(calls=requests), "I see.", cells=cells, tools=tools()) as stage:
        await stage.post()
        await stage.asked(f"{FIRST}.q")
        stage.notebook.set_source("c3", "a = 2")
        args = {"cell_ids": ["c1", "c3", "c4"], "stop_on_error": False} if edited else None
        await stage.decide(f"{FIRST}.q", edited_args=args)
        await stage.over()
        assert operations(stage.notebook, "run") == []
        assert "Changed since it was read: c3." in stage.results()[0]
