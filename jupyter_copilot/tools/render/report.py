"""The result of changing and running cells, as text and images for the model."""

from __future__ import annotations

from collections.abc import Sequence

from ...core.model_context.told import GONE
from ...core.untrusted_text import as_data
from ...ports.notebook import KERNEL_ENDED, Cell, NextInput, RunOutcome, version_of
from ...protocol import CallResult, CellDiff, Image, ToldCell
from .data import quoted, shorten
from .describe import IN_FULL, STALE, OutputLimits, images_of, outputs_digest, render_cell, short_id, told_cell
from .outputs import MAX_IMAGES, render_outputs
from .titles import listed, ranges

MOST_ALONE = 3
"""Of more runs than these, those that show nothing new share a line."""

_DONE = {
    "insert": "Inserted",
    "edit": "Edited",
    "delete": "Deleted",
    "move": "Moved",
    "retype": "Changed the type of",
    "run": "Ran",
}
_OLD_OUTPUTS = " Its outputs are still those of the old text."
_ENDED = {
    "ok": "ran without error",
    "error": "raised an error",
    "interrupted": "was interrupted",
    "timeout": "was stopped at its time limit",
}


class Report:
    """Collects what was done, in order, while it is done."""

    def __init__(self, runs: int) -> None:
        self._lines: list[str] = []
        self._images: list[Image] = []
        self._cells: dict[str, None] = {}
        self.broke_off = False
        self._told: dict[str, ToldCell] = {}
        self._old_outputs: dict[str, int] = {}
        self._runs = runs
        self._before: dict[str, str] = {}
        self._silent: list[int] = []
        self._same: list[int] = []
        # Many cells of one call share what one cell alone would get, down to a floor.
        self._limits = OutputLimits(outputs=max(2_000, IN_FULL.outputs // max(runs, 1)), error=2_000)

    def __bool__(self) -> bool:
        return bool(self._lines)

    def before(self, cells: Sequence[Cell]) -> None:
        """Remember what cells put out before they run: of many runs, those that put it out again are told in a line."""
        if self._runs > MOST_ALONE:
            self._before = {cell.cell_id: outputs_digest(cell.outputs) for cell in cells}

    def say(self, sentence: str) -> None:
        """Add a sentence of our own."""
        self._lines.append(sentence)

    def changed(self, diffs: Sequence[CellDiff], cells: Sequence[Cell]) -> None:
        """Changes were made; `cells` are the notebook's after them.

        What is told of them is what was written, not what a person may have made of it since.
        """
        written = {diff.cell_id: diff for diff in diffs}
        for diff in diffs:
            self._cells[diff.cell_id] = None
            last = written[diff.cell_id]
            if last.after is None:
                self._told[diff.cell_id] = ToldCell(version=GONE)
                self._lines.append(f"Deleted {diff.label} [{short_id(diff.cell_id)}].")
            elif last is diff:
                self._tell(diff.cell_id, cells, version_of(last.after, last.cell_type), edited=diff.action == "edit")
                if self._told[diff.cell_id].note:
                    self._old_outputs[diff.cell_id] = len(self._lines)
                self._lines.append(f"{_DONE[diff.action]} {_name(cells, diff.cell_id)}.")

    def ran(self, outcome: RunOutcome, cells: Sequence[Cell]) -> None:
        """A cell was run."""
        self._cells[outcome.cell_id] = None
        self._old_outputs.pop(outcome.cell_id, None)
        self._tell(outcome.cell_id, cells)
        if self._is_nothing_new(outcome):
            number = next((n for n, cell in enumerate(cells, 1) if cell.cell_id == outcome.cell_id), 0)
            (self._same if outcome.outputs else self._silent).append(number)
            return
        count = f" (run {outcome.execution_count})" if outcome.execution_count is not None else ""
        name = _name(cells, outcome.cell_id)
        silence = "" if outcome.outputs or outcome.status != "ok" else " It has no output."
        self._lines.append(f"{name[:1].upper()}{name[1:]} {_ENDED[outcome.status]}{count}.{silence}")
        first = self._attach(outcome)
        self._lines.append(render_outputs(outcome.outputs, self._limits, first_image=first))
        if outcome.next_input is not None:
            self._put(outcome.next_input, cells)
        if outcome.kernel_ended:
            self._lines.append(f"{KERNEL_ENDED} Run again what defines them before anything that needs them.")
        self._lines += outcome.notes

    def _put(self, put: NextInput, cells: Sequence[Cell]) -> None:
        """The run put code into the notebook."""
        self._cells[put.cell_id] = None
        cell = next((cell for cell in cells if cell.cell_id == put.cell_id), None)
        name = _name(cells, put.cell_id)
        what = "replaced its own source" if put.replaced else f"put code into the new {name}, which was not run"
        self._lines.append(f"The code {what}. It reads now:" if cell else f"The code {what}.")
        if cell is not None:
            self._tell(put.cell_id, cells, cell.version)
            self._lines.append(as_data("source", shorten(cell.source, IN_FULL.source)))

    def not_run(self, cell_ids: Sequence[str], cells: Sequence[Cell]) -> None:
        """Cells that were to run were left out."""
        if cell_ids:
            self._lines.append(f"Not run after that: {listed([_name(cells, cell_id) for cell_id in cell_ids])}.")

    def found(self, cell_ids: Sequence[str], cells: Sequence[Cell]) -> None:
        """These cells were changed by the call, as was found out afterwards; they may have changed again since."""
        for cell_id in dict.fromkeys(cell_ids):
            self._cells[cell_id] = None
            place = next(((n, cell) for n, cell in enumerate(cells, 1) if cell.cell_id == cell_id), None)
            if place is None:
                self._lines.append(f"There is no cell {quoted(cell_id)} any more.")
            else:
                self._told[cell_id] = told_cell(place[1])
                self._lines.append(render_cell(place[1], place[0], OutputLimits(source=IN_FULL.source)))

    def result(self) -> CallResult:
        """All of it."""
        also = [
            f"{_sentence(ranges(sorted(numbers)))} ran without error, {what}."
            for numbers, what in ((self._silent, "and have no output"), (self._same, "with the same outputs as before"))
            if numbers
        ]
        old = set(self._old_outputs.values())
        lines = [f"{line}{_OLD_OUTPUTS}" if n in old else line for n, line in enumerate(self._lines)]
        text = "\n".join(line for line in [*lines, *also] if line)
        return CallResult(
            text=text, images=self._images, cells=list(self._cells), broke_off=self.broke_off, told=self._told
        )

    def _tell(self, cell_id: str, cells: Sequence[Cell], version: str = "", *, edited: bool = False) -> None:
        """Remember what is told of a cell: its text where a version is given, and its last run."""
        cell = next((cell for cell in cells if cell.cell_id == cell_id), None)
        known = self._told.get(cell_id, ToldCell())
        run, outputs = (None, "") if cell is None else (cell.execution_count, outputs_digest(cell.outputs))
        note = STALE if edited and outputs else ""
        self._told[cell_id] = ToldCell(version=version or known.version, run=run, outputs=outputs, note=note)

    def _is_nothing_new(self, outcome: RunOutcome) -> bool:
        """Whether one of many runs ended well, and put out nothing or what stood there before."""
        if not self._before or outcome.status != "ok" or outcome.next_input or outcome.kernel_ended or outcome.notes:
            return False
        return not outcome.outputs or self._before.get(outcome.cell_id) == outputs_digest(outcome.outputs)

    def _attach(self, outcome: RunOutcome) -> int | None:
        """Take the images of a run, if there is room for all; returns the number of the first."""
        images = images_of(outcome.outputs)
        if not images or len(self._images) + len(images) > MAX_IMAGES:
            return None
        self._images += images
        return len(self._images) - len(images) + 1


def _sentence(text: str) -> str:
    return text[:1].upper() + text[1:]


def _name(cells: Sequence[Cell], cell_id: str) -> str:
    number = next((number for number, cell in enumerate(cells, 1) if cell.cell_id == cell_id), None)
    return f"the cell [{short_id(cell_id)}]" if number is None else f"cell {number} [{short_id(cell_id)}]"
