"""Deltas: the first at once, the rest on a tick, in order, and nothing lost at the end."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Sequence

import pytest

from jupyter_copilot import protocol as p
from jupyter_copilot.agent.deltas import READING_TURNS, Deltas
from jupyter_copilot.core import state as s
from jupyter_copilot.core.deltas import Delta
from jupyter_copilot.ports.model import Completed, ModelPart, ModelRequest, TextPart
from jupyter_copilot.protocol.errors import LeaseLost
from jupyter_copilot.testing import ManualClock, ScriptedModel

from .stage import Stage

TICK_S = 0.04
RUN = p.RunId("m1.r1")
ANSWER = p.MessageId("m1.r1.s1.a1")


def text(words: str) -> p.TextDelta:
    return p.TextDelta(run_id=RUN, step=1, message_id=ANSWER, text=words)


def thought(words: str) -> p.ReasoningDelta:
    return p.ReasoningDelta(run_id=RUN, step=1, message_id=ANSWER, text=words)


class Recorded:
    """What was recorded, commit by commit."""

    def __init__(self) -> None:
        self.commits: list[list[Delta]] = []

    async def __call__(self, deltas: Sequence[Delta]) -> None:
        self.commits.append(list(deltas))


async def _settle() -> None:
    for _ in range(READING_TURNS + 5):
        await asyncio.sleep(0)


async def tick(clock: ManualClock) -> None:
    clock.advance(TICK_S)
    await _settle()


async def test_the_first_goes_at_once_and_the_rest_joined_on_the_tick() -> None:
    clock, recorded = ManualClock(), Recorded()
    async with Deltas(recorded, clock, TICK_S) as deltas:
        deltas.add(text("Hel"))
        await _settle()
        assert recorded.commits == [[text("Hel")]]
        for word in ("lo", " wor", "ld"):
            deltas.add(text(word))
        await _settle()
        assert len(recorded.commits) == 1
        await tick(clock)
        assert recorded.commits[1:] == [[text("lo world")]]
        await tick(clock)
        deltas.add(text("!"))
        await _settle()
    assert recorded.commits[2:] == [[text("!")]]


async def test_different_kinds_keep_their_order() -> None:
    clock, recorded = ManualClock(), Recorded()
    async with Deltas(recorded, clock, TICK_S) as deltas:
        for delta in (thought("a"), thought("b"), text("c"), thought("d")):
            deltas.add(delta)
    assert deltas.rest() == [thought("ab"), text("c"), thought("d")]
    assert recorded.commits == []


async def test_what_is_left_at_the_end_is_handed_over_once() -> None:
    clock, recorded = ManualClock(), Recorded()
    async with Deltas(recorded, clock, TICK_S) as deltas:
        deltas.add(text("a"))
        await _settle()
        deltas.add(text("b"))
    assert deltas.rest() == [text("b")]
    assert deltas.rest() == []


async def test_leaving_waits_for_the_commit_that_is_under_way() -> None:
    clock, gate, recorded = ManualClock(), asyncio.Event(), Recorded()

    async def slowly(deltas: Sequence[Delta]) -> None:
        await gate.wait()
        await recorded(deltas)

    async def stream() -> None:
        async with Deltas(slowly, clock, TICK_S) as deltas:
            deltas.add(text("a"))
            await _settle()

    streaming = asyncio.create_task(stream())
    await _settle()
    await _settle()
    assert not streaming.done()
    gate.set()
    await streaming
    assert recorded.commits == [[text("a")]]


async def test_a_lost_lease_is_raised_to_whoever_adds_or_ends() -> None:
    async def lost(deltas: Sequence[Delta]) -> None:
        raise LeaseLost("Another process drives.")

    async with Deltas(lost, ManualClock(), TICK_S) as deltas:
        deltas.add(text("a"))
        await _settle()
        with pytest.raises(LeaseLost):
            deltas.add(text("b"))
    with pytest.raises(LeaseLost):
        deltas.rest()


async def test_after_a_delta_reading_pauses_until_the_tick_and_then_reads_what_there_is() -> None:
    clock, recorded = ManualClock(), Recorded()

    async def read() -> None:
        for word in "abc":
            deltas.add(text(word))
            await deltas.pause()

    async with Deltas(recorded, clock, TICK_S) as deltas:
        reading = asyncio.create_task(read())
        await _settle()
        assert recorded.commits == [[text("a")]] and not reading.done()
        await tick(clock)
        assert recorded.commits[1:] == [[text("bc")]]
        await reading


async def test_a_delta_that_comes_after_a_quiet_tick_is_recorded_at_once() -> None:
    clock, recorded = ManualClock(), Recorded()
    async with Deltas(recorded, clock, TICK_S) as deltas:
        deltas.add(text("a"))
        await _settle()
        await tick(clock)
        await deltas.pause()
        deltas.add(text("b"))
        await _settle()
        assert recorded.commits == [[text("a")], [text("b")]]


async def test_whoever_pauses_when_recording_fails_is_told_with_the_next_delta() -> None:
    async def lost(deltas: Sequence[Delta]) -> None:
        raise LeaseLost("Another process drives.")

    async with Deltas(lost, ManualClock(), TICK_S) as deltas:
        deltas.add(text("a"))
        await deltas.pause()
        with pytest.raises(LeaseLost):
            deltas.add(text("b"))


class Talker(ScriptedModel):
    """Says three words, and counts those that were asked for."""

    asked_for = 0

    async def stream(self, request: ModelRequest) -> AsyncGenerator[ModelPart, None]:
        for word in ("one ", "two ", "three"):
            self.asked_for += 1
            yield TextPart(word)
        yield Completed(finish_reason="stop")


async def test_between_two_ticks_the_models_stream_is_left_alone() -> None:
    talker = Talker(())
    async with Stage(model=talker, tick_s=TICK_S) as stage:
        await stage.post()
        await stage.until(lambda state: bool(isinstance(a := state.messages.get(ANSWER), s.Streaming) and a.text))
        await _settle()
        assert talker.asked_for == 1
        stage.manual.advance(TICK_S)
        assert (await stage.over()).outcome == "success"
        assert talker.asked_for == 3
