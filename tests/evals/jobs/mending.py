"""Jobs that mend code."""

from __future__ import annotations

import re
from typing import Any

from jupyter_copilot import protocol as p
from jupyter_copilot.core import state as s
from jupyter_copilot.ports.notebook import Cell
from jupyter_copilot.testing import Answer
from jupyter_copilot.testing.model import call

from ...builders import BOB
from ..notebooks import cell_id, sixty_cells
from ..play import Job, Player, World
from .cells import code, markdown, succeeded

# An error


def mend_an_error() -> Player:
    reader = yield Answer()
    failed = next(cell for cell in reader.cells.values() if "error" in cell.said)
    missing = re.search(r"KeyError: '(?:Column not found: )?(\w+)'", failed.outputs)
    assert missing is not None
    known = re.search(rf"\"({missing[1]}\w+)\"", reader.text)
    assert known is not None
    change = {
        "action": "edit_cell",
        "cell_id": failed.cell_id,
        "old_text": f'"{missing[1]}"',
        "new_text": f'"{known[1]}"',
    }
    reader = yield Answer(
        text=f"The column is called {known[1]}; I correct that and run the cell.",
        calls=[call("change_notebook", changes=[change], run=["changed"])],
    )
    assert "ran without error" in reader.result and "Adelie" in reader.result
    yield Answer(text=f"Cell {failed.number} takes the column {known[1]} now, and ran without an error.")


async def _mend_an_error(world: World) -> None:
    await world.ask("Why does this fail? Please mend it.")


async def _is_mended(world: World) -> None:
    cells = await world.cells()
    assert "flipper_mm" in cells[2].source and succeeded(cells[2])
    assert "Adelie" in str(cells[2].outputs)


FRAME = """\
import pandas as pd

frame = pd.DataFrame({
    "species": ["Adelie", "Gentoo", "Adelie", "Gentoo"],
    "flipper_mm": [181, 217, 186, 221],
})"""
MEND_AN_ERROR = Job(
    name="mend a KeyError",
    cells=[
        markdown("title", "# Penguins"),
        code("frame", FRAME),
        code("mean", 'frame.groupby("species")["flipper"].mean()'),
    ],
    run_before=["frame", "mean"],
    players={"Why does this fail?": mend_an_error},
    act=_mend_an_error,
    check=_is_mended,
    requests=2,
    reference=10_721,
)

# Code that is there five times


def refactor() -> Player:
    reader = yield Answer()
    parts = [cell for cell in reader.cells.values() if "pd.read_csv" in cell.source]

    def changes(name: str) -> list[dict[str, Any]]:
        function = (
            f'def {name}(month):\n    frame = pd.read_csv(f"{{month}}.csv")\n    return frame.dropna().amount.sum()'
        )
        made: list[dict[str, Any]] = [
            {"action": "insert_cell", "cell_id": "function", "after": reader.cells[1].cell_id, "source": function}
        ]
        for cell in parts:
            month = re.search(r"read_csv\(\"(\w+)\.csv", cell.source)
            target = re.search(r"^(\w+) = frame\.dropna", cell.source, re.MULTILINE)
            assert month is not None and target is not None
            source = f'{target[1]} = {name}("{month[1]}")\nprint({target[1]})'
            made.append({"action": "edit_cell", "cell_id": cell.cell_id, "source": source})
        return made

    reader = yield Answer(
        text="I put the repeated code into one function, and run what uses it.",
        calls=[call("change_notebook", changes=changes("load"), run=["changed"])],
    )
    wish = re.search(r"denied this: “.*call it (\w+)", reader.result)
    assert wish is not None, reader.result
    reader = yield Answer(
        text=f"The same, with the function called {wish[1]}.",
        calls=[call("change_notebook", changes=changes(wish[1]), run=["changed"])],
    )
    assert reader.result.count("ran without error") >= 1 and "raised" not in reader.result
    yield Answer(text=f"Five cells use {wish[1]} now, which the new cell 2 defines; all of them ran.")


async def _refactor(world: World) -> None:
    def decide(opened: s.Open, number: int) -> dict[str, Any]:
        if number == 0:
            return {"option": p.DENY, "comment": "Please call it monthly_total, as in our other notebooks."}
        return {"option": p.APPROVE}

    await world.ask("Refactor the duplicated code in these cells.", decide, by=BOB)


async def _is_refactored(world: World) -> None:
    cells = await world.cells()
    assert sum("pd.read_csv" in cell.source for cell in cells) == 1
    assert [cell.source.split("\n")[0] for cell in cells[2:]] == [
        f'total_{n} = monthly_total("m{n}")' for n in range(1, 6)
    ]
    assert await world.value("[int(total_1), int(total_5)]") == "[3, 15]"


