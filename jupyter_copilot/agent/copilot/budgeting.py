"""When a budget is used up: the run waits, and somebody who may is asked for more."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

from msgspec import Struct

from ... import protocol as p
from ...core import state as s
from ...core.budgets import Standing, cost, name_of, payer, spent_of, standings, used_up, warnings
from ...core.fingerprints import question_hash
from ...core.permissions.house import House

MORE = 0.5
"""Of the budget, is added each time that somebody allows it."""


class AskForMore(Struct, frozen=True):
    """Ask people for more of a budget."""

    asked: p.ConfirmationOpened


class Refused(Struct, frozen=True):
    """Nobody allowed more: the run is over."""

    problem: p.Problem


class Waits(Struct, frozen=True):
    """Somebody was asked, and has not answered."""


def before_the_model(
    state: s.RoomState, run: s.Running, house: House, now: int
) -> AskForMore | Refused | Waits | None:  # fmt: skip
    """What keeps a run from asking the model; None when nothing does."""
    over = used_up(standings(state, house.budgets, run, now, house.spent_elsewhere()))
    if over is None:
        return None
    asked = [each for each in _asked(state, run.run_id) if each.budget and each.budget.key == over.key]
    match asked[-1] if asked else None:
        case s.Open():
            return Waits()
        case s.Decided(option=p.ALLOW) | None:
            return AskForMore(_question(run, over, 1 + len(list(_asked(state, run.run_id)))))
        case s.Decided() | s.Expired() | s.Withdrawn():
            return Refused(_problem(over))


def charged(
    state: s.RoomState, run: s.Run, model: str, usage: p.Usage, house: House, now: int
) -> tuple[list[p.Event], list[p.Problem]]:
    """The charge of a model call, and what people are told of budgets that come near their end."""
    if not (house.budgets or house.prices):
        return [], []
    money = cost(house.prices.get(model), usage)
    charge = p.RunCharged(
        run_id=run.run_id,
        person_id=payer(run),
        model=model,
        tokens=usage.prompt + usage.completion,
        money=money,
    )
    before = standings(state, house.budgets, run, now, house.spent_elsewhere())
    return [charge], list(warnings(before, [_after(each, charge) for each in before]))


def _after(standing: Standing, charge: p.RunCharged) -> Standing:
    return Standing(
        key=standing.key,
        budget=standing.budget,
        tokens=standing.tokens + charge.tokens,
        money=standing.money + charge.money,
        token_limit=standing.token_limit,
        money_limit=standing.money_limit,
    )


def _asked(state: s.RoomState, run_id: p.RunId) -> list[s.Confirmation]:
    return [each for each in state.confirmations.values() if each.run_id == run_id and each.budget is not None]


def _question(run: s.Running, over: Standing, number: int) -> p.ConfirmationOpened:
    budget = over.budget
    more = p.BudgetAsk(
        key=over.key,
        tokens=math.ceil(_more(budget.tokens, over.tokens, over.token_limit)),
        money=_more(budget.money, over.money, over.money_limit),
    )
    title = f"Go on? All of {name_of(over)} is used."
    body = f"Used: {spent_of(over)}. {budget.because}".strip()
    label = f"Allow {_amount(more)} more"
    options = [p.Option(id=p.ALLOW, label=label, style="primary"), p.Option(id=p.STOP, label="Stop here")]
    return p.ConfirmationOpened(
        confirmation_id=p.ConfirmationId(f"{run.run_id}.b{number}"),
        kind="question",
        thread_id=run.thread_id,
        title=title,
        body=body,
        args_hash=question_hash(title, body, [option.id for option in options], None),
        options=options,
        run_id=run.run_id,
        policy=p.Policy(right="execute", groups=budget.ask),
        budget=more,
    )


def _more(budget: float | None, used: float, limit: float | None) -> float:
    """So much that the run can go on: what went beyond the limit, and a part of the budget."""
    return 0.0 if budget is None or limit is None else max(0.0, used - limit) + MORE * budget


def _amount(more: p.BudgetAsk) -> str:
    parts: Mapping[str, bool] = {f"{more.tokens:,} tokens": more.tokens > 0, f"{more.money:.2f}": more.money > 0}
    said: Sequence[str] = [text for text, counts in parts.items() if counts]
    return " and ".join(said)


def _problem(over: Standing) -> p.Problem:
    return p.Problem(
        code="budget_used_up",
        message=f"All of {name_of(over)} is used: {spent_of(over)}.",
        hint=over.budget.because or "Ask the administrator of this server for more.",
    )
