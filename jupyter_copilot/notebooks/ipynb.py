"""The JSON of a notebook, and the cells in it: what the agent does not know about stays as it was."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from typing import Any

from ..ports.notebook import Cell, CellType

JsonObject = dict[str, Any]

# Jupyter's marks of trust live in cell metadata while a notebook is in memory, and are never part of the file.
_TRUSTED = "trusted"


def cells_of(notebook: JsonObject) -> list[Cell]:
    """The cells of a notebook in nbformat 4's JSON; a cell without id gets one made from what it holds."""
    return [_cell(raw) for raw in with_ids(notebook)["cells"]]


def with_ids(notebook: JsonObject) -> JsonObject:
    """The notebook as nbformat 4.5 or later: each cell has an id, and one that it lacked is the same at each reading.

    The argument is left as it is.
    """
    cells = notebook.get("cells", [])
    minor = notebook.get("nbformat_minor", 0)
    if minor >= 5 and all(cell.get("id") for cell in cells):
        return notebook
    taken = {cell["id"] for cell in cells if cell.get("id")}
    return {**notebook, "nbformat_minor": max(5, minor), "cells": [_with_id(cell, taken) for cell in cells]}


def with_cells(notebook: JsonObject, cells: Sequence[Cell]) -> JsonObject:
    """The notebook with these cells, in this order; everything that a `Cell` does not hold is kept.

    The argument is left as it is.
    """
    notebook = with_ids(notebook)
    before = {raw["id"]: raw for raw in notebook["cells"]}
    return {**notebook, "cells": [_merged(before.get(cell.cell_id), cell) for cell in cells]}


def source_of(raw: JsonObject) -> str:
    """A cell's source in one piece; files hold lists of lines."""
    source = raw.get("source", "")
    return source if isinstance(source, str) else "".join(source)


def kernel_name_of(notebook: JsonObject) -> str | None:
    """The kernel that the notebook asks for, or None."""
    name = notebook.get("metadata", {}).get("kernelspec", {}).get("name")
    return name if isinstance(name, str) and name else None


def _cell(raw: JsonObject) -> Cell:
    count = raw.get("execution_count")
    return Cell(
        cell_id=raw["id"],
        cell_type=_cell_type(raw),
        source=source_of(raw),
        outputs=list(raw.get("outputs", [])),
        execution_count=None if count is None else int(count),
        metadata={key: value for key, value in raw.get("metadata", {}).items() if key != _TRUSTED},
    )


def _cell_type(raw: JsonObject) -> CellType:
    match raw.get("cell_type"):
        case "code":
            return "code"
        case "markdown":
            return "markdown"
        case _:
            return "raw"


def _with_id(raw: JsonObject, taken: set[str]) -> JsonObject:
    if raw.get("id"):
        return raw
    nth = 0
    while (cell_id := _made_id(raw, nth)) in taken:
        nth += 1
    taken.add(cell_id)
    return {"id": cell_id, **raw}


def _made_id(raw: JsonObject, nth: int) -> str:
    content = f"{raw.get('cell_type')}\n{nth}\n{source_of(raw)}"
    return hashlib.sha256(content.encode("utf-8", "surrogatepass")).hexdigest()[:8]


def _merged(raw: JsonObject | None, cell: Cell) -> JsonObject:
    if raw is not None and _cell(raw) == cell:
        return raw
    merged: JsonObject = {**(raw or {}), "id": cell.cell_id, "cell_type": cell.cell_type, "source": cell.source}
    trusted = (raw or {}).get("metadata", {}).get(_TRUSTED)
    merged["metadata"] = cell.metadata if trusted is None else {**cell.metadata, _TRUSTED: trusted}
    if cell.cell_type == "code":
        merged.pop("attachments", None)  # nbformat allows them in text cells only
        return {**merged, "outputs": cell.outputs, "execution_count": cell.execution_count}
    return {key: value for key, value in merged.items() if key not in ("outputs", "execution_count")}
