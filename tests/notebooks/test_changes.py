"""Changes as a pure function: all against the versions that were read, or none."""

import pytest

from jupyter_copilot.notebooks.changes import apply_changes
from jupyter_copilot.ports.notebook import (
    Cell,
    Change,
    DeleteCell,
    InsertCell,
    MoveCell,
    SetSource,
    SetType,
    version_of,
)
from jupyter_copilot.protocol.errors import CellNotFound, NotebookError, StaleCells

A = Cell(cell_id="a", cell_type="code", source="x = 1", outputs=[{"output_type": "stream"}], execution_count=3)
B = Cell(cell_id="b", cell_type="markdown", source="# Title", metadata={"tags": ["keep"]})
C = Cell(cell_id="c", cell_type="code", source="x")


def ids(cells: list[Cell]) -> str:
    return "".join(cell.cell_id for cell in cells)


def test_changes_are_made_in_order() -> None:
    after = apply_changes(
        [A, B, C],
        [
            InsertCell(cell_id="n", after="b", cell_type="code", source="y"),
            DeleteCell(cell_id="c", expected=C.version),
            MoveCell(cell_id="a", after="n"),
            InsertCell(cell_id="f", after=None, cell_type="raw", source=""),
        ],
        "e1",
    )
    assert ids(after) == "fbna"


def test_what_was_changed_carries_the_stamp_and_the_rest_does_not() -> None:
    after = apply_changes([A, B], [SetSource(cell_id="b", expected=B.version, source="# T")], "e1")
    assert after[0] is A
    assert after[1].metadata == {"tags": ["keep"], "copilot": {"exec_id": "e1"}}


def test_every_stale_cell_is_named_and_nothing_is_changed() -> None:
    cells = [A, B]
    changes: list[Change] = [
        SetSource(cell_id="a", expected="old", source="lost"),
        InsertCell(cell_id="n", after="a", cell_type="code", source=""),
        DeleteCell(cell_id="b", expected="old"),
        SetType(cell_id="gone", expected="old", cell_type="raw"),
    ]
    with pytest.raises(StaleCells) as caught:
        apply_changes(cells, changes, "e1")
    assert caught.value.cells == {"a": A.version, "b": B.version, "gone": None}
    assert cells == [A, B]


@pytest.mark.parametrize(
    "change",
    [
        InsertCell(cell_id="n", after="gone", cell_type="code", source=""),
        MoveCell(cell_id="gone", after=None),
        MoveCell(cell_id="a", after="gone"),
    ],
)
def test_a_place_that_is_not_there_is_refused(change: InsertCell | MoveCell) -> None:
    with pytest.raises(CellNotFound) as caught:
        apply_changes([A, B], [change], "e1")
    assert caught.value.cell_id == "gone"


def test_a_new_cell_cannot_take_the_id_of_another() -> None:
    with pytest.raises(NotebookError) as caught:
        apply_changes([A], [InsertCell(cell_id="a", after=None, cell_type="code", source="")], "e1")
    assert caught.value.code == "cell_exists"


@pytest.mark.parametrize("expected", [A.version, version_of("x = 2")])
def test_two_changes_of_one_cell_may_name_the_version_read_or_the_one_in_between(expected: str) -> None:
    changes = [
        SetSource(cell_id="a", expected=A.version, source="x = 2"),
        SetSource(cell_id="a", expected=expected, source="x = 3"),
    ]
    assert apply_changes([A], changes, "e1")[0].source == "x = 3"


def test_text_has_no_outputs_and_code_that_was_text_starts_without() -> None:
    text = apply_changes([A], [SetType(cell_id="a", expected=A.version, cell_type="markdown")], "e1")[0]
    assert (text.outputs, text.execution_count) == ([], None)
    kept = apply_changes([A], [SetSource(cell_id="a", expected=A.version, source="z")], "e1")[0]
    assert (kept.outputs, kept.execution_count) == (A.outputs, 3)


def test_a_cell_moved_after_itself_stays() -> None:
    assert ids(apply_changes([A, B, C], [MoveCell(cell_id="b", after="b")], "e1")) == "abc"
