"""Cells as text for the model: what we say of a cell, around what the cell says itself.

Whatever comes from a notebook is put between delimiters that it cannot close (`as_data`), and names are quoted.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Sequence
from typing import Any

from ...core.cell_language import language_of
from ...core.embedded_files import folded
from ...core.untrusted_text import as_data
from ...ports.notebook import Cell
from ...protocol import ToldCell
from .data import quoted, shorten, shorten_line
from .outputs import IN_FULL, OVERVIEW, OutputLimits, images_of, render_outputs
from .pictures import named_pictures

__all__ = ["IN_FULL", "OVERVIEW", "OutputLimits", "cell_heading", "images_of", "render_cell", "render_notebook"]

OUTLINE_CHARS = 70
"""Of a cell's first line, where only an outline is told."""


def cell_heading(cell: Cell, number: int, note: str = "") -> str:
    """A few words that name a cell: its number and id, its type unless it is code, its last run, and its own language.

    `note` says what the cell alone does not tell, such as that its outputs are stale.
    """
    said = [str(number), short_id(cell.cell_id)]
    if cell.cell_type != "code":
        said.append(cell.cell_type)
    elif cell.execution_count is not None:
        said.append(f"run {cell.execution_count}")
    elif not cell.outputs:
        said.append("not run")
    own = language_of(cell.source, cell.metadata) if cell.cell_type == "code" else ""
    if own:
        said.append(f"in {quoted(own)}")
    if _failed(cell):
        said.append("error")
    return " ".join([*said, *filter(None, [note])])


def short_id(cell_id: str) -> str:
    """The id as the model is told it: of a random UUID the first eight digits, which `find_cell` understands."""
    return cell_id[:8] if _UUID4.fullmatch(cell_id) else quoted(cell_id)


def told_cell(cell: Cell, note: str = "") -> ToldCell:
    """The cell as it is told in full now."""
    return ToldCell(version=cell.version, run=cell.execution_count, outputs=outputs_digest(cell.outputs), note=note)


STALE = "stale"
"""The note of a cell whose outputs are those of other code, or of a kernel that is gone."""


def outputs_digest(outputs: Sequence[dict[str, Any]]) -> str:
    """A short digest of what outputs show; their execution counts do not count. Empty for none."""
    if not outputs:
        return ""
    plain = [{key: _short(value) for key, value in output.items() if key in _SHOWN} for output in outputs]
    text = json.dumps(plain, sort_keys=True, default=str)
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:12]


def _short(value: Any) -> Any:
    """A value in which digests stand for long texts, as pictures are: to write those as JSON takes far longer."""
    if isinstance(value, dict):
        return {key: _short(each) for key, each in value.items()}
    if isinstance(value, str) and len(value) > _LONG:
        return hashlib.sha256(value.encode("utf-8", "surrogatepass")).hexdigest()
    return value


_LONG = 1_000
_SHOWN = ("output_type", "name", "text", "data", "ename", "evalue")
_UUID4 = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[0-9a-f]{4}-[0-9a-f]{12}")


def render_cell(
    cell: Cell, number: int, limits: OutputLimits = OVERVIEW, *, first_image: int | None = None, note: str = ""
) -> str:
    """A cell with its source and outputs, shortened to the limits; `number` counts from 1.

    `first_image` numbers the first image of `pictures_of(cell)` among those attached; None attaches none.
    """
    parts = [f"[{cell_heading(cell, number, note)}]"]
    if cell.source:
        parts.append(as_data("source", shorten(folded(cell.source), limits.source)))
    else:
        parts.append("(empty)")
    if cell.outputs:
        parts.append(render_outputs(cell.outputs, limits, first_image=first_image))
    parts += named_pictures(cell, first_image)
    return "\n".join(part for part in parts if part)


def render_notebook(
    cells: Sequence[Cell], budget: int, start: int = 1, limits: OutputLimits = OVERVIEW
) -> tuple[str, int]:
    """The cells as text, the first numbered `start`, and how many of them fitted into `budget` characters.

    At least one cell is rendered, so that a caller who pages on always gets further.
    """
    rendered: list[str] = []
    for number, cell in enumerate(cells, start):
        text = render_cell(cell, number, limits)
        budget -= len(text)
        if budget < 0 and rendered:
            break
        rendered.append(text)
    return "\n\n".join(rendered), len(rendered)


def outline(cells: Sequence[Cell], budget: int, start: int = 1) -> str:
    """One line for each cell, the first numbered `start`: number, id, type, an error, and how its source begins.

    Where not all lines fit into `budget` characters, headings and errors stay, and the cells between are counted.
    """
    told = [_outlined(cell, number) for number, cell in enumerate(cells, start)]
    if sum(len(line) + 1 for line in told) > budget:
        told = _landmarks(cells, told, start, budget)
    return as_data("outline", "\n".join(told)) if told else ""


def _landmarks(cells: Sequence[Cell], lines: Sequence[str], start: int, budget: int) -> list[str]:
    """The lines that matter most, in order, with the stretches between them counted."""
    ranked = sorted(range(len(cells)), key=lambda n: (_weight(cells[n]), n))
    kept: set[int] = set()
    room = budget
    for n in ranked:
        room -= len(lines[n]) + 1 + len("… 100000 cells …\n")
        if room < 0:
            break
        kept.add(n)
    told: list[str] = []
    skipped = 0
    for n, line in enumerate(lines):
        if n not in kept:
            skipped += 1
            continue
        told += [_gap(skipped, start + n)] if skipped else []
        told.append(line)
        skipped = 0
    return [*told, _gap(skipped, start + len(lines))] if skipped else told


def _gap(skipped: int, until: int) -> str:
    first = until - skipped
    return f"… cell {first} …" if skipped == 1 else f"… cells {first} to {until - 1} …"


def _weight(cell: Cell) -> int:
    if _failed(cell):
        return 0
    return 1 if cell.cell_type == "markdown" and cell.source.lstrip().startswith("#") else 2


def _outlined(cell: Cell, number: int) -> str:
    failed = _failed(cell)
    first = next((line for line in cell.source.split("\n", 20) if line.strip()), "")
    error = f" {shorten_line(failed, 60)};" if failed else ""
    begins = shorten_line(folded(first[:2000]), OUTLINE_CHARS)
    kind = "" if cell.cell_type == "code" else f" {cell.cell_type}"
    return f"{number} {short_id(cell.cell_id)}{kind}:{error} {begins}"


def _failed(cell: Cell) -> str:
    """The name of the error that a cell's outputs end with, if any."""
    last = cell.outputs[-1] if cell.outputs else {}
    return f"raised {last.get('ename', 'an error')}" if last.get("output_type") == "error" else ""
