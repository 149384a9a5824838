"""Changes to cells as a pure function: all of them against the versions that were read, or none."""

from __future__ import annotations

from collections.abc import Sequence

from msgspec.structs import replace
from typing_extensions import assert_never

from ..core.permissions.locks import lock_of
from ..ports.notebook import Cell, Change, DeleteCell, InsertCell, MoveCell, SetSource, SetType
from ..protocol.errors import CellLocked, CellNotFound, NotebookError, StaleCells
from .stamps import stamped


def apply_changes(cells: Sequence[Cell], changes: Sequence[Change], exec_id: str) -> list[Cell]:
    """The cells after all changes, in order, with those that were inserted or changed stamped with `exec_id`.

    An expected version may be the one before the first change, or the one that an earlier change of the list made.
    Raises `StaleCells` with every cell whose version differs or that is gone; else `CellLocked` for one that people
    keep from it, `CellNotFound` for a place or a cell to move that is not there, and `NotebookError` for a new cell
    whose id is taken.
    """
    draft = _Draft(cells, exec_id)
    for change in changes:
        draft.make(change)
    if draft.stale:
        raise StaleCells(draft.stale)
    if draft.problem is not None:
        raise draft.problem
    return draft.cells


class _Draft:
    """Cells that are being changed; what does not fit is collected, so that one error tells of all of it."""

    def __init__(self, cells: Sequence[Cell], exec_id: str) -> None:
        self.cells = list(cells)
        self.stale: dict[str, str | None] = {}
        self.problem: NotebookError | None = None
        self._exec_id = exec_id
        self._known: dict[str, set[str]] = {}

    def make(self, change: Change) -> None:
        if not isinstance(change, InsertCell) and self._is_locked(change.cell_id):
            return
        match change:
            case InsertCell():
                self._insert(change)
            case SetSource():
                self._edit(change, source=change.source)
            case SetType():
                self._edit(change, cell_type=change.cell_type)
            case DeleteCell():
                if self._is_current(change):
                    del self.cells[self._index(change.cell_id)]
            case MoveCell():
                self._move(change)
            case _:
                assert_never(change)

    def _is_locked(self, cell_id: str) -> bool:
        index = self._index(cell_id)
        lock = None if index < 0 else lock_of(self.cells[index].metadata)
        if lock is not None:
            self._refuse(CellLocked(cell_id, lock))
        return lock is not None

    def _insert(self, change: InsertCell) -> None:
        if self._index(change.cell_id) >= 0:
            self._refuse(NotebookError(f"There is a cell {change.cell_id!r} already.", code="cell_exists"))
            return
        rest = change.rest or {}
        cell = Cell(
            cell_id=change.cell_id,
            cell_type=change.cell_type,
            source=change.source,
            outputs=rest.get("outputs", []),
            execution_count=rest.get("execution_count"),
            attachments=rest.get("attachments", {}),
            metadata=stamped(rest.get("metadata", {}), self._exec_id),
        )
        self._place(cell, change.after)

    def _edit(self, change: SetSource | SetType, **fields: str) -> None:
        if not self._is_current(change):
            return
        index = self._index(change.cell_id)
        old = self.cells[index]
        new = replace(old, **fields, metadata=stamped(old.metadata, self._exec_id))
        if new.cell_type != "code":
            new = replace(new, outputs=[], execution_count=None)
        self._versions(index).add(new.version)
        self.cells[index] = new

    def _move(self, change: MoveCell) -> None:
        index = self._index(change.cell_id)
        if index < 0:
            self._refuse(CellNotFound(change.cell_id))
        if index < 0 or change.cell_id == change.after:
            return
        cell = self.cells.pop(index)
        self._place(replace(cell, metadata=stamped(cell.metadata, self._exec_id)), change.after)

    def _place(self, cell: Cell, after: str | None) -> None:
        if after is not None and self._index(after) < 0:
            self._refuse(CellNotFound(after))
        self.cells.insert(0 if after is None else self._index(after) + 1, cell)

    def _is_current(self, change: SetSource | SetType | DeleteCell) -> bool:
        index = self._index(change.cell_id)
        if index < 0:
            self.stale[change.cell_id] = None
            return False
        if change.expected not in self._versions(index):
            self.stale[change.cell_id] = self.cells[index].version
            return False
        return True

    def _versions(self, index: int) -> set[str]:
        """The versions that a cell had in this list of changes, counted only for cells that are changed."""
        cell = self.cells[index]
        return self._known.setdefault(cell.cell_id, {cell.version})

    def _index(self, cell_id: str) -> int:
        return next((i for i, cell in enumerate(self.cells) if cell.cell_id == cell_id), -1)

    def _refuse(self, problem: NotebookError) -> None:
        self.problem = self.problem or problem
