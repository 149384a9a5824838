"""Jobs with files, with several chats, and beside a run."""

from __future__ import annotations

import asyncio
import re
from typing import Any

from jupyter_copilot import protocol as p
from jupyter_copilot.core import state as s
from jupyter_copilot.testing import Answer
from jupyter_copilot.testing.model import call

from ...builders import ALICE, BOB
from ..play import Job, Player, World
from .cells import code, succeeded

# A module


def change_a_module() -> Player:
    reader = yield Answer()
    module = re.search(r"from (\w+)\.(\w+) import", reader.text)
    assert module is not None
    path = f"{module[1]}/{module[2]}.py"
    reader = yield Answer(calls=[call("read_file", path=path)])
    assert "return gain / cost" in reader.result
    reader = yield Answer(
        text="The module divides by a cost of 0. I mend that, and run the notebook anew, so that it is imported again.",
        calls=[
            call("edit_file", path=path, old_text="return gain / cost", new_text="return gain / cost if cost else 0.0"),
            call("run_cells", cell_ids=["all"], restart=True),
        ],
    )
    assert "is written" in reader.result and "raised" not in reader.result
    yield Answer(text=f"{path} gives 0 for a cost of 0 now; after a restart all cells ran.")


async def _change_module(world: World) -> None:
    await world.ask("This fails in our module. Please mend it there, and run the notebook again.")


async def _is_changed(world: World) -> None:
    assert "if cost else 0.0" in (world.root / "lib" / "features.py").read_text()
    assert all(succeeded(cell) for cell in await world.cells())
    assert await world.value("rates") == "[2.0, 0.0]"


CHANGE_A_MODULE = Job(
    name="change a module beside the notebook",
    cells=[
        code("import", "from lib.features import rate"),
        code("use", "rates = [rate(gain, cost) for gain, cost in [(4, 2), (3, 0)]]\nrates"),
    ],
    files={"lib/features.py": "def rate(gain, cost):\n    return gain / cost\n"},
    run_before=["import", "use"],
    players={"This fails in our module": change_a_module},
    act=_change_module,
    check=_is_changed,
    reference=22_445,
)

# Two chats about one cell


def _sets(value: int) -> Player:
    reader = yield Answer()
    cell = reader.cell("threshold =")
    now = re.search(r"threshold = (\d+)", cell.source)
    assert now is not None
    for _ in range(2):
        change = {
            "action": "edit_cell",
            "cell_id": cell.cell_id,
            "old_text": f"threshold = {now[1]}",
            "new_text": f"threshold = {value}",
        }
        reader = yield Answer(text="I set it.", calls=[call("change_notebook", changes=[change], run=["changed"])])
        if "ran without error" in reader.result:
            break
        now = re.search(r"threshold = (\d+)", reader.result)
        assert now is not None, reader.result
    yield Answer(text=f"threshold is {value} now, and the cell ran.")


async def _two_chats(world: World) -> None:
    await world.stage.do(p.CreateThread(thread_id=p.ThreadId("second"), title="Bob's"), BOB)
    first = await world.post("Set the threshold to 5.")
    second = await world.post("Set the threshold to 7.", thread="second", by=BOB)
    await world.stage.until(lambda state: sum(1 for _ in s.open_confirmations(state)) == 2)
    await world.finish(first)
    await world.stage.over(first)
    # The other card turns by itself, before anybody decides on it.
    await world.stage.until(lambda state: any(isinstance(c, s.Withdrawn) for c in state.confirmations.values()))
    await world.finish(second, by=BOB)
    await world.stage.over(second)


async def _both_were_heard(world: World) -> None:
    assert (await world.cells())[0].source == "threshold = 7\nprint(threshold)"
    assert await world.value("threshold") == "7"


TWO_CHATS = Job(
    name="two chats about one cell",
    cells=[code("threshold", "threshold = 3\nprint(threshold)")],
    run_before=["threshold"],
    players={"Set the threshold to 5": lambda: _sets(5), "Set the threshold to 7": lambda: _sets(7)},
    act=_two_chats,
    check=_both_were_heard,
    cards=2,
    requests=5,
    reference=23_087,
)

# A question beside a run


def run_long() -> Player:
    reader = yield Answer()
    reader = yield Answer(text="I run it.", calls=[call("run_cells", cell_ids=[reader.cell("time.sleep").cell_id])])
    yield Answer(text="It was stopped.")


def say_what_runs() -> Player:
    reader = yield Answer()
    busy = re.search(r"busy with (cell \d+), for (\w+)", reader.asked)
    assert busy is not None, reader.asked
    assert "running" in reader.cell("time.sleep").said
    yield Answer(text=f"The kernel is busy with {busy[1]}, which {busy[2]} runs.")


async def _ask_beside(world: World) -> None:
    run_id = await world.post("Train the model.")
    await world.stage.until(lambda state: bool(list(s.open_confirmations(state))))
    opened = next(s.open_confirmations(world.state))
    await world.stage.decide(opened.confirmation_id)
    await world.stage.until(lambda state: _has_output(state, opened))
    await world.stage.do(p.CreateThread(thread_id=p.ThreadId("second"), title="Bob's"), BOB)
    finished = await asyncio.wait_for(world.ask("What runs now?", thread="second", by=BOB), 60)
    answer = [m for m in world.state.messages.values() if isinstance(m, s.Complete) and m.run_id == finished.run_id][-1]
    assert answer.text == "The kernel is busy with cell 1, which Alice runs.", answer.text
    await world.stage.do(p.CancelRun(run_id=run_id), ALICE)
    await world.stage.over(run_id)


def _has_output(state: s.RoomState, opened: s.Open) -> bool:
    running: Any = state.calls[opened.call_id or ""]
    return isinstance(running, s.CallRunning) and bool(running.outputs)


async def _nothing_else_ran(world: World) -> None:
    assert len(world.state.calls) == 1


ASK_WHILE_IT_RUNS = Job(
    name="ask while a cell runs",
    cells=[code("long", "import time\n\nprint('begun', flush=True)\ntime.sleep(600)")],
    players={"Train the model": run_long, "What runs now?": say_what_runs},
    act=_ask_beside,
    check=_nothing_else_ran,
)
