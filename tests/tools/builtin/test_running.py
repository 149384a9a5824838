"""Runs: only what people saw runs, and the model is told how each ended."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from jupyter_copilot.ports.notebook import version_of
from jupyter_copilot.protocol.errors import InDoubt, KernelError, StaleCells
from jupyter_copilot.testing import FakeNotebook, ScriptedRun
from jupyter_copilot.tools.builtin.draft import new_cell_id

from ..bench import TOOLS, Bench, failure, picture, png, result, stream

NEW = new_cell_id("m.r1.s1.a1.c1")


async def test_a_run_shows_the_code_and_is_pinned_to_it(bench: Bench) -> None:
    proposal = await bench.propose("run_cell", cell_id="plot")
    assert proposal.preview.title == "Run cell 3"
    (diff,) = proposal.preview.cells
    assert (diff.action, diff.before, diff.after) == ("run", "df['flipper'].hist()", "df['flipper'].hist()")
    assert proposal.pinned == {"plot": bench.version("plot")} and proposal.run == ["plot"]


async def test_a_run_tells_output_and_images_and_streams_meanwhile(bench: Bench) -> None:
    bench.script(ScriptedRun(cell_id="figure", outputs=[stream("drawing\n"), picture()]))
    told = await bench.call("run_cell", cell_id="figure")
    assert told.text.startswith("Cell 4 [figure] ran without error (run 1).\n~~~stdout\n")
    assert "drawing" in told.text and "[image/png, attached as image 1]" in told.text
    assert [image.mime for image in told.images] == ["image/png"]
    assert told.cells == ["figure"]
    assert [(output.kind, output.cell_id) for output in bench.emitted] == [("stdout", "figure"), ("image", "figure")]


async def test_images_of_several_cells_are_numbered_through_and_not_more_than_a_model_takes(bench: Bench) -> None:
    first, second, third = png("first"), png("second"), png("third")
    bench.script(
        ScriptedRun(cell_id="figure", outputs=[picture(first), picture(second)]),
        ScriptedRun(cell_id="plot", outputs=[picture(third)]),
        ScriptedRun(cell_id="load", outputs=[picture(), picture()]),
    )
    told = await bench.call("run_cells", cell_ids=["figure", "plot", "load"])
    assert [image.data for image in told.images] == [first, second, third]
    assert [told.text.count(f"attached as image {number}]") for number in (1, 2, 3, 4)] == [1, 1, 1, 0]
    assert told.text.count("not in this text]") == 2


async def test_silence_is_told_too(bench: Bench) -> None:
    bench.script(ScriptedRun(cell_id="load"))
    told = await bench.call("run_cell", cell_id="load")
    assert told.text == "Cell 2 [load] ran without error (run 1). It has no output."


@pytest.mark.parametrize(
    ("status", "told"),
    [("error", "raised an error"), ("interrupted", "was interrupted"), ("timeout", "was stopped at its time limit")],
)
async def test_a_run_that_did_not_end_well_is_told_as_it_was(bench: Bench, status: str, told: str) -> None:
    bench.script(ScriptedRun(cell_id="plot", status=status, outputs=[failure("Traceback", "KeyError: 'x'")]))  # type: ignore[arg-type]
    text = (await bench.call("run_cell", cell_id="plot")).text
    assert told in text and "Traceback\nKeyError: 'x'" in text


async def test_the_exec_id_names_call_and_cell(bench: Bench) -> None:
    bench.script(ScriptedRun(cell_id="load"))
    await bench.call("run_cell", call_id="c9", cell_id="load")
    assert bench.notebook.operations[-1].exec_id == "c9.load"


@pytest.mark.parametrize(("asked", "limit", "used"), [(5, None, 5), (5, 3, 3), (None, 3, 3), (None, None, None)])
async def test_the_shorter_time_limit_counts(
    bench: Bench, asked: float | None, limit: float | None, used: float | None
) -> None:
    bench.script(ScriptedRun(cell_id="load"))
    bench.timeout_s = limit
    seen: list[float | None] = []
    run = bench.notebook.run

    async def watched(*args: object, **kwargs: object) -> object:
        seen.append(args[3])  # type: ignore[arg-type]
        return await run(*args, **kwargs)  # type: ignore[arg-type]

    bench.notebook.run = watched  # type: ignore[method-assign, assignment]
    await bench.call("run_cell", cell_id="load", timeout_s=asked)
    assert seen == [used]


async def test_only_code_runs(bench: Bench) -> None:
    refused = await bench.refusal("run_cell", cell_id="intro")
    assert str(refused) == "Cell 1 is markdown. Only code cells run."


async def test_what_changed_since_people_saw_it_does_not_run(bench: Bench) -> None:
    proposal = await bench.propose("run_cell", cell_id="plot")
    bench.notebook.set_source("plot", "os.remove('data')")
    with pytest.raises(StaleCells) as caught:
        await TOOLS.find("run_cell").execute({"cell_id": "plot"}, proposal, bench.context())
    assert caught.value.cells == {"plot": version_of("os.remove('data')")}
    assert bench.notebook.operations == []


async def test_several_cells_run_in_order_and_stop_at_an_error(bench: Bench) -> None:
    bench.script(ScriptedRun(cell_id="figure"), ScriptedRun(cell_id="plot", status="error"))
    ids = ["figure", "plot", "load", "figure"]
    proposal = await bench.propose("run_cells", cell_ids=ids)
    assert proposal.preview.title == "Run cells 4, 3 and 2"
    told = await bench.call("run_cells", cell_ids=ids)
    assert told.text.split("\n") == [
        "Cell 4 [figure] ran without error (run 1). It has no output.",
        "Cell 3 [plot] raised an error (run 2).",
        "Not run after that: cell 2 [load].",
    ]


async def test_several_cells_run_on_past_errors_when_asked(bench: Bench) -> None:
    bench.script(ScriptedRun(cell_id="plot", status="error"), ScriptedRun(cell_id="load"))
    told = await bench.call("run_cells", cell_ids=["plot", "load"], stop_on_error=False)
    assert "Cell 2 [load] ran without error" in told.text


async def test_an_interruption_ends_all_runs_even_past_errors(bench: Bench) -> None:
    bench.script(ScriptedRun(cell_id="plot", status="interrupted"))
    told = await bench.call("run_cells", cell_ids=["plot", "load"], stop_on_error=False)
    assert "Not run after that: cell 2 [load]." in told.text


async def test_of_several_cells_none_runs_when_one_changed_since_people_saw_it(bench: Bench) -> None:
    args: dict[str, Any] = {"cell_ids": ["load", "plot"]}
    proposal = await bench.propose("run_cells", **args)
    bench.notebook.set_source("plot", "other()")
    with pytest.raises(StaleCells):
        await TOOLS.find("run_cells").execute(args, proposal, bench.context())
    assert bench.notebook.operations == []


async def test_a_cell_that_changes_while_another_runs_does_not_run(bench: Bench) -> None:
    gate = asyncio.Event()
    bench.script(ScriptedRun(cell_id="load", outputs=[stream("x")], until=gate))
    calling = asyncio.ensure_future(bench.call("run_cells", cell_ids=["load", "plot"]))
    while not bench.emitted:
        await asyncio.sleep(0)
    bench.notebook.set_source("plot", "other()")
    gate.set()
    told = await calling
    assert "Cell 2 [load] ran without error" in told.text
    assert "But cell plot did not run to its end: Changed since it was read: plot." in told.text


async def test_inserting_and_running_is_one_proposal(bench: Bench) -> None:
    proposal = await bench.propose("insert_and_run", after="load", source="df.head()")
    assert proposal.preview.title == "Insert and run a cell after cell 2"
    assert [diff.action for diff in proposal.preview.cells] == ["insert"]
    bench.script(ScriptedRun(cell_id=NEW, outputs=[result("  a\n0 1")]))
    told = await bench.call("insert_and_run", after="load", source="df.head()")
    first, second, *_ = told.text.split("\n")
    assert first == f"Inserted cell 3 [{NEW}]."
    assert second == f"Cell 3 [{NEW}] ran without error (run 1)."
    assert "0 1" in told.text and told.cells == [NEW]


async def test_editing_and_running_is_one_proposal(bench: Bench) -> None:
    args = {"cell_id": "plot", "expected_version": bench.version("plot"), "old_text": "flipper", "new_text": "mass"}
    assert (await bench.propose("edit_and_run", **args)).preview.title == "Edit and run cell 3"
    bench.script(ScriptedRun(cell_id="plot"))
    told = await bench.call("edit_and_run", **args)
    assert told.text.startswith("Edited cell 3 [plot].")
    assert [operation.name for operation in bench.notebook.operations] == ["apply", "run"]


async def test_an_edit_that_a_person_overtakes_before_the_run_does_not_run(bench: Bench) -> None:
    args = {"cell_id": "plot", "expected_version": bench.version("plot"), "source": "mine()"}
    proposal = await bench.propose("edit_and_run", **args)
    apply = bench.notebook.apply

    async def overtaken(*given: object) -> None:
        await apply(*given)  # type: ignore[arg-type]
        bench.notebook.set_source("plot", "theirs()")

    bench.notebook.apply = overtaken  # type: ignore[method-assign, assignment]
    told = await TOOLS.find("edit_and_run").execute(args, proposal, bench.context())
    assert "Edited cell 3 [plot]." in told.text
    assert "But cell plot did not run to its end: Changed since it was read: plot." in told.text
    assert [operation.name for operation in bench.notebook.operations] == ["apply"]


async def test_an_edit_and_run_of_a_stale_cell_changes_nothing(bench: Bench) -> None:
    args = {"cell_id": "plot", "expected_version": bench.version("plot"), "source": "mine()"}
    proposal = await bench.propose("edit_and_run", **args)
    bench.notebook.set_source("plot", "theirs()")
    with pytest.raises(StaleCells):
        await TOOLS.find("edit_and_run").execute(args, proposal, bench.context())
    assert bench.cell("plot").source == "theirs()" and bench.notebook.operations == []


async def test_edit_and_run_names_itself_in_its_errors(bench: Bench) -> None:
    refused = await bench.refusal("edit_and_run", cell_id="plot", expected_version=bench.version("plot"))
    assert refused.message.startswith("edit_and_run needs either `source`")


async def test_a_dead_kernel_after_the_edit_is_told_beside_the_edit(bench: Bench) -> None:
    bench.script(ScriptedRun(cell_id=NEW, error=KernelError("The kernel died.", hint="Restart it.")))
    told = await bench.call("insert_and_run", after=None, source="boom()")
    assert told.text.startswith(f"Inserted cell 1 [{NEW}]")
    assert told.text.endswith(f"But cell {NEW} did not run to its end: The kernel died. Restart it.")


async def test_a_dead_kernel_before_anything_was_done_is_an_error(bench: Bench) -> None:
    bench.script(ScriptedRun(cell_id="load", error=KernelError("The kernel died.")))
    with pytest.raises(KernelError):
        await bench.call("run_cell", cell_id="load")


async def test_doubt_is_passed_on(bench: Bench) -> None:
    bench.script(ScriptedRun(cell_id=NEW, error=InDoubt("The tab went away.")))
    with pytest.raises(InDoubt):
        await bench.call("insert_and_run", after=None, source="boom()")


async def test_stopping_a_run_goes_through_to_the_notebook(bench: Bench) -> None:
    bench.script(ScriptedRun(cell_id="load", outputs=[stream("x")], until=asyncio.Event()))
    calling = asyncio.ensure_future(bench.call("run_cell", cell_id="load"))
    while not bench.emitted:
        await asyncio.sleep(0)
    calling.cancel()
    with pytest.raises(asyncio.CancelledError):
        await calling
    assert bench.cell("load").metadata["copilot"]["state"] == "interrupted"


async def test_the_probe_adopts_runs_that_ended(bench: Bench) -> None:
    assert await bench.probe("run_cells", cell_ids=["load", "plot"]) is None
    bench.script(ScriptedRun(cell_id="load", outputs=[result("1")]), ScriptedRun(cell_id="plot", status="error"))
    told = await bench.call("run_cells", cell_ids=["load", "plot", "figure"])
    assert await bench.probe("run_cells", cell_ids=["load", "plot", "figure"]) == told
    assert await bench.probe("run_cells", cell_ids=["load", "figure"]) is None


async def test_the_probe_of_an_edit_and_run_needs_both(bench: Bench) -> None:
    args = {"cell_id": "plot", "expected_version": bench.version("plot"), "source": "mine()"}
    request = TOOLS.find("edit_and_run")
    proposal = await bench.propose("edit_and_run", **args)
    await bench.notebook.apply(proposal.changes, bench.context().exec_id)
    assert await bench.probe("edit_and_run", **args) is None
    bench.script(ScriptedRun(cell_id="plot"))
    await bench.notebook.run("plot", f"{bench.context().exec_id}.plot", bench.emitted.append, None)
    found = await request.probe(args, bench.context())
    assert found is not None and "mine()" in found.text and "ran without error" in found.text


async def test_the_probe_finds_nothing_when_the_notebook_cannot_be_read(bench: Bench) -> None:
    class Gone(FakeNotebook):
        async def ran(self, cell_id: str, exec_id: str) -> None:
            raise KernelError("gone")

    context = bench.context(notebook=Gone())
    assert await TOOLS.find("run_cell").probe({"cell_id": "load"}, context) is None


async def test_restarting_says_what_is_lost(bench: Bench) -> None:
    assert (await bench.propose("restart_kernel")).preview.title == "Restart the kernel; all variables are lost"
    assert "No variable or import is left" in (await bench.call("restart_kernel")).text
    assert [operation.name for operation in bench.notebook.operations] == ["restart"]


async def test_interrupting(bench: Bench) -> None:
    assert (await bench.propose("interrupt_kernel")).preview.title == "Interrupt the kernel"
    await bench.call("interrupt_kernel")
    assert [operation.name for operation in bench.notebook.operations] == ["interrupt"]


def test_what_runs_is_never_run_again_by_itself() -> None:
    assert [tool.name for tool in TOOLS if tool.effect == "execute" and tool.idempotent] == []
    assert [tool.name for tool in TOOLS if tool.effect != "execute" and not tool.idempotent] == []
