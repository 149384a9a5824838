"""The JSON of a notebook, and the cells in it: what the agent does not know about stays as it was."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from ..ports.notebook import Cell, CellType, NotebookInfo, version_of
from .cell_ids import CellIds, named_apart

JsonObject = dict[str, Any]

# Jupyter's marks of trust live in cell metadata while a notebook is in memory, and are never part of the file.
_TRUSTED = "trusted"
# Beside an id that is ours, and in memory only: the one of the file in a list, which is empty when it has none.
_STORED_ID = "copilot_stored_id"

# Of kernels whose notebooks often say no more than the kernel's name.
_LANGUAGES = {"python3": "python", "python": "python", "ir": "R", "bash": "bash"}


def cells_of(notebook: JsonObject) -> list[Cell]:
    """The cells of a notebook in nbformat 4's JSON; what is no usable value of a field is told as none.

    A cell whose id is missing, no text, or another's already has one of ours.
    """
    return [cell_of(raw) for raw in with_ids(notebook).get("cells") or []]


def with_ids(notebook: JsonObject, ids: CellIds | None = None) -> JsonObject:
    """The notebook with a text of its own as the id of each cell, in memory; `as_stored` takes out what is ours.

    `ids` names the cells of formats that keep no ids. The argument is left as it is.
    """
    cells: list[JsonObject] = notebook.get("cells") or []
    found = _told_ids(cells)
    if all(raw.get("id") == cell_id is not None for raw, cell_id in zip(cells, found, strict=True)):
        return notebook
    versions = [version_of(source_of(raw), type_of(raw)) for raw in cells]
    keeps = keeps_ids(notebook) or any(cell_id is not None for cell_id in found)
    named = named_apart(found, versions) if keeps else (ids or CellIds()).named(versions)
    return {**notebook, "cells": [_with_id(raw, cell_id) for raw, cell_id in zip(cells, named, strict=True)]}


def as_stored(notebook: JsonObject) -> JsonObject:
    """The notebook as its file shall have it, with the ids of before; the argument is left as it is.

    Cells get ids only where the format or the file has them. A code cell without the list of its outputs gets one, for
    Jupyter could not save it.
    """
    cells: list[JsonObject] = notebook.get("cells") or []
    has_ids = keeps_ids(notebook) or any(raw.get(_STORED_ID, ["its own"]) for raw in cells if _STORED_ID in raw)
    return {**notebook, "cells": [_stored(raw, has_ids) for raw in cells]}


class CellsRead:
    """The cells of a notebook's JSON, each made once: neither they nor the JSON are ever changed in place."""

    def __init__(self) -> None:
        self._made: dict[int, tuple[JsonObject, Cell]] = {}

    def of(self, notebook: JsonObject) -> list[Cell]:
        """What `cells_of` says; cells of a notebook that was asked for before are forgotten."""
        raws = with_ids(notebook).get("cells") or []
        cells = [self.one(raw) for raw in raws]
        self._made = {id(raw): (raw, cell) for raw, cell in zip(raws, cells, strict=True)}
        return cells

    def one(self, raw: JsonObject) -> Cell:
        """What `cell_of` says."""
        known, cell = self._made.get(id(raw), (None, None))
        return cell if cell is not None and known is raw else cell_of(raw)

    def forget(self) -> None:
        """Hold nothing in memory."""
        self._made = {}


def with_cells(
    notebook: JsonObject, cells: Sequence[Cell], read: Callable[[JsonObject], Cell] | None = None
) -> JsonObject:
    """The notebook with these cells, in this order; everything that a `Cell` does not hold is kept.

    The argument is left as it is. `read` is what made its cells, if they are to be recognised: `CellsRead.one`.
    """
    notebook = with_ids(notebook)
    before = {raw["id"]: raw for raw in notebook["cells"]}
    return {**notebook, "cells": [_merged(before.get(cell.cell_id), cell, read or cell_of) for cell in cells]}


def keeps_ids(notebook: JsonObject) -> bool:
    """Whether the notebook's format has ids of cells: from 4.5 on."""
    minor = notebook.get("nbformat_minor")
    return isinstance(minor, int | float) and minor >= 5


def source_of(raw: JsonObject) -> str:
    """A cell's source in one piece; files hold lists of lines, and now and then something else."""
    source = raw.get("source")
    if isinstance(source, list):
        return "".join(line for line in source if isinstance(line, str))
    return source if isinstance(source, str) else ""


def type_of(raw: JsonObject) -> CellType:
    """What a cell is to the agent; one of a type that nbformat does not know is kept, and told as raw."""
    match raw.get("cell_type"):
        case "code":
            return "code"
        case "markdown":
            return "markdown"
        case _:
            return "raw"


