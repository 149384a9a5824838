"""Budgets, counted from the log: how much is used, who is under which, and what warns."""

from __future__ import annotations

import random

import pytest
from msgspec.structs import replace

from jupyter_copilot import protocol as p
from jupyter_copilot.core.budgets import Budget, Price, Standing, cost, standings, used_up, warnings
from jupyter_copilot.core.reducer.budgets import DAY_MS

from ..builders import ALICE, Fold, running

USAGE = p.Usage(prompt=1000, cached=400, completion=200)


def charged(fold: Fold, run_id: p.RunId, tokens: int, money: float = 0.0, **fields: object) -> None:
    fold.tell(p.RunCharged(run_id=run_id, person_id="alice", model="m", tokens=tokens, money=money, **fields))  # type: ignore[arg-type]


def stand(fold: Fold, *budgets: Budget, run_id: str = "m1.r1", **fields: object) -> list[Standing]:
    return standings(fold.state, budgets, fold.state.runs[run_id], fold.now, **fields)  # type: ignore[arg-type]


def test_a_charge_counts_for_the_run_its_thread_the_room_and_the_person() -> None:
    fold = Fold()
    charged(fold, running(fold), 300, 0.5)
    fold.tell(p.RunFinished(run_id=p.RunId("m1.r1"), outcome="success"))
    charged(fold, running(fold, "m2"), 200)
    every = [Budget(per=per, tokens=1000) for per in ("run", "thread", "room")]
    found = stand(fold, *every, Budget(per="person", within="day", tokens=1000), run_id="m2.r1")
    assert [each.tokens for each in found] == [200, 500, 500, 500]


def test_of_a_day_only_that_day_counts_and_old_days_are_forgotten() -> None:
    fold = Fold()
    run_id = running(fold)
    today, ever = Budget(per="room", within="day", tokens=1000), Budget(per="room", tokens=1000)
    charged(fold, run_id, 300)
    fold.now += DAY_MS
    charged(fold, run_id, 100)
    assert [each.tokens for each in stand(fold, today, ever)] == [100, 400]
    fold.now += 5 * DAY_MS
    charged(fold, run_id, 1)
    assert sum(each.day is not None for each in fold.state.spent.values()) == 3


def test_what_was_spent_elsewhere_counts_for_a_person_and_what_people_allowed_raises_the_limit() -> None:
    fold = Fold()
    charged(fold, running(fold), 300)
    mine = Budget(per="person", within="day", tokens=1000)
    (alone,) = stand(fold, mine)
    other = p.Spent(scope="person", id="alice", day=0, tokens=700)
    (both,) = stand(fold, mine, elsewhere={alone.key: other})
    assert (both.tokens, both.share) == (1000, 1.0) and used_up([both]) == both
    fold.state.allowances[alone.key] = p.BudgetAsk(key=alone.key, tokens=500)
    (more,) = stand(fold, mine, elsewhere={alone.key: other})
    assert more.token_limit == 1500 and used_up([more]) is None


def test_a_budget_is_for_the_groups_that_it_names() -> None:
    fold = Fold()
    run_id = running(fold)
    students = Budget(per="room", tokens=1, groups=["students"])
    assert stand(fold, students) == []
    run = fold.state.runs[run_id]
    fold.state.runs[run_id] = replace(run, asked_by=replace(ALICE, groups=("students",)))
    assert len(stand(fold, students)) == 1


def test_own_keys_and_runs_that_are_over_are_not_counted() -> None:
    fold = Fold()
    run_id = running(fold)
    charged(fold, run_id, 300, own_key=True)
    fold.tell(p.RunFinished(run_id=run_id, outcome="success"))
    charged(fold, run_id, 300)
    assert fold.state.spent == {}


@pytest.mark.parametrize(
    ("price", "expected"),
    [
        (None, 0.0),
        (Price(prompt=1.0, completion=10.0), 0.003),
        (Price(prompt=1.0, completion=10.0, cached=0.1), 0.00264),
    ],
)
def test_what_a_call_costs(price: Price | None, expected: float) -> None:
    assert cost(price, USAGE) == pytest.approx(expected)


def test_a_warning_comes_once_when_four_fifths_are_used() -> None:
    budget = Budget(per="room", tokens=100, because="Ask Anna.")
    at = [Standing(key="k", budget=budget, tokens=n, money=0, token_limit=100, money_limit=None) for n in (79, 80, 90)]
    (told,) = warnings(at[:1], at[1:2])
    assert told.code == "budget_low" and "80 of 100 tokens" in told.message and told.hint == "Ask Anna."
    assert list(warnings(at[1:2], at[2:])) == []


def test_sums_hold_whatever_comes_in_whatever_order() -> None:
    chance = random.Random(18)
    for _ in range(200):
        fold = Fold()
        run_id, total, today = running(fold), 0, 0
        for _ in range(chance.randrange(1, 30)):
            if chance.random() < 0.2:
                fold.now += DAY_MS
                today = 0
            tokens = chance.randrange(1, 1000)
            before = fold.now // DAY_MS
            charged(fold, run_id, tokens)
            today = today + tokens if fold.now // DAY_MS == before else tokens
            total += tokens
        limit = chance.randrange(1, 20_000)
        ever, day = stand(fold, Budget(per="thread", tokens=limit), Budget(per="room", within="day", tokens=limit))
        assert (ever.tokens, day.tokens) == (total, today)
        assert (used_up([ever]) is not None) == (total >= limit)
