"""A run under a budget: charged, warned, and at its end somebody who may is asked for more."""

from __future__ import annotations

from jupyter_copilot import protocol as p
from jupyter_copilot.core import state as s
from jupyter_copilot.core.budgets import Budget, Price
from jupyter_copilot.testing import Answer
from jupyter_copilot.testing.model import call

from ..builders import ALICE, BOB
from .stage import Stage, cell

READ = Answer(calls=[call("read_notebook")], usage=p.Usage(prompt=90, completion=10))
CELLS = [cell("a", "x = 1")]


def charges(stage: Stage) -> list[int]:
    return [event.tokens for event in stage.events if isinstance(event, p.RunCharged)]


async def test_without_a_budget_nothing_is_charged() -> None:
    async with Stage(READ, "Done.", cells=CELLS) as stage:
        await stage.post()
        await stage.over()
    assert charges(stage) == [] and stage.state.spent == {}


async def test_at_the_end_of_a_budget_people_are_asked_and_the_run_goes_on_when_they_allow_more() -> None:
    async with Stage(READ, READ, "Done.", cells=CELLS) as stage:
        stage.budgets = [Budget(per="room", tokens=150)]
        await stage.post()
        await stage.asked("m1.r1.b1")
        asked = stage.state.confirmations["m1.r1.b1"]
        assert asked.policy.right == "execute" and "200 of 150 tokens" in asked.body
        await stage.decide("m1.r1.b1", p.ALLOW, by=BOB)
        await stage.over()
    assert charges(stage) == [100, 100, 110]
    assert stage.state.allowances["room::"].tokens == 125


async def test_who_stops_it_ends_the_run_with_the_reason() -> None:
    async with Stage(READ, cells=CELLS) as stage:
        stage.budgets = [Budget(per="run", tokens=100, because="Two answers a day are enough.")]
        await stage.post()
        await stage.asked("m1.r1.b1")
        await stage.decide("m1.r1.b1", p.STOP)
        over = await stage.over()
    assert over.outcome == "failed" and over.error is not None
    assert (over.error.code, over.error.hint) == ("budget_used_up", "Two answers a day are enough.")


async def test_money_is_counted_where_the_model_has_a_price_and_people_are_warned() -> None:
    answer = Answer(text=["Done."], usage=p.Usage(prompt=800_000, completion=0))
    async with Stage(answer) as stage:
        stage.prices = {name: Price(prompt=1.0) for name in [spec.name for spec in stage.model.models()]}
        stage.budgets = [Budget(per="thread", money=1.0)]
        await stage.post()
        await stage.over()
        (done,) = [m for m in stage.state.messages.values() if isinstance(m, s.Complete)]
    assert stage.state.spent["thread::main"].money == 0.8
    assert [note.code for note in done.notes] == ["budget_low"] and "0.80 of 1.00" in done.notes[0].message


async def test_only_who_is_entitled_allows_more() -> None:
    async with Stage(READ, "Done.", cells=CELLS) as stage:
        stage.budgets = [Budget(per="room", tokens=50, ask=["teachers"])]
        await stage.post()
        await stage.asked("m1.r1.b1")
        before = stage.state.seq
        try:
            await stage.decide("m1.r1.b1", p.ALLOW, by=ALICE)
        except Exception as error:
            assert "teachers" in str(error)
        assert stage.state.seq == before
        teacher = p.Actor(kind="person", id="t", name="T", auth="browser", groups=("teachers",))
        await stage.decide("m1.r1.b1", p.ALLOW, by=teacher)
        await stage.over()


async def test_a_restart_goes_on_waiting_and_counts_what_was_spent() -> None:
    async with Stage(READ, cells=CELLS) as first:
        first.budgets = [Budget(per="room", tokens=100)]
        await first.post()
        await first.asked("m1.r1.b1")
    async with Stage("Done.", cells=CELLS, before=first.records) as second:
        second.budgets = [Budget(per="room", tokens=100)]
        assert second.state.spent["room::"].tokens == 100
        await second.decide("m1.r1.b1", p.ALLOW)
        await second.over()
    assert [each for each in second.state.confirmations if ".b" in each] == ["m1.r1.b1"]
