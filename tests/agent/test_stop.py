"""Stop, from anybody, at every stage: the run is over with the command, and what was under way ends with it."""

from __future__ import annotations

import asyncio

from jupyter_copilot import protocol as p
from jupyter_copilot.core import state as s
from jupyter_copilot.ports.notebook import version_of
from jupyter_copilot.protocol.errors import ModelError
from jupyter_copilot.testing import Answer, ScriptedRun
from jupyter_copilot.testing.model import call

from ..builders import BOB
from .stage import Stage, cell

RUN = Answer(calls=[call("run_cell", cell_id="a")])
STOP = p.CancelRun(run_id=p.RunId("m1.r1"))


async def _drained(stage: Stage) -> None:
    """Wait until the driver has given the lease back: nothing goes on any more."""
    for _ in range(1000):
        if not [task for task in asyncio.all_tasks() if task.get_name().startswith(("run ", "call "))]:
            return
        await asyncio.sleep(0)
    raise AssertionError("something goes on")


async def test_stop_before_the_first_token_closes_the_stream() -> None:
    async with Stage(Answer(until=asyncio.Event())) as stage:
        await stage.post()
        await stage.until(lambda state: "m1.r1.s1.a1" in state.messages)
        while not stage.model.requests:
            await asyncio.sleep(0)
        await stage.do(STOP, by=BOB)
        await _drained(stage)
        run = stage.state.runs["m1.r1"]
        assert stage.model.closed_early == 1
    assert isinstance(run, s.Finished) and (run.outcome, run.ended_by.name) == ("cancelled", "Bob")


async def test_stop_in_the_middle_of_an_answer_strikes_it() -> None:
    async with Stage(Answer(text="Once upon", until=asyncio.Event())) as stage:
        await stage.post()
        await stage.until(lambda state: "Once" in getattr(state.messages.get("m1.r1.s1.a1"), "text", ""))
        await stage.do(STOP)
        await _drained(stage)
        answer = stage.state.messages["m1.r1.s1.a1"]
        assert stage.model.closed_early == 1
    assert isinstance(answer, s.Struck) and answer.text == "Once upon"


async def test_stop_while_people_are_asked_withdraws_the_confirmation() -> None:
    async with Stage(RUN, cells=[cell("a")]) as stage:
        await stage.post()
        await stage.asked("m1.r1.s1.a1.c1.q")
        await stage.do(STOP)
        await _drained(stage)
        assert isinstance(stage.state.confirmations["m1.r1.s1.a1.c1.q"], s.Withdrawn)
        assert isinstance(stage.state.calls["m1.r1.s1.a1.c1"], s.CallDone)
        assert stage.notebook.operations == []


async def test_stop_while_a_cell_runs_interrupts_it_and_says_how_far_it_came() -> None:
    output = {"output_type": "stream", "name": "stdout", "text": "half way"}
    runs = [ScriptedRun(cell_id="a", outputs=[output], until=asyncio.Event())]
    async with Stage(RUN, "Next.", cells=[cell("a")], runs=runs) as stage:
        await stage.post()
        await stage.asked("m1.r1.s1.a1.c1.q")
        await stage.decide("m1.r1.s1.a1.c1.q")
        await stage.until(lambda state: bool(getattr(state.calls["m1.r1.s1.a1.c1"], "outputs", [])))
        await stage.do(STOP, by=BOB)
        done = await stage.settled("m1.r1.s1.a1.c1")
        assert "interrupted" in done.result.text and done.is_error
        assert [o.text for o in done.outputs] == ["half way"]
        await stage.post("And now?", "m2")
        await stage.over("m2.r1")
        assert "(Stopped by Bob.)" in str(stage.told())


async def test_stop_in_a_delay_ends_it() -> None:
    busy = ModelError("Busy.", retryable=True)
    async with Stage(Answer(error=busy)) as stage:
        await stage.post()
        await stage.until(lambda state: getattr(state.runs["m1.r1"], "delay", None) is not None)
        await stage.do(STOP)
        await _drained(stage)
        stage.manual.advance(100)
        await asyncio.sleep(0)
        assert len(stage.model.requests) == 1


async def test_a_queued_run_that_is_taken_back_never_begins() -> None:
    first = Answer(text="One.", until=asyncio.Event())
    async with Stage(first, "Three.") as stage:
        await stage.post("one", "m1")
        await stage.post("two", "m2")
        await stage.post("three", "m3")
        await stage.do(p.CancelRun(run_id=p.RunId("m2.r1")))
        assert first.until is not None
        first.until.set()
        await stage.over("m3.r1")
        assert not any(isinstance(e, p.RunStarted) and e.run_id == "m2.r1" for e in stage.events)


async def test_a_confirmed_call_that_waits_for_its_turn_is_not_begun_after_stop() -> None:
    gate = asyncio.Event()
    calls = [
        call("run_cell", cell_id="a"),
        call("edit_cell", cell_id="b", expected_version=version_of("b"), source="changed"),
    ]
    cells = [cell("a"), cell("b", "b")]
    runs = [ScriptedRun(cell_id="a", until=gate)]
    async with Stage(Answer(calls=calls), cells=cells, runs=runs) as stage:
        await stage.post()
        await stage.asked("m1.r1.s1.a1.c1.q", "m1.r1.s1.a1.c2.q")
        await stage.decide("m1.r1.s1.a1.c1.q")
        await stage.until(lambda state: isinstance(state.calls["m1.r1.s1.a1.c1"], s.CallRunning))
        await stage.decide("m1.r1.s1.a1.c2.q")
        await stage.do(STOP)
        await stage.settled("m1.r1.s1.a1.c1")
        assert stage.notebook.cells[1].source == "b"
        assert not any(isinstance(e, p.CallStarted) and e.call_id.endswith("c2") for e in stage.events)
