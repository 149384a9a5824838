"""Finding the cell that the model means, or saying which one it may have meant."""

from __future__ import annotations

import difflib
import re
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


def resolved(ids: Sequence[str], told: str) -> str:
    """The id that is meant by what a model writes: an id, the beginning of one, or a cell's number; else as it is."""
    if told in ids:
        return told
    begins = [each for each in ids if each.startswith(told)] if len(told) >= LEAST_PREFIX else []
    if len(begins) == 1:
        return begins[0]
    number = _NUMBER.fullmatch(told.strip())
    if number is not None and 1 <= int(number[1]) <= len(ids):
        return ids[int(number[1]) - 1]
    return told


def find_meant(cells: Sequence[Cell], told: str) -> tuple[int, Cell]:
    """The cell that is meant by what a model writes, as `resolved` says. Raises as `find_cell` does."""
    return find_cell(cells, resolved([cell.cell_id for cell in cells], told))


LEAST_PREFIX = 6
_NUMBER = re.compile(r"(?:[Cc]ell\s*)?#?\s*([0-9]{1,5})(?:\.0)?")


def _guess(cells: Sequence[Cell], cell_id: str) -> str:
    number = cell_id.lower().removeprefix("cell").strip(" #_-")
    if number.isdecimal():
        return f"The notebook has {len(cells)} cells."
    ids = [cell.cell_id for cell in cells]
    near = difflib.get_close_matches(cell_id, ids, n=1, cutoff=0.6)
    if near:
        return f"Did you mean {quoted(near[0])} (cell {ids.index(near[0]) + 1})?"
    return "Call read_notebook to see the cells and their ids."
