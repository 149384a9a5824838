"""The cells of a shared document as Python objects, converted again only where they changed."""

from __future__ import annotations

import time
from collections.abc import Sequence
from typing import Any

from jupyter_ydoc import YNotebook

from ...ports.notebook import Cell
from ..ipynb import cells_of
from .ydoc import raw_cell

JsonObject = dict[str, Any]

SLICE_S = 0.02


class CellCache:
    """Follows a document; converting all of a large one would hold up the server at each look."""

    def __init__(self, notebook: YNotebook) -> None:
        self._notebook = notebook
        self._raws: list[JsonObject | None] = [None] * len(notebook.ycells)
        self._subscription = notebook.ycells.observe_deep(self._on_events)

    def stop(self) -> None:
        """Follow the document no longer."""
        self._notebook.ycells.unobserve(self._subscription)

    def fill(self) -> bool:
        """Convert cells for `SLICE_S` at most; whether all are converted now. To be called in a transaction."""
        ends = time.monotonic() + SLICE_S
        for index, raw in enumerate(self._raws):
            if raw is None:
                self._raws[index] = raw_cell(self._notebook, index)
                if time.monotonic() > ends:
                    return all(self._raws[index + 1 :])
        return True

    def cells(self) -> list[Cell]:
        """The cells as everybody sees them now; to be called in a transaction that changed nothing yet."""
        if len(self._raws) != len(self._notebook.ycells):  # never seen; better slow than wrong
            self._raws = [None] * len(self._notebook.ycells)
        raws = [raw or raw_cell(self._notebook, index) for index, raw in enumerate(self._raws)]
        self._raws = list(raws)
        return cells_of({"cells": raws})

    def _on_events(self, events: Sequence[Any]) -> None:
        # Places in the list come first: the paths of the others are those after them.
        for event in sorted(events, key=lambda event: len(event.path)):
            if event.path:
                self._forget(event.path[0])
            else:
                self._raws = _after(self._raws, event.delta)

    def _forget(self, index: Any) -> None:
        if isinstance(index, int) and index < len(self._raws):
            self._raws[index] = None
        else:
            self._raws = []


def _after(raws: list[JsonObject | None], delta: Sequence[JsonObject]) -> list[JsonObject | None]:
    """The list after a change of its places: what was inserted is not known yet."""
    kept: list[JsonObject | None] = []
    at = 0
    for step in delta:
        if "retain" in step:
            kept += raws[at : at + int(step["retain"])]
            at += int(step["retain"])
        elif "delete" in step:
            at += int(step["delete"])
        else:
            kept += [None] * len(step["insert"])
    return kept + raws[at:]
