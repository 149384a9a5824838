"""One purpose, one call: changes, a restart and runs as one proposal."""

from __future__ import annotations

from typing import Any

import pytest

from jupyter_copilot.ports.tool import effect_of, kind_of, may_repeat
from jupyter_copilot.protocol.errors import ToolError
from jupyter_copilot.testing import ScriptedRun
from jupyter_copilot.tools.builtin.draft import new_cell_id
from jupyter_copilot.tools.builtin.which import on_cells, runs

from ..bench import TOOLS, Bench, failure, stream

NEW, SECOND = new_cell_id("m.r1.s1.a1.c1#0"), new_cell_id("m.r1.s1.a1.c1#1")
INSERT = {"action": "insert_cell", "after": "load", "source": "z = 1"}


def edit(bench: Bench, cell_id: str, source: str) -> dict[str, Any]:
    return {
        "action": "edit_cell",
        "cell_id": cell_id,
        "expected_version": bench.version(cell_id),
        "source": source,
    }


async def test_changes_and_the_runs_after_them_are_one_proposal(bench: Bench) -> None:
    args: dict[str, Any] = {"changes": [edit(bench, "load", "df = read()"), INSERT], "run": ["changed"]}
    proposal = await bench.propose("change_notebook", **args)
    assert proposal.preview.title == "Edit cell 2, insert a cell and run them"
    assert [(diff.action, diff.cell_id) for diff in proposal.preview.cells] == [("edit", "load"), ("insert", SECOND)]
    assert proposal.run == ["load", SECOND]
    bench.script(ScriptedRun(cell_id="load", outputs=[stream("read\n")]), ScriptedRun(cell_id=SECOND))
    told = await bench.call("change_notebook", **args)
    assert [operation.name for operation in bench.notebook.operations] == ["apply", "run", "run"]
    assert "Edited cell 2 [load]." in told.text and "~~~stdout\nread" in told.text
    assert "Cell 3" in told.text and "It has no output." in told.text


async def test_what_stands_below_a_change_runs_with_it(bench: Bench) -> None:
    args: dict[str, Any] = {"changes": [edit(bench, "plot", "plot()")], "run": "changed_and_below"}
    proposal = await bench.propose("change_notebook", **args)
    assert proposal.run == ["plot", "figure"]
    assert proposal.preview.title == "Edit cell 3 and run 2 cells"
    assert [(diff.action, diff.cell_id) for diff in proposal.preview.cells] == [("edit", "plot"), ("run", "figure")]


async def test_a_cell_that_is_inserted_can_be_named_in_the_same_call(bench: Bench) -> None:
    changes = [
        {**INSERT, "cell_id": "first"},
        {"action": "insert_cell", "after": "first", "source": "y = z"},
        {"action": "move_cell", "cell_id": "figure", "after": "first"},
    ]
    bench.script(ScriptedRun(cell_id=NEW))
    await bench.call("change_notebook", changes=changes, run=["first"])
    assert bench.order == ["intro", "load", NEW, SECOND, "figure", "plot"]


async def test_a_restart_comes_after_the_changes_and_before_the_runs(bench: Bench) -> None:
    args: dict[str, Any] = {"changes": [edit(bench, "load", "df = 1")], "run": ["all"], "restart": True}
    proposal = await bench.propose("change_notebook", **args)
    assert proposal.restart and "the kernel is restarted, and all variables are lost" in proposal.preview.title
    bench.script(*(ScriptedRun(cell_id=each) for each in ("load", "plot", "figure")))
    told = await bench.call("change_notebook", **args)
    assert [o.name for o in bench.notebook.operations] == ["apply", "restart", "run", "run", "run"]
    assert told.text.index("Edited cell 2") < told.text.index("The kernel was restarted.") < told.text.index("Cell 3")
    assert await bench.probe("change_notebook", **args) is None


async def test_the_kernel_can_be_restarted_and_nothing_else(bench: Bench) -> None:
    proposal = await bench.propose("run_cells", restart=True)
    assert proposal.preview.title == "Restart the kernel; all variables are lost" and proposal.restart
    await bench.call("run_cells", restart=True)
    assert [operation.name for operation in bench.notebook.operations] == ["restart"]


@pytest.mark.parametrize(
    ("told", "run"),
    [(["all"], ["load", "plot", "figure"]), (["above figure"], ["load", "plot"]), (["below: 3"], ["plot", "figure"])],
)
async def test_cells_to_run_can_be_named_together(bench: Bench, told: list[str], run: list[str]) -> None:
    assert (await bench.propose("run_cells", cell_ids=told)).run == run


