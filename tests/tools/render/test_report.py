"""What the model is told of what a run did beside its outputs."""

from __future__ import annotations

from jupyter_copilot.ports.notebook import Cell, NextInput, RunOutcome
from jupyter_copilot.tools.builtin.notebook_action import ActionRequest
from jupyter_copilot.tools.render.report import Report

CELLS = [Cell(cell_id="a", cell_type="code", source="exit()"), Cell(cell_id="b", cell_type="code", source="x = 1")]


def told(**fields: object) -> str:
    report = Report(runs=1)
    report.ran(RunOutcome(cell_id="a", status="ok", **fields), CELLS)  # type: ignore[arg-type]
    return report.result().text


def test_a_kernel_that_ended_is_told_with_what_is_gone_and_nothing_runs_after_it() -> None:
    assert "ended the kernel: its variables and imports are gone" in told(kernel_ended=True)
    assert "ended the kernel" not in told()
    ended = RunOutcome(cell_id="a", status="ok", kernel_ended=True)
    assert ActionRequest(run=["a", "b"], stop_on_error=False).ends_with(ended)


def test_code_that_was_put_into_the_notebook_is_shown() -> None:
    below = told(next_input=NextInput("b", False))
    assert "put code into the new cell 2 [b], which was not run" in below and "x = 1" in below
    assert "replaced its own source" in told(next_input=NextInput("a", True))


def test_what_nobody_does_here_is_told_as_a_sentence() -> None:
    assert told(notes=["The code asked to open the file 'a.py' in an editor; none was opened."]).endswith("opened.")
