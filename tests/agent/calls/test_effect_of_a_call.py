"""What a call would do goes by its arguments: changes alone are asked about as an edit, and never become more."""

from __future__ import annotations

from typing import Any

from jupyter_copilot import protocol as p
from jupyter_copilot.core import state as s
from jupyter_copilot.testing import Answer, ScriptedRun
from jupyter_copilot.testing.model import call
from jupyter_copilot.tools.builtin.changing import ChangeNotebookTool

from ..stage import Stage, cell, real_tools

CHANGE: dict[str, Any] = {"action": "edit_cell", "cell_id": "a", "source": "x = 2"}
CALL, CARD = "m1.r1.s1.a1.c1", "m1.r1.s1.a1.c1.q"


def stage(*answers: Answer | str, runs: int = 0) -> Stage:
    scripted = [ScriptedRun(cell_id="a") for _ in range(runs)]
    return Stage(*answers, cells=[cell("a", "x = 1")], runs=scripted, tools=real_tools(ChangeNotebookTool()))


async def test_changes_alone_are_asked_about_as_an_edit() -> None:
    async with stage(Answer(calls=[call("change_notebook", changes=[CHANGE])]), "Done.") as played:
        await played.post()
        await played.asked(CARD)
        assert played.state.calls[CALL].effect == "edit"
        assert played.state.confirmations[CARD].policy.right == "write"
        await played.decide(CARD)
        await played.over()
        assert played.notebook.cells[0].source == "x = 2"


async def test_where_edits_need_no_approval_changes_alone_need_none_and_runs_do() -> None:
    both = Answer(calls=[call("change_notebook", changes=[{**CHANGE, "source": "x = 3"}], run=["changed"])])
    async with stage(Answer(calls=[call("change_notebook", changes=[CHANGE])]), both, "Done.", runs=1) as played:
        await played.do(p.SetMode(thread_id=p.MAIN_THREAD, mode="auto_edit"))
        await played.post()
        await played.asked("m1.r1.s2.a1.c1.q")
        assert CARD not in played.state.confirmations and played.notebook.cells[0].source == "x = 2"
        assert played.state.calls["m1.r1.s2.a1.c1"].effect == "execute"
        await played.decide("m1.r1.s2.a1.c1.q")
        await played.over()


async def test_who_may_approve_an_edit_cannot_make_it_run() -> None:
    async with stage(Answer(calls=[call("change_notebook", changes=[CHANGE])]), "Done.") as played:
        await played.post()
        await played.asked(CARD)
        await played.decide(CARD, edited_args={"changes": [CHANGE], "run": ["a"]})
        await played.over()
        done = played.state.calls[CALL]
        assert isinstance(done, s.CallDone) and done.is_error
        assert "With these arguments it would do more than was asked." in done.result.text
        assert played.notebook.operations == []


async def test_a_restart_is_a_danger_beside_those_of_the_code() -> None:
    change = {**CHANGE, "source": "import os\nos.remove('a')"}
    answer = Answer(calls=[call("change_notebook", changes=[change], run=["changed"], restart=True)])
    async with stage(answer, "All right.") as played:
        await played.post()
        await played.asked(CARD)
        found = played.state.calls[CALL].circumstances
        assert found is not None and found.dangers == ["deletes", "restarts"]
        await played.decide(CARD, p.DENY)
        await played.over()


async def test_a_refusal_that_shows_a_cell_counts_as_having_told_it() -> None:
    again = {**CHANGE, "source": "x = 4"}
    answers = [Answer(calls=[call("change_notebook", changes=[change])]) for change in (CHANGE, again)]
    async with stage(*answers, "Done.") as played:
        await played.post()
        await played.asked(CARD)
        played.notebook.set_source("a", "x = 3")
        played.manual.advance(2)
        await played.asked("m1.r1.s2.a1.c1.q")
        assert "as it is now:\n[1 a" in played.results()[0] and "x = 3" in played.results()[0]
        await played.decide("m1.r1.s2.a1.c1.q")
        await played.over()
        assert played.notebook.cells[0].source == "x = 4"