async def test_of_many_runs_those_that_show_nothing_new_share_a_line(bench: Bench) -> None:
    changes = [{"action": "insert_cell", "after": "figure", "source": "a"}]
    bench.script(
        ScriptedRun(cell_id="load", outputs=[stream("loaded\n")]),
        ScriptedRun(cell_id="plot", outputs=[stream("new\n")]),
        ScriptedRun(cell_id="figure"),
        ScriptedRun(cell_id=NEW),
    )
    told = await bench.call("change_notebook", changes=changes, run=["all"])
    assert "Cells 4–5 ran without error, and have no output." in told.text
    assert "Cell 2 ran without error, with the same outputs as before." in told.text
    assert "loaded" not in told.text and "~~~stdout\nnew" in told.text


async def test_an_error_ends_the_runs_and_what_changed_stays(bench: Bench) -> None:
    bench.script(ScriptedRun(cell_id="load", status="error", outputs=[failure("KeyError: 'x'")]))
    told = await bench.call("change_notebook", changes=[edit(bench, "load", "boom")], run=["all"])
    assert told.broke_off and "Not run after that: cell 3 [plot] and cell 4 [figure]." in told.text
    assert bench.cell("load").source == "boom"


@pytest.mark.parametrize(
    ("args", "effect"),
    [
        ({"changes": [INSERT]}, "edit"),
        ({"changes": [INSERT], "run": []}, "edit"),
        ({"changes": [INSERT], "run": ["changed"]}, "execute"),
        ({"changes": [INSERT], "restart": True}, "execute"),
        ({"run": ["all"]}, "execute"),
        ({"changes": [INSERT], "run": "none"}, "execute"),
        (None, "execute"),
    ],
)
def test_changes_alone_are_an_edit(args: dict[str, Any] | None, effect: str) -> None:
    tool = TOOLS.find("change_notebook")
    assert effect_of(tool, args) == effect
    assert kind_of(tool).effect == "edit"
    assert may_repeat(tool, args or {}) == (effect == "edit")


async def test_changes_alone_are_found_again_after_a_crash(bench: Bench) -> None:
    args: dict[str, Any] = {"changes": [edit(bench, "load", "df = 1")]}
    assert await bench.probe("change_notebook", **args) is None
    await bench.call("change_notebook", **args)
    found = await bench.probe("change_notebook", **args)
    assert found is not None and "df = 1" in found.text


@pytest.mark.parametrize(
    ("args", "told"),
    [
        ({}, "There is nothing to do."),
        ({"changes": [], "run": "none"}, "There is nothing to do."),
        ({"run": ["nowhere"]}, "There is no cell"),
        ({"run": ["intro"]}, "Only code cells run."),
        ({"changes": [{"action": "edit_cell", "cell_id": "load"}]}, "changes[0]"),
    ],
)
async def test_what_cannot_be_done_is_refused_as_a_whole(bench: Bench, args: dict[str, Any], told: str) -> None:
    assert told in str(await bench.refusal("change_notebook", **args))


async def test_nothing_to_run_is_refused(bench: Bench) -> None:
    assert "There is nothing to run." in str(await bench.refusal("run_cells"))


def test_words_for_several_cells_are_read_as_models_write_them() -> None:
    ids = ["aaaaaaaa-1", "bbbbbbbb-2"]
    assert [on_cells(ids, told) for told in ("ALL", "Changed and below", "above bbbbbbbb", "2")] == [
        "all",
        "changed_and_below",
        "above bbbbbbbb-2",
        "bbbbbbbb-2",
    ]
    with pytest.raises(ToolError):
        runs(["above nowhere"], [], set())


async def test_who_quotes_a_text_that_stands_in_one_place_need_not_have_been_told_the_cell(bench: Bench) -> None:
    quoted = {"action": "edit_cell", "cell_id": "load", "old_text": "x = 1", "new_text": "x = 2"}
    await bench.call("change_notebook", changes=[quoted])
    assert bench.cell("load").source == "df = load()\nx = 2\ny = 1"
    whole = {"action": "edit_cell", "cell_id": "load", "source": "x = 3"}
    assert "Cell 2 was not read by you yet." in str(await bench.refusal("change_notebook", changes=[whole]))
