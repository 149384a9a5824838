"""A shared notebook document as cells, and the agent's changes to it as small operations that merge with people's.

The functions are synchronous and expect to be called inside one transaction, so that nobody sees a half.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from difflib import SequenceMatcher
from typing import Any

from jupyter_ydoc import YNotebook
from jupyter_ydoc.utils import cast_all
from pycrdt import Array, Map, Text
from typing_extensions import assert_never

from ...ports.notebook import Cell, CellType, Change, DeleteCell, InsertCell, MoveCell, SetSource, SetType
from ..changes import apply_changes
from ..ipynb import cells_of, told_id
from ..kernel.outputs import Append, Clear, Extend, OutputEdit, Replace
from ..stamps import KEY, RunState, is_stamped, stamp, unstamped

JsonObject = dict[str, Any]


def cells_in(notebook: YNotebook) -> list[Cell]:
    """The cells as everybody sees them now."""
    return cells_of({"cells": [raw_cell(notebook, i) for i in range(len(notebook.ycells))]})


def metadata_in(notebook: YNotebook) -> JsonObject:
    """The notebook's own metadata."""
    metadata = meta_of(notebook).get("metadata")
    return dict(metadata.to_py() or {}) if isinstance(metadata, Map) else dict(metadata or {})


def change_cells(
    notebook: YNotebook, changes: Sequence[Change], exec_id: str, cells: Sequence[Cell] | None = None
) -> None:  # fmt: skip
    """Make all changes, or raise what `apply_changes` raises and make none; `cells` are those there, if known."""
    cells = cells_in(notebook) if cells is None else cells
    after = apply_changes(cells, changes, exec_id)
    ids = [cell.cell_id for cell in cells]
    for change in changes:
        _make(notebook, change, ids)
    touched = [i for i, cell in enumerate(after) if is_stamped(cell.metadata, exec_id)]
    for i in touched:
        _stamp(notebook.ycells[i]["metadata"], exec_id)
    if not touched:
        _stamp(meta_of(notebook)["metadata"], exec_id)


def _stamp(metadata: Any, exec_id: str, state: RunState | None = None) -> None:
    metadata[KEY] = stamp(exec_id, state, _stamp_in(metadata))


def _unstamp(metadata: Any) -> None:
    """Put back what stood in the stamp's place."""
    was = (_stamp_in(metadata) or {}).get("was")
    if was is None:
        del metadata[KEY]
    else:
        metadata[KEY] = was


def _stamp_in(metadata: Any) -> Any:
    found = metadata.get(KEY)
    return found.to_py() if isinstance(found, Map) else found


def forget_stamps(notebook: YNotebook, exec_ids: Collection[str], cells: Sequence[Cell]) -> bool:
    """Take out the stamps of these executions from a notebook that has these cells; whether there was any."""
    stamped = [i for i, cell in enumerate(cells) if unstamped(cell.metadata, exec_ids) is not None]
    for i in stamped:
        _unstamp(notebook.ycells[i]["metadata"])
    own = unstamped(metadata_in(notebook), exec_ids) is not None
    if own:
        _unstamp(meta_of(notebook)["metadata"])
    return own or bool(stamped)


def begin_run(notebook: YNotebook, cell_id: str, exec_id: str, near: int = 0) -> None:
    """Show a cell as running, without outputs."""
    ycell = notebook.ycells[place_of(notebook, cell_id, near)]
    ycell["outputs"].clear()
    ycell["execution_count"] = None
    ycell["execution_state"] = "running"
    _stamp(ycell["metadata"], exec_id, "running")
    # People confirmed this code, so its outputs may be shown in full.
    ycell["metadata"]["trusted"] = True


def edit_outputs(
    notebook: YNotebook, cell_id: str, edits: Sequence[OutputEdit], outputs: Sequence[JsonObject], near: int = 0
) -> None:  # fmt: skip
    """Take over these edits, after which the cell's outputs are `outputs`; a cell that is gone is left alone.

    `near` is where the cell was; it is looked for there first.
    """
    index = place_of(notebook, cell_id, near)
    if index < 0 or "outputs" not in notebook.ycells[index]:
        return
    shown: Array[Any] = notebook.ycells[index]["outputs"]
    for edit in edits:
        _edit_output(shown, edit)
    if len(shown) != len(outputs):  # somebody cleared them meanwhile
        shown.clear()
        shown.extend([_youtput(output) for output in outputs])


def end_run(
    notebook: YNotebook, cell_id: str, exec_id: str, state: RunState, execution_count: int | None, near: int = 0
) -> None:  # fmt: skip
    """Show how a run ended; a cell that is gone is left alone."""
    index = place_of(notebook, cell_id, near)
    if index < 0:
        return
    ycell = notebook.ycells[index]
    ycell["execution_state"] = "idle"
    # Browsers know numbers only as floats.
    ycell["execution_count"] = None if execution_count is None else float(execution_count)
    _stamp(ycell["metadata"], exec_id, state)


def put_next(
    notebook: YNotebook, cell_id: str, text: str, replace: bool, new_id: str, cells: Sequence[Cell]
) -> str | None:  # fmt: skip
    """Put code in the place of a cell's, or into a new cell below it; returns the id of the cell that has it.

    `cells` are those there.
    """
    ids = [cell.cell_id for cell in cells]
    if cell_id not in ids:
        return None
    if replace:
        _set_source(notebook, ids.index(cell_id), text)
        return cell_id
    _make(notebook, InsertCell(cell_id=new_id, after=cell_id, cell_type="code", source=text), ids)
    return new_id