def told_id(value: object) -> str | None:
    """An id as the agent and the tabs write it; None for what is none. Some files have numbers."""
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    if isinstance(value, int) and not isinstance(value, bool):
        return str(value)
    return value if isinstance(value, str) and value else None


def kernel_name_of(notebook: JsonObject) -> str | None:
    """The kernel that the notebook asks for, or None."""
    name = _object(_object(notebook.get("metadata")).get("kernelspec")).get("name")
    return name if isinstance(name, str) and name else None


INSTRUCTIONS = "copilot_instructions"
"""What a notebook says to agents, in its metadata."""


def info_of(name: str, metadata: object) -> NotebookInfo:
    """What a notebook's metadata say of its kernel and language."""
    spec, info = _object(_object(metadata).get("kernelspec")), _object(_object(metadata).get("language_info"))
    kernel = _text(spec.get("display_name")) or _text(spec.get("name"))
    language = _text(info.get("name")) or _text(spec.get("language")) or _LANGUAGES.get(_text(spec.get("name")), "")
    instructions = _text(_object(metadata).get(INSTRUCTIONS))
    return NotebookInfo(name=name, kernel=kernel, language=language, instructions=instructions)


def _text(value: object) -> str:
    return value.strip() if isinstance(value, str) else ""


def cell_of(raw: JsonObject) -> Cell:
    """A cell of nbformat 4's JSON that has a text as its id."""
    outputs = raw.get("outputs")
    return Cell(
        cell_id=raw["id"],
        cell_type=type_of(raw),
        source=source_of(raw),
        outputs=[output for output in outputs if isinstance(output, dict)] if isinstance(outputs, list) else [],
        execution_count=_count(raw.get("execution_count")),
        metadata={key: value for key, value in _object(raw.get("metadata")).items() if key != _TRUSTED},
        attachments=dict(_object(raw.get("attachments"))),
    )


def _count(value: object) -> int | None:
    if isinstance(value, bool) or not isinstance(value, int | float) or value != value // 1:
        return None
    return int(value)


def _object(value: object) -> JsonObject:
    return value if isinstance(value, dict) else {}


def _told_ids(cells: Sequence[JsonObject]) -> list[str | None]:
    taken: set[str | None] = set()
    found: list[str | None] = []
    for raw in cells:
        cell_id = told_id(raw.get("id"))
        found.append(None if cell_id in taken else cell_id)
        taken.add(cell_id)
    return found


def _with_id(raw: JsonObject, cell_id: str) -> JsonObject:
    if raw.get("id") == cell_id:
        return raw
    return {**raw, "id": cell_id, _STORED_ID: [raw["id"]] if "id" in raw else []}


def _stored(raw: JsonObject, has_ids: bool) -> JsonObject:
    lacks_outputs = raw.get("cell_type") == "code" and "outputs" not in raw
    if has_ids and _STORED_ID not in raw and not lacks_outputs:
        return raw
    stored = {key: value for key, value in raw.items() if key != _STORED_ID}
    match raw.get(_STORED_ID):
        case [was]:
            stored["id"] = was
        case _ if not has_ids:
            stored.pop("id", None)
    if lacks_outputs:
        stored["outputs"] = []
    return stored


def _merged(raw: JsonObject | None, cell: Cell, read: Callable[[JsonObject], Cell]) -> JsonObject:
    if raw is None:
        return _retyped({"id": cell.cell_id, "source": cell.source, "metadata": cell.metadata}, cell)
    was = read(raw)
    if was is cell or was == cell:
        return raw
    merged = dict(raw)
    if cell.source != was.source:
        merged["source"] = cell.source
    if cell.metadata != was.metadata:
        trusted = _object(raw.get("metadata")).get(_TRUSTED)
        merged["metadata"] = cell.metadata if trusted is None else {**cell.metadata, _TRUSTED: trusted}
    if cell.cell_type != was.cell_type:
        return _retyped(merged, cell)
    if cell.outputs != was.outputs:
        merged["outputs"] = cell.outputs
    if cell.execution_count != was.execution_count:
        merged["execution_count"] = cell.execution_count
    return merged


def _retyped(raw: JsonObject, cell: Cell) -> JsonObject:
    """A cell with the fields that its type has in nbformat, and without those that only others have."""
    if cell.cell_type == "code":
        kept = {key: value for key, value in raw.items() if key != "attachments"}
        return {**kept, "cell_type": "code", "outputs": cell.outputs, "execution_count": cell.execution_count}
    kept = {key: value for key, value in raw.items() if key not in ("outputs", "execution_count")}
    return {**kept, "cell_type": cell.cell_type}
