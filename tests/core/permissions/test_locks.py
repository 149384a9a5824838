"""Locks on cells, by the vectors that the browser runs, too; and beneath the stamps of our own."""

from __future__ import annotations

import pytest

from jupyter_copilot.core.permissions.locks import lock_of
from jupyter_copilot.notebooks.changes import apply_changes
from jupyter_copilot.notebooks.kernel.running import runnable
from jupyter_copilot.notebooks.stamps import stamped, unstamped
from jupyter_copilot.ports.notebook import Cell, Change, DeleteCell, InsertCell, MoveCell, SetSource, SetType
from jupyter_copilot.protocol.errors import CellLocked

from ...vectors import Case, cases, named


@pytest.mark.parametrize("case", cases("locks"), ids=named)
def test_a_lock_is_read_as_the_vectors_say(case: Case) -> None:
    assert lock_of(case["metadata"]) == case["lock"]


def test_a_stamp_keeps_the_lock_and_gives_it_back_as_it_was() -> None:
    for said in ("read-only", {"lock": "read-only", "note": "mine"}):
        once = stamped({"copilot": said, "x": 1}, "e1", "running")
        twice = stamped(once, "e2", "ok")
        assert lock_of(once) == lock_of(twice) == "read-only"
        assert unstamped(twice, ["e2"]) == {"copilot": said, "x": 1}


def locked(lock: str) -> Cell:
    return Cell(cell_id="a", cell_type="code", source="x", metadata={"tags": [f"copilot: {lock}"]})


VERSION = locked("locked").version
CHANGES: list[Change] = [
    SetSource(cell_id="a", expected=VERSION, source="y"),
    SetType(cell_id="a", expected=VERSION, cell_type="raw"),
    DeleteCell(cell_id="a", expected=VERSION),
    MoveCell(cell_id="a", after="b"),
]


@pytest.mark.parametrize("lock", ["locked", "read-only"])
@pytest.mark.parametrize("change", CHANGES, ids=lambda change: type(change).__name__)
def test_no_change_is_made_to_a_locked_cell(change: Change, lock: str) -> None:
    cells = [locked(lock), Cell(cell_id="b", cell_type="code", source="")]
    with pytest.raises(CellLocked):
        apply_changes(cells, [change], "e")
    beside = InsertCell(cell_id="c", after="a", cell_type="code", source="z")
    assert [cell.cell_id for cell in apply_changes(cells, [beside], "e")] == ["a", "c", "b"]


def test_a_read_only_cell_runs_and_a_locked_one_does_not() -> None:
    assert runnable([locked("read-only")], "a", None).cell_id == "a"
    with pytest.raises(CellLocked):
        runnable([locked("locked")], "a", None)
