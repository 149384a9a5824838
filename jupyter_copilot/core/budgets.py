"""Budgets: how much of each is used, counted from the log, and which one is used up. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Literal

from msgspec import Struct

from .. import protocol as p
from . import state as s
from .reducer.budgets import DAY_MS, spent_key

WARN_AT = 0.8


class Price(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What a million tokens of a model cost; cached prompt tokens cost as much as others where nothing is said."""

    prompt: float = 0.0
    completion: float = 0.0
    cached: float | None = None


class Budget(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How much may be spent: for each run, thread, room or person; ever, or within a day (UTC).

    That of a person counts all rooms of the server, and is one of a day. `groups` are those whose members it is for
    (empty: everybody), `ask` those whose members may allow more (empty: whoever may execute).
    """

    per: p.BudgetScope
    within: Literal["day"] | None = None
    tokens: int | None = None
    money: float | None = None
    groups: list[str] = []
    ask: list[str] = []
    because: str = ""


class Standing(Struct, frozen=True, kw_only=True):
    """How a budget stands: what was spent, and the limit with what people allowed beyond it."""

    key: str
    budget: Budget
    tokens: int
    money: float
    token_limit: int | None
    money_limit: float | None

    @property
    def share(self) -> float:
        """The part that is used; 1 and more is all of it."""
        shares = [0.0]
        if self.token_limit is not None:
            shares.append(_share(self.tokens, self.token_limit))
        if self.money_limit is not None:
            shares.append(_share(self.money, self.money_limit))
        return max(shares)


def cost(price: Price | None, usage: p.Usage) -> float:
    """What a model call cost; nothing where the model has no price."""
    if price is None:
        return 0.0
    cached = price.prompt if price.cached is None else price.cached
    fresh = max(0, usage.prompt - usage.cached)
    return (fresh * price.prompt + usage.cached * cached + usage.completion * price.completion) / 1_000_000


def standings(
    state: s.RoomState,
    budgets: Iterable[Budget],
    run: s.Run,
    now: int,
    elsewhere: Mapping[str, p.Spent] | None = None,
) -> list[Standing]:
    """How the budgets that a run is under stand; `elsewhere` has what was spent in other rooms, by key."""
    return [
        _standing(state, budget, key, elsewhere or {})
        for budget in budgets
        if not budget.groups or not set(budget.groups).isdisjoint(run.asked_by.groups)
        for key in [key_of(budget, run, now)]
    ]


def key_of(budget: Budget, run: s.Run, now: int) -> str:
    """Where the state counts what this budget is about."""
    ids = {"run": run.run_id, "thread": run.thread_id, "room": "", "person": payer(run)}
    day = now // DAY_MS if budget.within == "day" and budget.per != "run" else None
    return spent_key(budget.per, ids[budget.per], day)


def payer(run: s.Run) -> str:
    """Whom a run is charged to: who asked."""
    return run.asked_by.id


def used_up(found: Iterable[Standing]) -> Standing | None:
    """The first budget of which all is used."""
    return next((each for each in found if each.share >= 1), None)


def warnings(before: Sequence[Standing], after: Sequence[Standing]) -> Iterator[p.Problem]:
    """What people are told when a budget comes near its end."""
    for was, now in zip(before, after, strict=True):
        if was.share < WARN_AT <= now.share:
            yield p.Problem(
                code="budget_low",
                message=f"{round(100 * now.share)} % of {name_of(now)} is used: {spent_of(now)}.",
                hint=now.budget.because or "When all of it is used, somebody is asked for more.",
            )


def name_of(standing: Standing) -> str:
    """What a budget is called."""
    whose = {"run": "this answer", "thread": "this chat", "room": "this notebook", "person": "the person who asked"}
    return f"the budget of {whose[standing.budget.per]}{' for today' if standing.budget.within else ''}"


def spent_of(standing: Standing) -> str:
    """How much of how much, in words."""
    parts = []
    if standing.token_limit is not None:
        parts.append(f"{standing.tokens:,} of {standing.token_limit:,} tokens")
    if standing.money_limit is not None:
        parts.append(f"{standing.money:.2f} of {standing.money_limit:.2f}")
    return ", ".join(parts)


def _standing(state: s.RoomState, budget: Budget, key: str, elsewhere: Mapping[str, p.Spent]) -> Standing:
    counted = [each for each in (state.spent.get(key), elsewhere.get(key)) if each is not None]
    allowed = state.allowances.get(key, p.BudgetAsk(key=key))
    return Standing(
        key=key,
        budget=budget,
        tokens=sum(each.tokens for each in counted),
        money=sum(each.money for each in counted),
        token_limit=None if budget.tokens is None else budget.tokens + allowed.tokens,
        money_limit=None if budget.money is None else budget.money + allowed.money,
    )


def _share(used: float, limit: float) -> float:
    return used / limit if limit > 0 else 1.0
