"""Jobs that run much or long."""

from __future__ import annotations

import re
from typing import Any

from jupyter_copilot import protocol as p
from jupyter_copilot.core import state as s
from jupyter_copilot.testing import Answer
from jupyter_copilot.testing.model import call

from ..play import Job, Player, World, approve
from .cells import code, markdown, succeeded
from .mending import sixty_cells_that_run

# A long run that is stopped


def stop_and_go_on() -> Player:
    reader = yield Answer()
    training = reader.cell("epochs =")
    reader = yield Answer(text="I run it.", calls=[call("run_cells", cell_ids=[training.cell_id])])
    assert "Continue" in reader.asked and "Stopped by Alice" in reader.text, reader.text
    change = {"action": "edit_cell", "cell_id": training.cell_id, "old_text": "epochs = 4000", "new_text": "epochs = 3"}
    reader = yield Answer(
        text="With three epochs it ends soon.", calls=[call("change_notebook", changes=[change], run=["changed"])]
    )
    assert "epoch 2" in reader.result and "epoch 3" not in reader.result, reader.result
    yield Answer(text=f"Cell {training.number} trained for three epochs.")


async def _stop(world: World) -> None:
    run_id = await world.post("Run the training.")
    await world.stage.until(lambda state: bool(list(s.open_confirmations(state))))
    opened = next(s.open_confirmations(world.state))
    await world.stage.decide(opened.confirmation_id)

    def is_under_way(state: s.RoomState) -> bool:
        call = state.calls[opened.call_id or ""]
        return isinstance(call, s.CallRunning) and any("epoch 1" in output.text for output in call.outputs)

    await world.stage.until(is_under_way)
    await world.stage.do(p.CancelRun(run_id=run_id))
    await world.stage.over(run_id)
    await world.stage.until(lambda state: all(isinstance(call, s.CallDone) for call in state.calls.values()))
    await world.ask("Continue with 3 epochs only.")


async def _went_on(world: World) -> None:
    cell = (await world.cells())[1]
    assert "epochs = 3\n" in cell.source
    assert "epoch 2" in str(cell.outputs) and succeeded(cell), cell


TRAINING = """\
import time

epochs = 4000
for epoch in range(epochs):
    print("epoch", epoch, flush=True)
    time.sleep(0.05)"""
STOP_AND_GO_ON = Job(
    name="a long run, stopped and continued",
    cells=[markdown("title", "# Training"), code("training", TRAINING)],
    run_before=[],
    players={"Run the training": stop_and_go_on},
    act=_stop,
    check=_went_on,
    cards=2,
    reference=13_137,
)

# Does it run from the top?


def make_reproducible() -> Player:
    reader = yield Answer()
    reader = yield Answer(
        text="I restart the kernel and run all, to see.", calls=[call("run_cells", cell_ids=["all"], restart=True)]
    )
    missing = re.search(r"NameError: name '(\w+)' is not defined", reader.result)
    assert missing is not None, reader.result
    defines = reader.cell(f"{missing[1]} =")
    uses = next(cell for cell in reader.cells.values() if missing[1] in cell.source and cell.number != defines.number)
    options = [f"Move cell {defines.number} up", f"Define {missing[1]} anew in cell {uses.number}"]
    reader = yield Answer(
        calls=[call("ask_user", question="Cells are in the wrong order. What shall I do?", options=options)]
    )
    assert options[0] in reader.result
    change = {"action": "move_cell", "cell_id": defines.cell_id, "after": reader.cells[1].cell_id}
    reader = yield Answer(
        text="I move it, and run all once more after a restart.",
        calls=[call("change_notebook", changes=[change], restart=True, run=["all"])],
    )
    assert "restarted" in reader.result and "raised" not in reader.result
    yield Answer(text="After a restart all cells ran from the top without an error. Cell 3 stands before its use now.")


async def _reproduce(world: World) -> None:
    await world.ask("Make this notebook reproducible.", approve)


async def _is_reproducible(world: World) -> None:
    cells = await world.cells()
    assert [cell.cell_id for cell in cells] == ["title", "limit", "use", "rest"]
    assert all(succeeded(cell) for cell in cells[1:]) and [cell.execution_count for cell in cells[1:]] == [1, 2, 3]


MAKE_REPRODUCIBLE = Job(
    name="make it reproducible",
    cells=[
        markdown("title", "# Report"),
        code("use", "print(limit * 2)"),
        code("limit", "limit = 21"),
        code("rest", "import random\n\nrandom.seed(1)\nprint(random.random())"),
    ],
    run_before=["limit", "use", "rest"],
    players={"Make this notebook reproducible": make_reproducible},
    act=_reproduce,
    check=_is_reproducible,
    cards=2,
    questions=1,
    requests=4,
    reference=21_695,
)

# All of sixty cells


def run_all() -> Player:
    reader = yield Answer()
    reader = yield Answer(
        text="I restart the kernel and run all cells.", calls=[call("run_cells", cell_ids=["all"], restart=True)]
    )
    assert "raised" not in reader.result
    reader = yield Answer(text="All cells ran without an error after a restart.")
    gross = reader.cell("print(gross)")
    yield Answer(text=f"Cell {gross.number} prints {_printed(reader.text, gross.number)}.")


def _printed(text: str, number: int) -> str:
    found = re.search(rf"Cell {number} \[\S+\] ran without error[^\n]*\n~~~stdout\n([\d.]+)", text)
    assert found is not None
    return found[1]


async def _run_all(world: World) -> None:
    await world.ask("Restart and run all.")
    finished = await world.ask("What does cell 58 print?")
    answer = [m for m in world.state.messages.values() if isinstance(m, s.Complete) and m.run_id == finished.run_id][-1]
    assert "414.0" in answer.text, answer.text


async def _all_ran(world: World) -> None:
    cells: list[Any] = [cell for cell in await world.cells() if cell.cell_type == "code"]
    assert all(succeeded(cell) for cell in cells)
    assert [cell.execution_count for cell in cells] == list(range(1, len(cells) + 1))


RUN_ALL = Job(
    name="restart and run all of sixty cells",
    cells=sixty_cells_that_run(),
    players={"Restart and run all": run_all},
    act=_run_all,
    check=_all_ran,
    reference=64_298,
)
