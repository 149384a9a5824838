"""Answers of the store that the network lost double nothing."""

from __future__ import annotations

import asyncio
from typing import Any

from jupyter_copilot import protocol as p
from jupyter_copilot.protocol.errors import StoreUnavailable
from jupyter_copilot.testing import Answer, ManualClock, ScriptedRun
from jupyter_copilot.testing.memory_log import MemoryEventLog
from jupyter_copilot.testing.model import call

from .stage import Stage, cell

CALL = "m1.r1.s1.a1.c1"


class Deaf(MemoryEventLog):
    """Loses the answer of each of the engine's writes, once."""

    lost = 0

    async def append(self, *args: Any, **named: Any) -> list[p.Record]:
        write_id = named.get("write_id")
        known = write_id is None or await self.written(args[0], write_id) is not None
        records = await super().append(*args, **named)
        if not known:
            self.lost += 1
            raise StoreUnavailable("The connection broke.")
        return records


async def _run(log: MemoryEventLog, clock: ManualClock) -> list[p.Event | p.UnknownEvent]:
    """One message, one cell that prints, and all that was recorded of it."""
    answers = Answer(text="I run it.", calls=[call("run_cell", cell_id="a")]), "It says hello, twice: hello."
    hello = {"output_type": "stream", "name": "stdout", "text": "hello\n"}
    prints = ScriptedRun(cell_id="a", outputs=[hello, hello])
    stage = Stage(*answers, cells=[cell("a", "greet()")], runs=[prints], log=log, clock=clock)

    async def ticking() -> None:
        while True:
            clock.advance(0.1)
            await asyncio.sleep(0)

    time = asyncio.ensure_future(ticking())
    try:
        async with stage:
            await stage.post()
            await stage.asked(f"{CALL}.q")
            await stage.decide(f"{CALL}.q")
            assert (await stage.over()).outcome == "success"
            return [record.event for record in await log.read(stage.room.room_id, 0)]
    finally:
        time.cancel()


def _told(events: list[p.Event | p.UnknownEvent]) -> list[tuple[str, str]]:
    """What was recorded, adjacent deltas as one, as these come in other pieces each time."""
    told: list[tuple[str, str]] = []
    for event in events:
        name = type(event).__name__
        text = getattr(event, "text", "") if isinstance(event, p.TextDelta) else ""
        text = event.output.text if isinstance(event, p.CallOutput) else text
        if text and told and told[-1][0] == name:
            told[-1] = (name, told[-1][1] + text)
        else:
            told.append((name, text))
    return told


async def test_a_run_whose_every_write_loses_its_answer_is_recorded_as_if_none_had() -> None:
    clocks = ManualClock(), ManualClock()
    deaf = Deaf(clock=clocks[1])
    healthy = await _run(MemoryEventLog(clock=clocks[0]), clocks[0])
    assert _told(await _run(deaf, clocks[1])) == _told(healthy)
    assert deaf.lost > 8
