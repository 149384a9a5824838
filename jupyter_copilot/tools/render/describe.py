"""Cells as text for the model: what we say of a cell, around what the cell says itself.

Whatever comes from a notebook is put between delimiters that it cannot close (`as_data`), and names are quoted.
"""

from __future__ import annotations

from collections.abc import Sequence

from ...core.untrusted_text import as_data
from ...ports.notebook import Cell
from .data import quoted, shorten
from .outputs import IN_FULL, OVERVIEW, Limits, images_of, render_outputs

__all__ = ["IN_FULL", "OVERVIEW", "Limits", "cell_heading", "images_of", "render_cell", "render_notebook"]


def cell_heading(cell: Cell, number: int) -> str:
    """One line that names a cell: its number, id, type and version, and the count of its last execution."""
    ran = f" execution_count={cell.execution_count}" if cell.execution_count is not None else ""
    return f"cell {number} id={quoted(cell.cell_id)} type={cell.cell_type} version={cell.version}{ran}"


def render_cell(cell: Cell, number: int, limits: Limits = OVERVIEW, *, first_image: int | None = None) -> str:
    """A cell with its source and outputs, shortened to the limits; `number` counts from 1.

    `first_image` numbers the first image of `images_of(cell.outputs)` among those attached; None attaches none.
    """
    parts = [f"[{cell_heading(cell, number)}]"]
    if cell.source:
        parts.append(as_data("source", shorten(cell.source, limits.source)))
    else:
        parts.append("(empty)")
    if cell.outputs:
        parts.append(render_outputs(cell.outputs, limits, first_image=first_image))
    return "\n".join(part for part in parts if part)


def render_notebook(cells: Sequence[Cell], budget: int, start: int = 1, limits: Limits = OVERVIEW) -> tuple[str, int]:
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
