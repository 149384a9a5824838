"""What a notebook would be after some edits: the changes to make, what people see of them, and what they depend on."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence

import msgspec
from msgspec import Struct
from typing_extensions import assert_never

from ...core.embedded_files import unfolded
from ...ports.notebook import Cell, CellType, Change, DeleteCell, InsertCell, MoveCell, SetSource, SetType
from ...protocol import CellAction, CellDiff
from ...protocol.errors import ToolError
from ..render.data import quoted, titled
from ..render.describe import IN_FULL, render_cell, told_cell
from ..render.titles import listed
from .lookup import find_cell
from .replace import replaced


class ReplaceText(Struct, frozen=True, kw_only=True):
    """Another text in the one place of a cell's source where `old_text` stands; the cell's version is `expected`."""

    cell_id: str
    expected: str
    old_text: str
    new_text: str


Edit = Change | ReplaceText
_TOP = ("top", "start", "beginning", "null", "none", "undefined")
_END = ("end", "bottom", "last")


def new_cell_id(call_id: str) -> str:
    """The id of the cell that this call inserts: the same each time, and valid in nbformat."""
    return "c-" + hashlib.sha256(call_id.encode()).hexdigest()[:12]


def with_line_feeds(text: str) -> str:
    """The text with one kind of line end: what Python runs as a line of its own is then drawn as one everywhere."""
    return text.replace("\r\n", "\n").replace("\r", "\n")


def with_line_ends_of(before: str, text: str) -> str:
    """The text with line feeds, or with CRLF where that is every line end of the text before."""
    source = with_line_feeds(text)
    is_wide = "\r\n" in before and "\r" not in (rest := before.replace("\r\n", "")) and "\n" not in rest
    return source.replace("\n", "\r\n") if is_wide else source


class Draft:
    """Cells as they would be after the edits made so far, beside the cells as they were read.

    Each change expects the version that the changes before it made. Cells put after the same cell stand in the order
    in which they were named. A draft that raised `ToolError` is of no further use.

    `ahead` are changes that are made before these ones, and `superseded` the versions of cells that others replaced: an
    edit that expects one of them is one of the cell as it is then. An edit that names no version expects the one that
    the model was last `told`.
    """

    def __init__(
        self,
        cells: Sequence[Cell],
        ahead: Sequence[Change] = (),
        superseded: Mapping[str, set[str]] | None = None,
        told: Mapping[str, str] | None = None,
    ) -> None:
        self.cells = list(cells)
        self._superseded = superseded or {}
        self._told = told or {}
        self._numbers = {cell.cell_id: number for number, cell in enumerate(cells, 1)}
        self._begin()
        for change in ahead:
            self.make(change)
            self._begin()

    def _begin(self) -> None:
        """Take the cells as they are now for those that were read."""
        self.changes: list[Change] = []
        self.diffs: list[CellDiff] = []
        self.pinned: dict[str, str] = {}
        self.notes: list[str] = []
        self._read = {cell.cell_id: cell for cell in self.cells}
        self._last_after: dict[str | None, str] = {}

    def make(self, edit: Edit) -> None:
        """Add an edit. Raises `ToolError`."""
        match edit:
            case InsertCell():
                self._insert(msgspec.structs.replace(edit, after=self._place(edit.after)))
            case ReplaceText():
                _, cell = find_cell(self.cells, edit.cell_id)
                # Who can quote a text that stands in one place knows it, also from a search.
                self._pin(edit.cell_id, edit.expected, unread=True)
                old_text, new_text = with_line_feeds(edit.old_text), with_line_feeds(edit.new_text)
                self._set_source(cell, replaced(with_line_feeds(cell.source), old_text, new_text))
            case SetSource():
                _, cell = find_cell(self.cells, edit.cell_id)
                self._pin(edit.cell_id, edit.expected)
                self._set_source(cell, unfolded(edit.source, cell.source))
            case DeleteCell():
                self._delete(edit)
            case MoveCell():
                self._move(msgspec.structs.replace(edit, after=self._place(edit.after)))
            case SetType():
                self._set_type(edit)
            case _:
                assert_never(edit)

    def run(self, cell_id: str) -> None:
        """Say that a cell will run as it then stands. Raises `ToolError` when it is not code."""
        _, cell = find_cell(self.cells, cell_id)
        if cell.cell_type != "code":
            raise self._refusal(cell_id, f"is {cell.cell_type}.", "Only code cells run.")
        if cell_id in self._read:
            self.pinned[cell_id] = self._read[cell_id].version
        if all(diff.cell_id != cell_id for diff in self.diffs):
            self._show("run", cell, cell.source)

    def name(self, cell_id: str) -> str:
        """What people call the cell: its number as they see it now."""
        return f"cell {self._numbers[cell_id]}" if cell_id in self._numbers else "new cell"

    def _insert(self, edit: InsertCell) -> None:
        source = with_line_feeds(edit.source)
        cell = Cell(cell_id=edit.cell_id, cell_type=edit.cell_type, source=source)
        where = self._where(edit.after)
        above_after = self._put(cell, edit.after)
        self.changes.append(msgspec.structs.replace(edit, after=above_after, source=source))
        self._show("insert", cell, None, label=where, above_after=above_after)

    def _set_source(self, cell: Cell, text: str) -> None:
        source = with_line_ends_of(cell.source, text)
        if source == cell.source:
            raise self._refusal(cell.cell_id, "already has this text.", "There is nothing to change.")
        self.changes.append(SetSource(cell_id=cell.cell_id, expected=cell.version, source=source))
        self.diffs = [diff for diff in self.diffs if (diff.action, diff.cell_id) != ("edit", cell.cell_id)]
        self._show("edit", self._exchange(cell, source=source), self._read[cell.cell_id].source)

    def _delete(self, edit: DeleteCell) -> None:
        _, cell = find_cell(self.cells, edit.cell_id)
        self._pin(edit.cell_id, edit.expected)
        above = self._above(cell)
        self._take_out(cell)
        self.changes.append(msgspec.structs.replace(edit, expected=cell.version))
        self._show("delete", cell, cell.source, above=above)

    def _move(self, edit: MoveCell) -> None:
        _, cell = find_cell(self.cells, edit.cell_id)
        if edit.after == edit.cell_id:
            raise ToolError("A cell cannot stand after itself.", hint="Name another cell in `after`.")
        where, before, above = self._where(edit.after), self.cells, self._above(cell)
        self._take_out(cell)
        above_after = self._put(cell, edit.after)
        self.changes.append(MoveCell(cell_id=cell.cell_id, after=above_after))
        if self.cells == before:
            raise self._refusal(cell.cell_id, f"stands {where} already.", "There is nothing to move.")
        label = where.replace("at the top", "to the top")
        self._show("move", cell, cell.source, label=label, above=above, above_after=above_after)

    def _set_type(self, edit: SetType) -> None:
        _, cell = find_cell(self.cells, edit.cell_id)
        self._pin(edit.cell_id, edit.expected)
        if cell.cell_type == edit.cell_type:
            raise self._refusal(cell.cell_id, f"is {edit.cell_type} already.", "There is nothing to change.")
        self.changes.append(msgspec.structs.replace(edit, expected=cell.version))
        if cell.attachments and edit.cell_type == "code":
            names = listed([titled(name) for name in cell.attachments])
            self.notes.append(f"what is attached to {self.name(cell.cell_id)} is dropped ({names})")
        retyped = self._exchange(cell, cell_type=edit.cell_type)
        self._show("retype", retyped, cell.source, type_before=cell.cell_type)

    def _pin(self, cell_id: str, expected: str, *, unread: bool = False) -> None:
        """Hold people to the cell as the model read it. Raises `ToolError`, showing the cell as it is now.

        With `unread`, the model need not have been told of it at all.
        """
        if cell_id not in self._read:
            raise ToolError("The changes edit a cell that they insert.", hint="Insert it with its final source.")
        read = self._read[cell_id]
        expected = expected or self._told.get(cell_id, read.version if unread else "")
        if cell_id in self._numbers and read.version != expected and expected not in self._superseded.get(cell_id, ()):
            now = render_cell(read, self._numbers[cell_id], IN_FULL)
            what = "is not as you read it" if expected else "was not read by you yet"
            hint = f"Nothing was changed. Propose the change anew for the cell as it is now:\n{now}"
            raise self._refusal(cell_id, f"{what}.", hint, code="stale", shows=read)
        self.pinned[cell_id] = read.version

    def _place(self, after: str | None) -> str | None:
        """The cell that is meant by `after`: besides ids there are words for the top and the end."""
        ids = [cell.cell_id for cell in self.cells]
        if after is None or after in ids:
            return after
        word = after.strip().lower()
        if word in _TOP or not ids:
            return None
        if word in _END:
            return ids[-1]
        if not word:
            hint = f'Pass "top" or null for the top, "end" for the end, or an id such as {quoted(ids[-1])}.'
            raise ToolError("`after` is empty, so the place is not known.", hint=hint, code="invalid_args")
        return after

    def _put(self, cell: Cell, after: str | None) -> str | None:
        """Place the cell after another one and behind those put there before; returns the id of the cell before it."""
        if after is not None:
            find_cell(self.cells, after)
        before = self._last_after.get(after, after)
        index = 0 if before is None else find_cell(self.cells, before)[0]
        self.cells = [*self.cells[:index], cell, *self.cells[index:]]
        self._last_after[after] = cell.cell_id
        return before

    def _above(self, cell: Cell) -> str | None:
        """The id of the cell before it."""
        index = next(n for n, each in enumerate(self.cells) if each is cell)
        return self.cells[index - 1].cell_id if index else None

    def _take_out(self, cell: Cell) -> None:
        self.cells = [each for each in self.cells if each is not cell]
        self._last_after = {key: last for key, last in self._last_after.items() if cell.cell_id not in (key, last)}

    def _exchange(self, cell: Cell, **fields: str) -> Cell:
        changed = msgspec.structs.replace(cell, **fields)
        self.cells = [changed if each is cell else each for each in self.cells]
        return changed

    def _show(
        self,
        action: CellAction,
        cell: Cell,
        before: str | None,
        *,
        label: str = "",
        above: str | None = None,
        above_after: str | None = None,
        type_before: CellType | None = None,
    ) -> None:
        name = self.name(cell.cell_id) + (f" {label}" if label else "")
        after = None if action == "delete" else cell.source
        self.diffs.append(
            CellDiff(
                action=action,
                cell_id=cell.cell_id,
                cell_type=cell.cell_type,
                label=name,
                before=before,
                after=after,
                above=above,
                above_after=above_after,
                type_before=type_before,
            )
        )

    def _refusal(self, cell_id: str, says: str, hint: str, code: str = "tool", shows: Cell | None = None) -> ToolError:
        shown = {} if shows is None else {cell_id: told_cell(shows)}
        return ToolError(f"{self.name(cell_id).capitalize()} {says}", hint=hint, code=code, shows=shown)

    def _where(self, after: str | None) -> str:
        return "at the top" if after is None else f"after {self.name(after)}"
