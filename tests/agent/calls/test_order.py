"""Order is truth: random answers, random people. What happens, what is on record and what is told have one order."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Callable, Sequence
from itertools import combinations
from typing import Any

import pytest

from jupyter_copilot import protocol as p
from jupyter_copilot.core import state as s
from jupyter_copilot.ports.model import ToolRequest
from jupyter_copilot.ports.notebook import Change, OnOutput, RunOutcome, version_of
from jupyter_copilot.protocol.errors import Rejected, StaleCells
from jupyter_copilot.room.room import Room
from jupyter_copilot.testing import Answer, FakeNotebook, FakeNotebooks, ScriptedRun
from jupyter_copilot.testing.model import call
from jupyter_copilot.tools.builtin.running import EditAndRunTool, InsertAndRunTool, RestartKernelTool, RunCellsTool

from ...builders import ALICE, BOB
from ...patience import scaled
from ...soak import rounds
from ..stage import Stage, cell, real_tools

SEEDS = rounds(150, 3_000)
CELLS = ("a", "b")


class Seen(FakeNotebook):
    """Runs whatever it is asked to, now and then with an error, and keeps which call did what with which code."""

    def __init__(self, chance: random.Random) -> None:
        super().__init__([cell(name, f"{name} = 0") for name in CELLS])
        self._chance = chance
        self.effects: list[tuple[str, str]] = []

    def _next_run(self, cell_id: str) -> ScriptedRun:
        return ScriptedRun(cell_id=cell_id, status="error" if self._chance.random() < 0.15 else "ok")

    async def apply(self, changes: Sequence[Change], exec_id: str) -> None:
        await asyncio.sleep(0)
        await super().apply(changes, exec_id)
        self.effects.append((exec_id, ""))

    async def run(
        self, cell_id: str, exec_id: str, on_output: OnOutput, timeout_s: float | None, expected: str | None = None
    ) -> RunOutcome:
        await asyncio.sleep(0)
        source = next(each.source for each in self.cells if each.cell_id == cell_id)
        self.effects.append((exec_id.removesuffix(f".{cell_id}"), f"{cell_id}: {source}"))
        try:
            return await super().run(cell_id, exec_id, on_output, timeout_s, expected)
        except StaleCells:
            self.effects.pop()  # a person was faster, and nothing ran
            raise


def some_call(chance: random.Random, number: int) -> ToolRequest:
    """A call on the cells as the model read them, before this answer."""
    name = chance.choice(CELLS)
    edit: dict[str, Any] = {
        "cell_id": name,
        "expected_version": version_of(f"{name} = 0"),
        "source": f"{name} = {number}",
    }
    match chance.randrange(8):
        case 0 | 1:
            return call("edit_cell", **edit)
        case 2:
            return call("edit_and_run", **edit)
        case 3:
            return call("run_cells", cell_ids=list(CELLS))
        case 4:
            return call("insert_and_run", after=name, source=f"new = {number}")
        case 5:
            return call("restart_kernel")
        case 6:
            return call("read_cell", cell_id=name)
        case _:
            return call("run_cell", cell_id=name)


async def people(stage: Stage, notebook: Seen, chance: random.Random) -> None:
    """Decide in any order, one or all, with or without other arguments; sometimes change a cell by hand."""
    while not isinstance(stage.state.runs.get("m1.r1"), s.Finished):
        await asyncio.sleep(0)
        opened = list(s.open_confirmations(stage.state))
        if not opened:
            continue
        if chance.random() < 0.02:
            notebook.set_source(chance.choice(CELLS), f"person = {chance.random()}")
        if chance.random() < 0.05:
            stage.manual.advance(2)  # the cards are looked at again
        decisions = [_decision(each, stage.state, chance) for each in opened]
        try:
            if chance.random() < 0.03:
                await stage.do(p.DecideAll(decisions=decisions), by=BOB)
            elif chance.random() < 0.08:
                await stage.do(chance.choice(decisions), by=ALICE)
        except Rejected:
            continue  # It turned meanwhile.


def _decision(opened: s.Open, state: s.RoomState, chance: random.Random) -> p.Decide:
    call_ = state.calls[opened.call_id or ""]
    option = p.DENY if chance.random() < 0.15 else p.APPROVE
    edited = None
    if option == p.APPROVE and "source" in call_.args and chance.random() < 0.2:
        edited = {**call_.args, "source": f"{call_.args.get('cell_id', 'new')} = {chance.random()}"}
    return p.Decide(
        confirmation_id=opened.confirmation_id, args_hash=opened.args_hash, option=option, edited_args=edited
    )  # fmt: skip


def only(notebook: Seen) -> Callable[[Room], FakeNotebooks]:
    return lambda room: FakeNotebooks(notebook)


@pytest.mark.soak
@pytest.mark.parametrize("seed", range(SEEDS))
async def test_effects_records_and_what_is_told_have_the_order_of_the_answer(seed: int) -> None:
    chance = random.Random(seed)
    notebook = Seen(chance)
    requests = [some_call(chance, number) for number in range(1, chance.randint(2, 5))]
    tools = real_tools(RunCellsTool(), EditAndRunTool(), InsertAndRunTool(), RestartKernelTool())
    answer = Answer(calls=requests)
    async with Stage(answer, "Done.", tools=tools, notebooks=lambda room: FakeNotebooks(notebook)) as stage:
        if chance.random() < 0.3:
            await stage.do(p.SetMode(thread_id=p.MAIN_THREAD, mode="auto_edit"))
        await stage.post()
        await asyncio.wait_for(people(stage, notebook, chance), scaled(10))
        await stage.over()
        calls = list(s.run_calls(stage.state, p.RunId("m1.r1")))
        records = [record.event for record in stage.records]
        told = stage.results()
    ids: list[str] = [each.call_id for each in calls]
    # What happened: in the order of the answer, and nothing after what came to no good end.
    acted = [exec_id for exec_id, _ in notebook.effects]
    assert acted == sorted(acted, key=ids.index)
    ended_badly = [
        n for n, each in enumerate(calls)
        if each.effect != "read" and isinstance(each, s.CallDone) and (each.is_error or each.result.broke_off)
    ]  # fmt: skip
    assert all(ids.index(exec_id) <= min(ended_badly, default=len(ids)) for exec_id in acted)
    # What is on record: none begins before those ahead of it are over, but for looks among each other.
    begun = {event.call_id: n for n, event in enumerate(records) if isinstance(event, p.CallStarted)}
    over = {event.call_id: n for n, event in enumerate(records) if isinstance(event, p.CallFinished)}
    for first, second in combinations(calls, 2):
        if first.effect != "read" or second.effect != "read":
            assert begun.get(second.call_id, len(records)) > over[first.call_id]
    # What is told: each call's own end, and of each run the code that people were shown.
    assert len(told) == len(calls)
    for exec_id, ran in notebook.effects:
        shown = next(each for each in calls if each.call_id == exec_id).preview.cells
        if ran:
            assert ran in [f"{diff.cell_id}: {diff.after}" for diff in shown]


async def test_the_seeds_meet_all_that_can_happen() -> None:
    """Edits that run in one answer, denials, closures, changes by hand and turned cards all come about."""
    met: set[str] = set()
    for seed in range(SEEDS):
        chance = random.Random(seed)
        notebook = Seen(chance)
        requests = [some_call(chance, number) for number in range(1, chance.randint(2, 5))]
        tools = real_tools(RunCellsTool(), EditAndRunTool(), InsertAndRunTool(), RestartKernelTool())
        answer = Answer(calls=requests)
        async with Stage(answer, "Done.", tools=tools, notebooks=only(notebook)) as stage:
            await stage.post()
            await asyncio.wait_for(people(stage, notebook, chance), scaled(10))
            await stage.over()
            met |= set(stage.kinds())
            met |= {"edited" for each in stage.state.confirmations.values() if getattr(each, "edited_args", None)}
        if len(notebook.effects) > 2 and {"CallRevised", "ConfirmationWithdrawn", "edited"} <= met:
            return
    raise AssertionError(f"met only {sorted(met)}")