REFACTOR = Job(
    name="refactor five cells",
    cells=[
        code("imports", "import pandas as pd"),
        *(
            code(
                f"part-{n}",
                f'frame = pd.read_csv("m{n}.csv")\ntotal_{n} = frame.dropna().amount.sum()\nprint(total_{n})',
            )
            for n in range(1, 6)
        ),
    ],
    files={f"m{n}.csv": f"amount\n{n}\n{2 * n}\n" for n in range(1, 6)},
    run_before=["imports", *(f"part-{n}" for n in range(1, 6))],
    players={"Refactor the duplicated": refactor},
    act=_refactor,
    check=_is_refactored,
    cards=2,
    reference=20_961,
)

# A name that is given twice in sixty cells


def mend_sixty_cells() -> Player:
    reader = yield Answer()
    second = [cell for cell in reader.cells.values() if re.search(r"^rate = ", cell.source, re.MULTILINE)][-1]
    reader = yield _renamed(second.cell_id, second.number)
    assert "raised" not in reader.result
    yield Answer(
        text=f"Cell {second.number} had given rate another value; it calls it trial_rate now, and all cells ran."
    )


def _renamed(told: str, number: int) -> Answer:
    change = {"action": "edit_cell", "cell_id": told, "old_text": "rate = 0.5", "new_text": "trial_rate = 0.5"}
    return Answer(
        text=f"Cell {number} gives rate another value. I rename that one, and run all cells.",
        calls=[call("change_notebook", changes=[change], run=["all"])],
    )


def mend_with_a_small_model() -> Player:
    reader = yield Answer()
    reader = yield Answer(calls=[call("search", query="rate =")])
    told = re.findall(r"^\[(\d+) (\S+?)[ \]]", reader.result, re.MULTILINE)
    number, _ = told[-1]
    reader = yield Answer(calls=[call("read_cell", cell_id=number)])
    source = reader.cells[int(number)].source.replace("rate", "trial_rate")
    reader = yield Answer(
        text=f"Cell {number} gives rate another value. I rename that one.",
        calls=[call("edit_cell", cell_id=number, source=source)],
    )
    reader = yield Answer(text="I run all cells.", calls=[call("run_cells", cell_ids=["all"])])
    assert "raised" not in reader.result
    yield Answer(text=f"Cell {number} calls its value trial_rate now, and all cells ran.")


def sixty_cells_that_run() -> list[Cell]:
    """The sixty cells with code that runs, and with a rate in cell 3 that cell 34 gives another value."""
    cells = []
    for number, cell in enumerate(sixty_cells(), 1):
        source = cell.source
        if number == 2:
            source = (
                "import pandas as pd\n\nsales = pd.DataFrame({'quarter': [1, 2, 3, 4] * 6})\n"
                "sales['kind'] = list('abcdef') * 4\nsales['amount'] = range(24)\ntotal = sales.amount.sum()"
            )
        elif number == 3:
            source = "rate = 0.19"
        elif number == 34:
            source = "rate = 0.5  # to see what happens\ntotal * rate"
        elif number == 58:
            source = "gross = total * (1 + rate)\nprint(gross)"
        cells.append(Cell(**{**_fields(cell), "source": source}))
    return cells


def _fields(cell: Cell) -> dict[str, Any]:
    return {name: getattr(cell, name) for name in cell.__struct_fields__}


async def _mend_sixty(world: World) -> None:
    await world.ask("The gross amount in cell 58 is too high: rate should be 0.19, as in cell 3. Please find out why.")


async def _sixty_are_mended(world: World) -> None:
    cells = await world.cells()
    assert cells[33].source.startswith("trial_rate = 0.5")
    assert await world.value("rate, float(gross)") == "0.19 328.44"


MEND_SIXTY_CELLS = Job(
    name="an overwritten name in sixty cells",
    cells=sixty_cells_that_run(),
    players={"gross amount in cell 58": mend_sixty_cells},
    act=_mend_sixty,
    check=_sixty_are_mended,
    requests=2,
    reference=42_110,
)
MEND_WITH_A_SMALL_MODEL = Job(
    name="the same with a model of 8k",
    cells=sixty_cells_that_run(),
    players={"gross amount in cell 58": mend_with_a_small_model},
    act=_mend_sixty,
    check=_sixty_are_mended,
    context_tokens=8_000,
    cards=2,
    requests=5,
)
assert cell_id(34) == MEND_SIXTY_CELLS.cells[33].cell_id