def set_text(text: Text, new: str) -> None:
    """Make a text say `new` by changing only the lines that differ, so that people's cursors and keystrokes survive."""
    before, after = str(text).splitlines(keepends=True), new.splitlines(keepends=True)
    steps = SequenceMatcher(None, before, after, autojunk=False).get_opcodes()
    for tag, i1, i2, j1, j2 in reversed(steps):  # from the end, so that places before stay where they are
        if tag != "equal":
            _replace(text, len("".join(before[:i1])), "".join(before[i1:i2]), "".join(after[j1:j2]))


def _replace(text: Text, start: int, old: str, new: str) -> None:
    """Put `new` where `old` stands, leaving alone what they begin and end with."""
    head = _alike(old, new)
    tail = _alike(old[head:][::-1], new[head:][::-1])
    at = _bytes(str(text)[: start + head])
    gone, come = old[head : len(old) - tail], new[head : len(new) - tail]
    if gone:
        del text[at : at + _bytes(gone)]
    if come:
        text.insert(at, come)


def _alike(one: str, other: str) -> int:
    """How many characters both begin with."""
    pairs = enumerate(zip(one, other, strict=False))
    return next((i for i, (a, b) in pairs if a != b), min(len(one), len(other)))


def _bytes(text: str) -> int:
    """The length as pycrdt counts."""
    return len(text.encode())


def _make(notebook: YNotebook, change: Change, ids: list[str]) -> None:
    """Make one change in a notebook whose cells are called so, in order; `ids` follows."""
    match change:
        case InsertCell():
            own = {"id": change.cell_id, "source": change.source}
            raw = {"metadata": {"trusted": True}, **(change.rest or {}), **own}
            _insert(notebook, ids, change.cell_id, change.after, _typed(raw, change.cell_type))
        case SetSource():
            _set_source(notebook, ids.index(change.cell_id), change.source)
        case DeleteCell():
            del notebook.ycells[_taken(ids, change.cell_id)]
        case MoveCell():
            # Yjs 13 in browsers knows no move, so the cell is made anew.
            if change.cell_id != change.after:
                index = _taken(ids, change.cell_id)
                raw = raw_cell(notebook, index)
                del notebook.ycells[index]
                _insert(notebook, ids, change.cell_id, change.after, raw)
        case SetType():
            index = ids.index(change.cell_id)
            notebook.set_cell(index, _typed(raw_cell(notebook, index), change.cell_type))
        case _:
            assert_never(change)


def _taken(ids: list[str], cell_id: str) -> int:
    """Where the cell was, which is taken out of the list."""
    index = ids.index(cell_id)
    del ids[index]
    return index


def _insert(notebook: YNotebook, ids: list[str], cell_id: str, after: str | None, raw: JsonObject) -> None:
    at = 0 if after is None else ids.index(after) + 1
    ids.insert(at, cell_id)
    notebook.ycells.insert(at, notebook.create_ycell(raw))


def _set_source(notebook: YNotebook, index: int, source: str) -> None:
    text = notebook.ycells[index]["source"]
    if "\r\n" in str(text) or "\r\n" in source:
        # Editors count such a line end as one character, so a change by places would be shown elsewhere.
        notebook.set_cell(index, {**raw_cell(notebook, index), "source": source})
    else:
        set_text(text, source)


def raw_cell(notebook: YNotebook, index: int) -> JsonObject:
    """A cell as JSON with its id, which the document leaves out where the file's format has none."""
    raw = notebook.get_cell(index)
    return raw if "id" in raw else {**raw, "id": notebook.ycells[index]["id"]}


def content_with(notebook: YNotebook, raws: Sequence[JsonObject]) -> JsonObject:
    """What `YNotebook.get` returns, given the cells as `raw_cell` has them, each with an id of its own."""
    meta = meta_of(notebook).to_py() or {}
    cast_all(meta, float, int)
    major, minor = int(meta.get("nbformat", 0)), int(meta.get("nbformat_minor", 0))
    if (major, minor) <= (4, 4):
        raws = [{key: value for key, value in raw.items() if key != "id"} for raw in raws]
    return {"cells": list(raws), "metadata": meta.get("metadata", {}), "nbformat": major, "nbformat_minor": minor}


def _typed(raw: JsonObject, cell_type: CellType) -> JsonObject:
    if cell_type == "code":
        kept = {key: value for key, value in raw.items() if key != "attachments"}
        return {"outputs": [], "execution_count": None, **kept, "cell_type": cell_type}
    kept = {key: value for key, value in raw.items() if key not in ("outputs", "execution_count")}
    return {**kept, "cell_type": cell_type}


def _edit_output(shown: Array[Any], edit: OutputEdit) -> None:
    match edit:
        case Append():
            shown.append(_youtput(edit.output))
        case Extend():
            if edit.index < len(shown) and isinstance(text := shown[edit.index].get("text"), Text):
                text += edit.text  # on a name of its own: on the map's item it would assign the text to itself
        case Replace():
            if edit.index < len(shown):
                shown[edit.index] = _youtput(edit.output)
        case Clear():
            shown.clear()
        case _:
            assert_never(edit)


def _youtput(output: JsonObject) -> Map[Any]:
    if output["output_type"] == "stream":
        return Map({**output, "text": Text(output["text"])})
    return Map(output)


def place_of(notebook: YNotebook, cell_id: str, near: int = 0) -> int:
    """Where the cell stands, -1 if nowhere; in a large notebook it is good to know where it was."""
    if near < len(notebook.ycells) and notebook.ycells[near]["id"] == cell_id:
        return near
    return next((i for i, ycell in enumerate(notebook.ycells) if told_id(ycell["id"]) == cell_id), -1)


def meta_of(notebook: YNotebook) -> Map[Any]:
    """The part of the document that holds the format's version and the notebook's metadata."""
    meta: Map[Any] = notebook.ydoc.get("meta", type=Map)
    return meta
