"""The cells of a shared document as Python objects, converted again only where they changed."""

from __future__ import annotations

import time
from collections.abc import Sequence
from typing import Any

from jupyter_ydoc import YNotebook
from msgspec import Struct

from ...ports.notebook import Cell
from ..ipynb import cell_of, cells_of
from .ydoc import content_with, meta_of, raw_cell

JsonObject = dict[str, Any]

SLICE_S = 0.02


class _Known(Struct, frozen=True):
    """A cell as JSON and, where its id is one that everybody uses, as the agent knows it."""

    raw: JsonObject
    cell: Cell | None


class CellCache:
    """Follows a document; converting all of a large one would hold up the server at each look.

    `changes` grows with each change of the cells or of the notebook's metadata. What is returned is shared: it is never
    to be changed in place.
    """

    def __init__(self, notebook: YNotebook) -> None:
        self.changes = 0
        self._notebook = notebook
        self._known: list[_Known | None] = [None] * len(notebook.ycells)
        self._subscriptions = [
            (notebook.ycells, notebook.ycells.observe_deep(self._on_events)),
            (meta_of(notebook), meta_of(notebook).observe_deep(self._on_metadata)),
        ]

    def stop(self) -> None:
        """Follow the document no longer."""
        for followed, subscription in self._subscriptions:
            followed.unobserve(subscription)

    def fill(self) -> bool:
        """Convert cells for `SLICE_S` at most; whether all are converted now. To be called in a transaction."""
        ends = time.monotonic() + SLICE_S
        for index, known in enumerate(self._known):
            if known is None:
                self._known[index] = self._convert(index)
                if time.monotonic() > ends:
                    return None not in self._known[index + 1 :]
        return True

    def cells(self) -> list[Cell]:
        """The cells as everybody sees them now; to be called in a transaction that changed nothing yet."""
        known = self._all()
        cells = [each.cell for each in known if each.cell is not None]
        if len({cell.cell_id for cell in cells}) == len(known):
            return cells
        return cells_of({"cells": [each.raw for each in known]})

    def content(self) -> JsonObject | None:
        """The notebook as Jupyter saves it, to be called as `cells`; None where saving has to make up ids."""
        raws = [each.raw for each in self._all()]
        ids = {raw["id"] for raw in raws if isinstance(raw["id"], str) and raw["id"]}
        return content_with(self._notebook, raws) if len(ids) == len(raws) else None

    def place_of(self, cell_id: str, near: int = 0) -> int:
        """Where this cell is among `cells()`, looked for at `near` first; -1 if nowhere."""
        known = self._known[near] if near < len(self._known) else None
        if known is not None and known.cell is not None and known.cell.cell_id == cell_id:
            return near
        return next((i for i, cell in enumerate(self.cells()) if cell.cell_id == cell_id), -1)

    def _all(self) -> list[_Known]:
        if len(self._known) != len(self._notebook.ycells):  # never seen; better slow than wrong
            self._known = [None] * len(self._notebook.ycells)
        known = [each or self._convert(index) for index, each in enumerate(self._known)]
        self._known = list(known)
        return known

    def _convert(self, index: int) -> _Known:
        raw = raw_cell(self._notebook, index)
        return _Known(raw, cell_of(raw) if isinstance(raw["id"], str) and raw["id"] else None)

    def _on_metadata(self, events: Sequence[Any]) -> None:
        self.changes += 1

    def _on_events(self, events: Sequence[Any]) -> None:
        self.changes += 1
        # Places in the list come first: the paths of the others are those after them.
        for event in sorted(events, key=lambda event: len(event.path)):
            if event.path:
                self._forget(event.path[0])
            else:
                self._known = _after(self._known, event.delta)

    def _forget(self, index: Any) -> None:
        if isinstance(index, int) and index < len(self._known):
            self._known[index] = None
        else:
            self._known = []


def _after(known: list[_Known | None], delta: Sequence[JsonObject]) -> list[_Known | None]:
    """The list after a change of its places: what was inserted is not known yet."""
    kept: list[_Known | None] = []
    at = 0
    for step in delta:
        if "retain" in step:
            kept += known[at : at + int(step["retain"])]
            at += int(step["retain"])
        elif "delete" in step:
            at += int(step["delete"])
        else:
            kept += [None] * len(step["insert"])
    return kept + known[at:]
