"""Runs with random calls, random people and random crashes: whatever happens, no effect twice and none unasked."""

from __future__ import annotations

import asyncio
import contextlib
import random
from collections import Counter
from collections.abc import AsyncGenerator, Sequence
from typing import Any

import pytest

from jupyter_copilot import protocol as p
from jupyter_copilot.agent.settings import RunSettings
from jupyter_copilot.core import state as s
from jupyter_copilot.ports.model import Completed, ModelClient, ModelPart, ModelRequest, ModelSpec, TextPart
from jupyter_copilot.ports.notebook import Change, OnOutput, RunOutcome
from jupyter_copilot.protocol.errors import LeaseLost, ModelError, Rejected
from jupyter_copilot.testing import FakeNotebook, FakeNotebooks, ManualClock, ScriptedRun
from jupyter_copilot.testing.memory_log import MemoryEventLog
from jupyter_copilot.testing.model import call

from ..builders import ALICE, BOB
from ..soak import rounds
from .stage import ROOM, Stage, cell

SEEDS = rounds(200, 5_000)
LIVES = 12
CELLS = ("a", "b", "c")


class Life:
    """One process: once it is dead, it neither writes nor does anything."""

    dead = False

    def check(self) -> None:
        if self.dead:
            raise LeaseLost("This process is dead.")


class MortalLog(MemoryEventLog):
    """Dies before or after a commit that chance picks."""

    life: Life
    chance: random.Random
    deaths = 0

    async def append(self, *args: Any, **fields: Any) -> list[p.Record]:
        life = self.life
        life.check()
        dies = self.deaths < LIVES and self.chance.random() < 0.08
        after = self.chance.random() < 0.5
        self.deaths += dies
        life.dead = dies and not after
        life.check()
        records = await super().append(*args, **fields)
        life.dead = dies
        return records


class CountingNotebook(FakeNotebook):
    """Runs whatever it is asked to, counts effects, and remembers outcomes or not."""

    life: Life
    chance: random.Random

    def _next_run(self, cell_id: str) -> ScriptedRun:
        return ScriptedRun(cell_id=cell_id)

    async def apply(self, changes: Sequence[Change], exec_id: str) -> None:
        self.life.check()
        await super().apply(changes, exec_id)

    async def run(
        self, cell_id: str, exec_id: str, on_output: OnOutput, timeout_s: float | None, expected: str | None = None
    ) -> RunOutcome:
        self.life.check()
        await asyncio.sleep(0)
        return await super().run(cell_id, exec_id, on_output, timeout_s, expected)

    async def ran(self, cell_id: str, exec_id: str) -> RunOutcome | None:
        return await super().ran(cell_id, exec_id) if self.chance.random() < 0.5 else None


class ChanceModel(ModelClient):
    """Asks for whatever comes to its mind, on the cells as they are; sometimes it fails."""

    def __init__(self, notebook: FakeNotebook, chance: random.Random) -> None:
        self._notebook = notebook
        self._chance = chance

    def models(self) -> list[ModelSpec]:
        return [ModelSpec(name="chance")]

    async def stream(self, request: ModelRequest) -> AsyncGenerator[ModelPart, None]:
        _check_answers(request.messages)
        yield TextPart("Hm.")
        await asyncio.sleep(0)
        if self._chance.random() < 0.1:
            raise ModelError("Busy.", retryable=True)
        calls = [self._call() for _ in range(self._chance.choice((0, 1, 1, 2, 3)))]
        yield Completed(calls=calls, finish_reason="stop")

    def _call(self) -> Any:
        at = self._chance.choice(self._notebook.cells)
        match self._chance.randrange(5):
            case 0:
                return call("read_cell", cell_id=at.cell_id)
            case 1 | 2:
                source = f"x = {self._chance.random()}"
                return call("edit_cell", cell_id=at.cell_id, expected_version=at.version, source=source)
            case 3:
                return call("run_cell", cell_id=at.cell_id)
            case _:
                return call("edit_cell", '{"cell_id": "a"')

    async def close(self) -> None:
        pass


def _check_answers(messages: list[p.JsonObject]) -> None:
    """Each call of each message is answered exactly once, right after it."""
    for place, message in enumerate(messages):
        asked = [each["id"] for each in message.get("tool_calls", ())]
        given = [after.get("tool_call_id") for after in messages[place + 1 : place + 1 + len(asked)]]
        assert asked == given


