"""What a request is about: the cells that the model is told first, where a notebook does not fit."""

from __future__ import annotations

import re
from collections.abc import Sequence

from msgspec import Struct

from ...ports.notebook import Cell

NEAR = 3
"""So many cells on either side of the asker's cell are told before others."""


class Focus(Struct, frozen=True, kw_only=True):
    """What a request is about: the cell that the asker is in, cells that they attached, and their words."""

    active: str | None = None
    attached: list[str] = []
    text: str = ""


def ranked(cells: Sequence[Cell], focus: Focus) -> list[int]:
    """The places of the cells, those first that a request is about.

    The asker's cell and attached ones; cells whose number is named; failed ones; neighbours of the asker's cell; cells
    that have words of the request; then the first ones.
    """
    ranks = _ranks(cells, focus)
    return sorted(range(len(cells)), key=lambda n: (ranks[n], n))


def asked_about(cells: Sequence[Cell], focus: Focus) -> set[str]:
    """The cells that a request is about by their place: the asker's and those around it, attached and numbered ones."""
    return {cell.cell_id for cell, rank in zip(cells, _ranks(cells, focus), strict=True) if rank in _BY_PLACE}


_BY_PLACE = (0, 1, 3)


def _ranks(cells: Sequence[Cell], focus: Focus) -> list[int]:
    ids = [cell.cell_id for cell in cells]
    at = ids.index(focus.active) if focus.active in ids else None
    numbers = {int(found[1]) for found in _NUMBERED.finditer(focus.text)}
    words = {word for word in _WORD.findall(focus.text) if len(word) > 2 and word.lower() not in _COMMON}
    named = re.compile(rf"(?<!\w)(?:{'|'.join(sorted(words))})(?!\w)") if words else None

    def rank(n: int) -> int:
        cell = cells[n]
        if n == at or cell.cell_id in focus.attached:
            return 0
        if n + 1 in numbers:
            return 1
        if cell.outputs and cell.outputs[-1].get("output_type") == "error":
            return 2
        if at is not None and abs(n - at) <= NEAR:
            return 3
        return 4 if named is not None and named.search(cell.source) else 5

    return [rank(n) for n in range(len(cells))]


_NUMBERED = re.compile(r"(?:\b[Cc]ells?\s+|\[)(\d{1,4})\b")
_WORD = re.compile(r"[A-Za-z_]\w*")
_COMMON = frozenset(
    re.findall(r"\w+", "and are can cell cells does for from has have not notebook that the this was why with")
)
