"""Finding the cell that the model means, or saying which one it may have meant."""

from __future__ import annotations

import difflib
from collections.abc import Sequence

from ...ports.notebook import Cell
from ...protocol.errors import ToolError
from ..render.data import quoted


def find_cell(cells: Sequence[Cell], cell_id: str) -> tuple[int, Cell]:
    """The cell with this id, and its number counting from 1.

    Raises `ToolError` with the code `cell_not_found`, naming the cell that was probably meant.
    """
    for number, cell in enumerate(cells, 1):
        if cell.cell_id == cell_id:
            return number, cell
    raise ToolError(f"There is no cell {quoted(cell_id)}.", hint=_guess(cells, cell_id), code="cell_not_found")


def _guess(cells: Sequence[Cell], cell_id: str) -> str:
    number = cell_id.lower().removeprefix("cell").strip(" #_-")
    if number.isdecimal() and 1 <= int(number) <= len(cells):
        return f"Cell {int(number)} has the id {quoted(cells[int(number) - 1].cell_id)}; tools take the id."
    ids = [cell.cell_id for cell in cells]
    near = difflib.get_close_matches(cell_id, ids, n=1, cutoff=0.6)
    if near:
        return f"Did you mean {quoted(near[0])} (cell {ids.index(near[0]) + 1})?"
    return "Call read_notebook to see the cells and their ids."
