"""The sections of a notebook: which cells belong together, and what their heading says."""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import groupby

from .cells import CellView
from .prose import describe

# The first kind that a cell's description fits; later statements of a cell say more than earlier ones.
_KINDS = (
    ("Plots", re.compile(r"\b(draws|plots|starts a figure)\b")),
    ("Missing values", re.compile(r"\bmissing values\b")),
    ("Loading the data", re.compile(r"^reads ")),
    ("Helpers", re.compile(r"^defines the ")),
    ("Summary statistics", re.compile(r"\b(mean|median|sum|count|std|summarises|grouped by|counts)\b")),
    ("Set-up", re.compile(r"^imports ")),
)
_HEADING = re.compile(r"^#{2,6}\s", re.MULTILINE)


def has_headings(cells: Sequence[CellView]) -> bool:
    """Whether the notebook is divided into sections already."""
    return any(cell.cell_type == "markdown" and _HEADING.search(cell.source) for cell in cells)


def sections(cells: Sequence[CellView]) -> list[tuple[str, CellView]]:
    """The heading and the first cell of each section, in order."""
    code = [cell for cell in cells if cell.cell_type == "code" and cell.source.strip()]
    kinds: list[tuple[str, CellView]] = []
    for cell in code:
        kind = _kind(cell) or (kinds[-1][0] if kinds else "Code")
        kinds.append((kind, cell))
    return [(kind, next(group)[1]) for kind, group in groupby(kinds, key=lambda pair: pair[0])]


def _kind(cell: CellView) -> str | None:
    phrases = describe(cell.source)
    return next((kind for kind, pattern in _KINDS if any(pattern.search(phrase) for phrase in phrases)), None)
