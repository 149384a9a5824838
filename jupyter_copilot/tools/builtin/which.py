"""Which cells are to run: ids, or a word for several of them."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Sequence

from ...ports.notebook import Cell
from .lookup import find_cell, resolved

ALL, CHANGED, CHANGED_AND_BELOW = "all", "changed", "changed_and_below"
WORDS = (ALL, CHANGED, CHANGED_AND_BELOW)
_SIDE = re.compile(r"(above|below)\s*[:= ]\s*(\S+)", re.IGNORECASE)


def word_of(told: str) -> str:
    """The word for several cells that is meant by what a model writes; empty for a cell's id or number."""
    word = told.strip().lower().replace(" ", "_").replace("-", "_")
    return word if word in WORDS else ""


def on_cells(ids: Sequence[str], told: str) -> str:
    """The same with the cell's own id, in place of its number or the beginning of its id."""
    if told in ids or word_of(told):
        return told if told in ids else word_of(told)
    side = _SIDE.fullmatch(told.strip())
    return f"{side[1].lower()} {resolved(ids, side[2])}" if side else resolved(ids, told)


def runs(told: Sequence[str], cells: Sequence[Cell], changed: Collection[str]) -> list[str]:
    """The ids of the cells to run, each once, in the order told; a word stands for code cells in their order.

    `changed` are the cells that edits are about. Raises `ToolError` for a cell that there is not.
    """
    return list(dict.fromkeys(cell_id for each in told for cell_id in _run(each, cells, changed)))


def _run(told: str, cells: Sequence[Cell], changed: Collection[str]) -> Iterator[str]:
    side = _SIDE.fullmatch(told)
    if told not in WORDS and side is None:
        yield told
        return
    place = find_cell(cells, side[2])[0] - 1 if side else 0
    first = next((n for n, cell in enumerate(cells) if cell.cell_id in changed), len(cells))
    for n, cell in enumerate(cells):
        if cell.cell_type != "code" or not cell.source.strip():
            continue
        if side is not None:
            wanted = n < place if side[1] == "above" else n >= place
        elif told == CHANGED:
            wanted = cell.cell_id in changed
        else:
            wanted = told == ALL or n >= first
        if wanted:
            yield cell.cell_id
