"""Look for mistakes: errors, names that only later cells define, cells that ran out of order."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import pairwise

from ..cells import CellView, read_cells
from ..code import defined, imported, needed, parse, used
from ..conversation import DemoConversation
from ..outcome import Call
from ..script import Script, ScriptStep, Skill

_WANTED = re.compile(
    r"\b(find|any|look for|check for|are there)\b.*\b(mistakes?|problems?|issues?|bugs?)\b"
    r"|\breview\b|\bcheck (this|the) (notebook|code)\b"
)


def wanted(text: str) -> bool:
    """Whether somebody asks for a critical look."""
    return _WANTED.search(text) is not None


def script(conversation: DemoConversation) -> Script:
    """Read the notebook, and name what would trip the next person who runs it."""
    [notebook] = yield ScriptStep(
        thought="I read the cells in order, as somebody would run them.", calls=[Call("read_notebook")]
    )
    cells = [cell for cell in read_cells(notebook.result) if cell.cell_type == "code" and cell.source.strip()]
    found = [*_errors(cells), *_names(cells), *_imports(cells), *_order(cells)]
    if not found:
        return "I found nothing wrong: no errors, every name is defined before it is used, and all ran in order."
    listed = "\n".join(f"- {problem}" for problem in found)
    broken = next((cell.name for cell in cells if cell.trouble), None)
    offer = f"\n\nSay “fix {broken}”, and I try." if broken else ""
    return f"I found {len(found)} {'thing' if len(found) == 1 else 'things'}:\n\n{listed}{offer}"


def _errors(cells: Sequence[CellView]) -> Iterator[str]:
    for cell in cells:
        if cell.trouble:
            yield f"**{cell.name.capitalize()}** ends with `{cell.trouble.name}: {cell.trouble.value}`."
        elif parse(cell.source) is None:
            yield f"**{cell.name.capitalize()}** is not valid Python."


def _names(cells: Sequence[CellView]) -> Iterator[str]:
    known: set[str] = set()
    for cell in cells:
        for name in sorted(needed(cell.source) - known):
            later = next((other for other in cells if name in defined(other.source) and other is not cell), None)
            where = f"which only {later.name} defines" if later else "which no cell defines"
            yield f"**{cell.name.capitalize()}** uses `{name}`, {where}."
        known |= defined(cell.source)


def _imports(cells: Sequence[CellView]) -> Iterator[str]:
    read = {name for cell in cells for name in used(cell.source)}
    for cell in cells:
        for name in sorted(imported(cell.source) - read):
            yield f"**{cell.name.capitalize()}** imports `{name}`, which nothing uses."


def _order(cells: Sequence[CellView]) -> Iterator[str]:
    counts = [(cell.count, cell) for cell in cells if cell.count is not None]
    for (before, _), (count, cell) in pairwise(counts):
        if count < before:
            yield f"**{cell.name.capitalize()}** ran before the cell above it; run all cells in order to be sure."
            return


REVIEW = Skill(name="look for mistakes", example="Find mistakes in this notebook", wanted=wanted, script=script)
