"""Deltas: the first at once, the rest on a tick, in order, and nothing lost at the end."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

import pytest

from jupyter_copilot import protocol as p
from jupyter_copilot.agent.deltas import Deltas
from jupyter_copilot.errors import LeaseLost
from jupyter_copilot.merge import Delta
from jupyter_copilot.testing import ManualClock

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
    for _ in range(5):
        await asyncio.sleep(0)


async def test_the_first_goes_at_once_and_the_rest_joined_on_the_tick() -> None:
    clock, recorded = ManualClock(), Recorded()
    async with Deltas(recorded, clock, 0.03) as deltas:
        deltas.add(text("Hel"))
        await _settle()
        assert recorded.commits == [[text("Hel")]]
        for word in ("lo", " wor", "ld"):
            deltas.add(text(word))
        await _settle()
        assert len(recorded.commits) == 1
        clock.advance(0.03)
        await _settle()
        assert recorded.commits[1:] == [[text("lo world")]]
        clock.advance(1)
        await _settle()
        deltas.add(text("!"))
        await _settle()
    assert recorded.commits[2:] == [[text("!")]]


async def test_different_kinds_keep_their_order() -> None:
    clock, recorded = ManualClock(), Recorded()
    async with Deltas(recorded, clock, 0.03) as deltas:
        for delta in (thought("a"), thought("b"), text("c"), thought("d")):
            deltas.add(delta)
    assert deltas.rest() == [thought("ab"), text("c"), thought("d")]
    assert recorded.commits == []


async def test_what_is_left_at_the_end_is_handed_over_once() -> None:
    clock, recorded = ManualClock(), Recorded()
    async with Deltas(recorded, clock, 0.03) as deltas:
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
        async with Deltas(slowly, clock, 0.03) as deltas:
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

    async with Deltas(lost, ManualClock(), 0.03) as deltas:
        deltas.add(text("a"))
        await _settle()
        with pytest.raises(LeaseLost):
            deltas.add(text("b"))
    with pytest.raises(LeaseLost):
        deltas.rest()
