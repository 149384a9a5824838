"""The way back to cells that were: whatever was done to them, the changes lead there, all of them or none."""

from __future__ import annotations

import random
from typing import Any

import pytest
from msgspec.structs import replace

from jupyter_copilot.agent.rewind.restoring import Restoring
from jupyter_copilot.notebooks.changes import apply_changes
from jupyter_copilot.ports.notebook import Cell, MoveCell, SetSource

from ...soak import rounds

BIG = 1 << 20


def cells(*names: str, **fields: Any) -> list[Cell]:
    return [Cell(cell_id=name, cell_type="code", source=f"{name} = 1", **fields) for name in names]


def essence(cell: Cell) -> tuple[Any, ...]:
    return cell.cell_id, cell.cell_type, cell.source, cell.outputs, cell.execution_count, cell.attachments


def output(text: str) -> dict[str, Any]:
    return {"output_type": "stream", "name": "stdout", "text": text}


def scrambled(dice: random.Random, then: list[Cell]) -> list[Cell]:
    """The cells after somebody did this and that to them."""
    now = list(then)
    for number in range(dice.randrange(8)):
        index = dice.randrange(len(now) + 1)
        match dice.choice(["insert", "delete", "edit", "retype", "run", "move"]):
            case "insert":
                now.insert(index, Cell(cell_id=f"new{number}", cell_type="code", source="new"))
            case "move" if now:
                cell = now.pop(index % len(now))
                now.insert(dice.randrange(len(now) + 1), cell)
            case "delete" if now:
                del now[index % len(now)]
            case "edit" if now:
                at = index % len(now)
                now[at] = replace(now[at], source=f"edited {number}")
            case "retype" if now:
                at = index % len(now)
                now[at] = replace(now[at], cell_type="markdown", outputs=[], execution_count=None)
            case "run" if now:
                at = index % len(now)
                if now[at].cell_type == "code":
                    now[at] = replace(now[at], outputs=[output(str(number))], execution_count=number)
            case _:
                pass
    return now


@pytest.mark.soak
@pytest.mark.parametrize("seed", range(rounds(300, 20_000)))
def test_the_changes_lead_to_the_cells_that_were(seed: int) -> None:
    dice = random.Random(seed)
    then = [
        Cell(
            cell_id=name,
            cell_type="code",
            source=dice.choice([f"{name} = 1\r\n", f"{name} = 2"]),
            outputs=[output("then")] if dice.random() < 0.5 else [],
            execution_count=dice.choice([None, 3]),
        )
        for name in "abcdefg"[: dice.randrange(8)]
    ]
    then += [Cell(cell_id="t", cell_type="markdown", source="# T", attachments={"x.png": {"image/png": "eA=="}})]
    now = scrambled(dice, then)
    way = Restoring(now, then, BIG)
    made = apply_changes(now, way.changes, "exec")
    again = [essence(cell) for cell in made]
    wanted = {cell.cell_id: essence(cell) for cell in then}
    assert [each[0] for each in again] == [cell.cell_id for cell in then]
    assert [each[:4] for each in again] == [wanted[each[0]][:4] for each in again]
    assert not Restoring(made, then, BIG).changes
    deleted = {cell.cell_id for cell in then} - {cell.cell_id for cell in now}
    assert all(each == wanted[each[0]] for each in again if each[0] in deleted), "what comes back comes back whole"
    assert set(way.pinned) <= {cell.cell_id for cell in now}


def test_one_cell_that_was_moved_is_one_move_and_text_alone_keeps_its_cell() -> None:
    then = cells("a", "b", "c", "d")
    way = Restoring([then[3], *then[:3]], then, BIG)
    assert [type(each) for each in way.changes] == [MoveCell] and [diff.action for diff in way.diffs] == ["move"]
    way = Restoring([replace(then[0], source="x"), *then[1:]], then, BIG)
    assert [type(each) for each in way.changes] == [SetSource]
    assert (way.diffs[0].before, way.diffs[0].after) == ("x", "a = 1")


def test_what_people_locked_stays_and_is_named() -> None:
    then = cells("a", "b")
    locked = replace(then[0], source="secret", metadata={"copilot": "locked"})
    way = Restoring([locked, replace(then[1], source="y")], then, BIG)
    assert way.locked == ["cell 1"] and [change.cell_id for change in way.changes] == ["b"]


def test_outputs_that_are_too_large_do_not_come_back_and_are_named() -> None:
    then = cells("a", outputs=[output("x" * 2_000)])
    way = Restoring([], then, 1_000)
    (cell,) = apply_changes([], way.changes, "exec")
    assert cell.outputs == [] and way.outputs_left == ["a cell that comes back"]


def test_a_text_in_lines_is_the_text_in_one_piece() -> None:
    then = cells("a", outputs=[{"output_type": "stream", "name": "stdout", "text": ["x\n", "y"]}])
    now = cells("a", outputs=[output("x\ny")])
    assert not Restoring(now, then, BIG).changes
