"""A driver that stood still begins nothing until it knows that nobody took over."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

from jupyter_copilot import protocol as p
from jupyter_copilot.core import state as s
from jupyter_copilot.ports.leases import Fence
from jupyter_copilot.protocol.errors import StoreUnavailable
from jupyter_copilot.testing import Answer, ManualClock, ScriptedRun
from jupyter_copilot.testing.memory_log import MemoryEventLog
from jupyter_copilot.testing.model import call

from .stage import ROOM, Stage, cell, operations

RUN = Answer(calls=[call("run_cell", cell_id="a")])
CALL = "m1.r1.s1.a1.c1"
LEASE = f"runs/{ROOM}"


class Standing(MemoryEventLog):
    """The process stands still for a minute right after the intent is committed; `meanwhile` happens then."""

    def __init__(self, clock: ManualClock) -> None:
        super().__init__(clock=clock)
        self._manual = clock
        self.meanwhile: Callable[[], Any] | None = None
        self.is_away = False
        self.renewals = 0

    async def append(self, room_id: p.RoomId, expected_head: int, events: Any, **named: Any) -> list[p.Record]:
        records = await super().append(room_id, expected_head, events, **named)
        if any(isinstance(event, p.CallStarted) for event in events):
            self._manual._now += 60_000
            if self.meanwhile is not None:
                await self.meanwhile()
        return records

    async def renew(self, fence: Fence, owner: str, ttl_s: float) -> bool:
        self.renewals += 1
        if self.is_away:
            raise StoreUnavailable("The connection broke.")
        return await super().renew(fence, owner, ttl_s)


def _stage(log: Standing, clock: ManualClock, *runs: ScriptedRun) -> Stage:
    return Stage(RUN, "Done.", cells=[cell("a")], runs=runs, log=log, clock=clock)


async def _approve(stage: Stage) -> None:
    await stage.post()
    await stage.asked(f"{CALL}.q")
    await stage.decide(f"{CALL}.q")


async def test_an_effect_is_not_begun_once_another_process_took_over() -> None:
    clock = ManualClock()
    log = Standing(clock)
    taken: list[Fence | None] = []

    async def take() -> None:
        taken.append(await log.acquire(LEASE, "another", 600))

    log.meanwhile = take
    stage = Stage(RUN, cells=[cell("a")], log=log, clock=clock)
    async with stage:
        await _approve(stage)
        await stage.until(lambda state: isinstance(state.calls.get(CALL), s.CallRunning))
        while not log.renewals:
            await asyncio.sleep(0)
        for _ in range(50):
            await asyncio.sleep(0)
        assert taken[0] is not None and taken[0].number == 2
        assert operations(stage.notebook, "run") == []
        assert isinstance(stage.state.calls[CALL], s.CallRunning)  # for the other one to find in doubt


async def test_a_process_that_stood_still_renews_its_lease_and_goes_on() -> None:
    clock = ManualClock()
    log = Standing(clock)
    async with _stage(log, clock, ScriptedRun(cell_id="a")) as stage:
        await _approve(stage)
        assert (await stage.over()).outcome == "success"
        assert log.renewals == 1 and operations(stage.notebook, "run") == ["run"]


async def test_while_the_store_is_away_an_effect_waits_for_it() -> None:
    clock = ManualClock()
    log = Standing(clock)

    async def break_off() -> None:
        log.is_away = True

    log.meanwhile = break_off
    async with _stage(log, clock, ScriptedRun(cell_id="a")) as stage:
        await _approve(stage)
        await stage.until(lambda state: isinstance(state.calls.get(CALL), s.CallRunning))
        tried = log.renewals
        while log.renewals < tried + 4:
            await asyncio.sleep(0)
            clock.advance(0.3)
        assert operations(stage.notebook, "run") == []
        log.is_away = False
        over = asyncio.ensure_future(stage.over())
        while not over.done():
            await asyncio.sleep(0)
            clock.advance(0.3)
        await over
        assert operations(stage.notebook, "run") == ["run"]