async def _people(stage: Stage, life: Life, chance: random.Random) -> None:
    """Decide this or that, change cells meanwhile, and stop a run now and then."""
    while not life.dead:
        await asyncio.sleep(0)
        opened = list(s.open_confirmations(stage.state))
        going = [run for run in stage.state.runs.values() if not isinstance(run, s.Finished)]
        try:
            if going and chance.random() < 0.002:
                await stage.do(p.CancelRun(run_id=chance.choice(going).run_id), by=BOB)
            elif opened and chance.random() < 0.3:
                chosen = chance.choice(opened)
                option = chance.choice([option.id for option in chosen.options])
                await stage.decide(chosen.confirmation_id, option, by=chance.choice((ALICE, BOB)))
            elif chance.random() < 0.02:
                stage.notebook.set_source(chance.choice(CELLS), f"person = {chance.random()}")
        except Rejected:
            continue  # Somebody or something was first.


async def _live(stage: Stage, life: Life, chance: random.Random) -> None:
    """One process from its start to its death, or to the end of all runs."""
    async with stage:
        clock = stage.manual
        people = asyncio.create_task(_people(stage, life, chance))
        for name in ("m1", "m2"):
            if name not in stage.state.messages and not life.dead:
                with contextlib.suppress(Rejected):
                    await stage.post(name, name)
        while not life.dead and not _all_over(stage.state):
            await asyncio.sleep(0)
            clock.advance(0.05)
        life.dead = life.dead or not _all_over(stage.state)
        people.cancel()


def _all_over(state: s.RoomState) -> bool:
    over = [run for run in state.runs.values() if isinstance(run, s.Finished)]
    left = [each for each in state.calls.values() if not isinstance(each, s.CallDone | s.CallDoubtful)]
    return len(over) == 2 and not left


@pytest.mark.soak
@pytest.mark.parametrize("seed", range(SEEDS))
async def test_whatever_happens_no_effect_comes_twice_and_none_unasked(seed: int) -> None:
    notebook, events = await _play(seed)
    effects = [each for each in notebook.operations if each.name in ("apply", "run")]
    assert max(Counter((each.name, each.exec_id) for each in effects).values(), default=1) == 1
    begun = {event.call_id for event in events if isinstance(event, p.CallStarted)}
    calls = {event.call_id: event for event in events if isinstance(event, p.CallProposed)}
    agreed = {
        event.confirmation_id
        for event in events
        if isinstance(event, p.ConfirmationDecided) and event.option in (p.APPROVE, "run_again")
    }
    for effect in effects:
        call_id = next(each for each in begun if effect.exec_id in (each, *(f"{each}.{name}" for name in CELLS)))
        assert calls[call_id].effect in ("edit", "execute")
        assert {f"{call_id}.q", call_id} & agreed


async def test_the_seeds_meet_deaths_and_doubts() -> None:
    wanted = Counter({"taken over": 100, "CallInDoubt": 3, "StepAborted": 3, "RunDelayed": 3})
    wanted.update({"effect apply": 3, "effect run": 3})
    met: Counter[str] = Counter()
    for seed in range(SEEDS):
        notebook, events = await _play(seed)
        met.update(f"effect {each.name}" for each in notebook.operations)
        met.update(type(event).__name__ for event in events)
        met.update("taken over" for event in events if isinstance(event, p.RunStarted) and event.fence > 1)
        if wanted <= met:
            return
    assert wanted <= met


async def _play(seed: int) -> tuple[FakeNotebook, list[p.Event | p.UnknownEvent]]:
    """Two messages, and as many processes as it takes; returns the notebook and everything that was recorded."""
    chance, clock = random.Random(seed), ManualClock()
    log = MortalLog(clock=clock)
    notebook = CountingNotebook([cell(name, f"{name} = 1") for name in CELLS])
    log.chance = notebook.chance = chance
    for number in range(LIVES + 1):
        life = log.life = notebook.life = Life()
        stage = Stage(
            log=log,
            clock=clock,
            model=ChanceModel(notebook, chance),
            notebooks=lambda room: FakeNotebooks(notebook),
            # Files are read in a thread, while chance goes on.
            settings=RunSettings(max_steps=6, lease_s=1, max_recoveries=100, root=""),
            owner=f"life {number}",
        )
        stage.notebook = notebook
        await _live(stage, life, chance)
        clock.advance(2)
        if not life.dead:
            break
    assert not life.dead
    return notebook, [record.event for record in await log.read(ROOM, 0, 10_000)]
