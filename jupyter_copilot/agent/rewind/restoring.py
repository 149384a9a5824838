"""What it takes to make a notebook what it was: changes, what people see of them, and what they depend on."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence, Set
from typing import Any

import msgspec

from ... import protocol as p
from ...core.permissions.locks import lock_of
from ...ports.notebook import Cell, CellType, Change, DeleteCell, InsertCell, MoveCell, SetSource

MOST_SHOWN = 200
"""Cells that a preview shows; of more it says how many."""


class Restoring:
    """The way from the cells that are there to those that were.

    A cell whose source alone differs keeps its place and its outputs' views; one whose outputs or type differ is made
    anew with all that it had, as far as `rest_bytes` go. What people locked stays as it is.
    """

    def __init__(self, now: Sequence[Cell], then: Sequence[Cell], rest_bytes: int) -> None:
        self.changes: list[Change] = []
        self.diffs: list[p.CellDiff] = []
        self.pinned: dict[str, str] = {}
        self.outputs_back: list[str] = []
        """Names of cells of which the outputs alone come back."""
        self.outputs_left: list[str] = []
        """Names of cells whose outputs are too large to come back."""
        self._bytes_left = rest_bytes
        self._now = {cell.cell_id: cell for cell in now}
        self._then = {cell.cell_id: cell for cell in then}
        self._names = {cell.cell_id: f"cell {number}" for number, cell in enumerate(now, 1)}
        self._locked = {cell.cell_id for cell in now if lock_of(cell.metadata) is not None}
        self.locked = [self._names[id] for id in self._locked if _differs(self._now[id], self._then.get(id))]
        """Names of cells that stay as they are, as people locked them."""
        self._ids = [cell.cell_id for cell in now]
        self._delete()
        for cell in then:
            if cell.cell_id not in self._now:
                self._insert(cell)
            elif cell.cell_id not in self._locked:
                self._exchange(self._now[cell.cell_id], cell)
        self._move([cell.cell_id for cell in then])

    @property
    def hidden(self) -> int:
        """How many cells are not shown for their number."""
        return max(0, len(self.diffs) - MOST_SHOWN)

    def _delete(self) -> None:
        for above, cell_id in list(zip([None, *self._ids], self._ids, strict=False)):
            cell = self._now[cell_id]
            if cell_id not in self._then and cell_id not in self._locked:
                self._pin(cell)
                self.changes.append(DeleteCell(cell_id=cell_id, expected=cell.version))
                self._show("delete", cell, before=cell.source, after=None, above=above)
                self._ids.remove(cell_id)

    def _insert(self, cell: Cell) -> None:
        above = self._above_then(cell.cell_id)
        self._put_back(cell, above)
        self._ids.insert(0 if above is None else self._ids.index(above) + 1, cell.cell_id)
        self._show("insert", cell, before=None, after=cell.source, above_after=above)

    def _exchange(self, now: Cell, then: Cell) -> None:
        """Make a cell that is there what it was."""
        if not _differs(now, then):
            return
        self._pin(now)
        if now.cell_type == then.cell_type and _plain(now.outputs) == _plain(then.outputs):
            self.changes.append(SetSource(cell_id=now.cell_id, expected=now.version, source=then.source))
        else:
            index = self._ids.index(now.cell_id)
            self.changes.append(DeleteCell(cell_id=now.cell_id, expected=now.version))
            self._put_back(then, self._ids[index - 1] if index else None)
        if now.source == then.source and now.cell_type == then.cell_type:
            self.outputs_back.append(self._names[now.cell_id])
        elif now.cell_type == then.cell_type:
            self._show("edit", then, before=now.source, after=then.source)
        else:
            self._show("retype", then, before=now.source, after=then.source, type_before=now.cell_type)

    def _put_back(self, cell: Cell, above: str | None) -> None:
        rest: p.JsonObject = {"metadata": cell.metadata}
        if cell.cell_type == "code":
            rest |= {"outputs": cell.outputs, "execution_count": cell.execution_count}
        elif cell.attachments:
            rest["attachments"] = cell.attachments
        size = len(msgspec.json.encode(rest))
        if size > self._bytes_left:
            rest = {"metadata": cell.metadata}
            self.outputs_left.append(self._names.get(cell.cell_id, "a cell that comes back"))
        else:
            self._bytes_left -= size
        self.changes.append(
            InsertCell(cell_id=cell.cell_id, after=above, cell_type=cell.cell_type, source=cell.source, rest=rest)
        )

    def _move(self, order: list[str]) -> None:
        """Move as few cells as possible, so that they stand in their order again."""
        places = {cell_id: place for place, cell_id in enumerate(order)}
        still = _longest_rising([places[id] for id in self._ids if id in places])
        for cell_id in order:
            if places[cell_id] in still or cell_id in self._locked:
                continue
            cell, old = self._then[cell_id], self._ids.index(cell_id)
            was_above = self._ids[old - 1] if old else None
            del self._ids[old]
            above = self._above_then(cell_id)
            self._ids.insert(0 if above is None else self._ids.index(above) + 1, cell_id)
            self._pin(cell)
            self.changes.append(MoveCell(cell_id=cell_id, after=above))
            self._show("move", cell, before=cell.source, after=cell.source, above=was_above, above_after=above)

    def _above_then(self, cell_id: str) -> str | None:
        """The nearest cell that stood above it and is there."""
        earlier = list(self._then)[: list(self._then).index(cell_id)]
        return next((each for each in reversed(earlier) if each in self._ids), None)

    def _pin(self, cell: Cell) -> None:
        if cell.cell_id in self._now:
            self.pinned[cell.cell_id] = self._now[cell.cell_id].version

    def _show(
        self,
        action: p.CellAction,
        cell: Cell,
        *,
        before: str | None,
        after: str | None,
        above: str | None = None,
        above_after: str | None = None,
        type_before: CellType | None = None,
    ) -> None:
        self.diffs.append(
            p.CellDiff(
                action=action,
                cell_id=cell.cell_id,
                cell_type=cell.cell_type,
                label=self._names.get(cell.cell_id, "a cell that comes back"),
                before=before,
                after=after,
                above=above,
                above_after=above_after,
                type_before=type_before,
            )
        )


def _differs(now: Cell, then: Cell | None) -> bool:
    return (
        then is None
        or (now.source, now.cell_type) != (then.source, then.cell_type)
        or _plain(now.outputs) != _plain(then.outputs)
    )


def _plain(value: Any) -> Any:
    """Outputs as they compare: a text may be kept in lines, or in one piece."""
    if isinstance(value, dict):
        return {name: _plain(each) for name, each in value.items()}
    if isinstance(value, list) and value and all(isinstance(each, str) for each in value):
        return "".join(value)
    return [_plain(each) for each in value] if isinstance(value, list) else value


def _longest_rising(numbers: Sequence[int]) -> Set[int]:
    """The members of a longest rising subsequence."""
    tails: list[int] = []
    before: dict[int, int | None] = {}
    for number in numbers:
        place = bisect_left(tails, number)
        before[number] = tails[place - 1] if place else None
        tails[place : place + 1] = [number]
    found: set[int] = set()
    last = tails[-1] if tails else None
    while last is not None:
        found.add(last)
        last = before[last]
    return found
