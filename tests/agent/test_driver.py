"""One driver for each room, whichever process it is in."""

from __future__ import annotations

import asyncio

from jupyter_copilot import protocol as p
from jupyter_copilot.agent.settings import RunSettings
from jupyter_copilot.core import state as s
from jupyter_copilot.ports.notebook import version_of
from jupyter_copilot.protocol.errors import StoreUnavailable
from jupyter_copilot.testing import Answer, ManualClock, ScriptedRun
from jupyter_copilot.testing.memory_log import MemoryEventLog
from jupyter_copilot.testing.model import call

from .stage import ROOM, Stage, cell, operations

RUN = Answer(calls=[call("run_cell", cell_id="a")])
CALL = "m1.r1.s1.a1.c1"
LEASE = f"runs/{ROOM}"


async def _ticking(clock: ManualClock) -> None:
    """Time that passes, in tenths of a second."""
    while True:
        clock.advance(0.1)
        await asyncio.sleep(0)


async def test_of_two_drivers_on_one_log_only_one_drives() -> None:
    clock = ManualClock()
    log = MemoryEventLog(clock=clock)
    first = Stage(RUN, "Done.", log=log, clock=clock, cells=[cell("a")], runs=[ScriptedRun(cell_id="a")])
    second = Stage(log=log, clock=clock, cells=[cell("a")], owner="second")
    async with first, second:
        time = asyncio.create_task(_ticking(clock))
        await first.post()
        await second.asked(f"{CALL}.q")
        await second.decide(f"{CALL}.q")
        await second.over()
        time.cancel()
        assert second.model.requests == [] and second.notebook.operations == []
        assert operations(first.notebook, "run") == ["run"]
        starts = [e for e in second.events if isinstance(e, p.RunStarted)]
    assert [start.fence for start in starts] == [1]


async def test_when_the_driver_stops_the_other_goes_on_with_a_higher_fence() -> None:
    clock = ManualClock()
    log = MemoryEventLog(clock=clock)
    first = Stage(Answer(text="Once upon", until=asyncio.Event()), log=log, clock=clock)
    second = Stage("Hello.", log=log, clock=clock, owner="second")
    async with second:
        time = asyncio.create_task(_ticking(clock))
        async with first:
            await first.post()
            await first.until(lambda state: "Once" in getattr(state.messages.get("m1.r1.s1.a1"), "text", ""))
        assert (await second.over()).outcome == "success"
        time.cancel()
        run = [e for e in second.events if isinstance(e, p.RunStarted)]
    assert [start.fence for start in run] == [1, 2]


async def test_a_driver_that_lost_its_lease_writes_nothing_more() -> None:
    clock = ManualClock()
    log = MemoryEventLog(clock=clock)
    gate = asyncio.Event()
    stage = Stage(Answer(text="late", until=gate), log=log, clock=clock)
    async with stage:
        await stage.post()
        await stage.until(lambda state: any(run.notebook is not None for run in state.runs.values()))
        while not stage.model.requests:
            await asyncio.sleep(0)
        # The process slept for so long that its lease ran out, and another one took over.
        clock._now += 60_000
        taken = await log.acquire(LEASE, "another", 60)
        assert taken is not None and taken.number == 2
        before = stage.state.seq
        gate.set()
        for _ in range(50):
            await asyncio.sleep(0)
        assert stage.state.seq == before
        assert isinstance(stage.state.messages["m1.r1.s1.a1"], s.Streaming)
        await log.release(taken, "another")


async def test_the_lease_is_given_back_when_nothing_is_left_to_drive() -> None:
    async with Stage("One.", "Two.") as stage:
        await stage.post()
        await stage.over()
        await stage.idle()
        await stage.post(message_id="m2")
        await stage.over("m2.r1")


async def test_a_parked_run_renews_its_lease_and_does_nothing_else() -> None:
    async with Stage(RUN, cells=[cell("a")], settings=RunSettings(lease_s=15)) as stage:
        await stage.post()
        await stage.asked(f"{CALL}.q")
        await asyncio.sleep(0)
        seq = stage.state.seq
        assert stage.manual.sleeping() == [2.0, 5.0]
        for _ in range(10):
            stage.manual.advance(5)
            for _ in range(5):
                await asyncio.sleep(0)
        assert stage.state.seq == seq
        assert await stage.log.acquire(LEASE, "another", 1) is None


async def test_while_the_store_cannot_be_written_nothing_happens_and_then_the_run_goes_on() -> None:
    class Full(MemoryEventLog):
        full = False

        async def append(self, *args: object, **kwargs: object) -> list[p.Record]:
            if self.full:
                raise StoreUnavailable("The disk is full.")
            return await super().append(*args, **kwargs)  # type: ignore[arg-type]

    clock = ManualClock()
    log = Full(clock=clock)
    edit = call("edit_cell", cell_id="a", expected_version=version_of("x"), source="y")
    stage = Stage(Answer(calls=[edit]), "Done.", log=log, clock=clock, cells=[cell("a", "x")])
    async with stage:
        await stage.post()
        await stage.asked(f"{CALL}.q")
        await stage.decide(f"{CALL}.q")
        log.full = True
        for _ in range(50):
            await asyncio.sleep(0)
        assert stage.notebook.operations == []
        log.full = False
        stage.manual.advance(1)
        assert (await stage.over()).outcome == "success"
        assert stage.notebook.cells[0].source == "y"
