"""Folding what model calls cost, and what people allowed beyond a budget."""

from __future__ import annotations

from msgspec.structs import replace

from ... import protocol as p
from .. import state as s
from .fold import on

DAY_MS = 86_400_000


def run_charged(state: s.RoomState, event: p.RunCharged, record: p.Record) -> None:
    """A run's call counts for the run, its thread, the room and who asked; ever, and on its day (UTC)."""
    run = state.runs.get(event.run_id)
    if not isinstance(run, s.Running) or event.own_key:
        return
    day = record.at // DAY_MS
    _forget_before(state, day - 1)
    _add(state, event, "run", run.run_id, None)
    for scope, id in _counted_for(run, event):
        _add(state, event, scope, id, None)
        _add(state, event, scope, id, day)


def _counted_for(run: s.Running, event: p.RunCharged) -> list[tuple[p.BudgetScope, str]]:
    return [("thread", run.thread_id), ("room", ""), ("person", event.person_id)]


def allow(state: s.RoomState, ask: p.BudgetAsk) -> None:
    """People allowed more than a budget has."""
    before = state.allowances.get(ask.key, p.BudgetAsk(key=ask.key))
    state.allowances[ask.key] = replace(
        before, tokens=before.tokens + ask.tokens, money=before.money + ask.money
    )  # fmt: skip


def forget_run(state: s.RoomState, run_id: p.RunId) -> None:
    """A run that is over spends nothing more."""
    state.spent.pop(spent_key("run", run_id, None), None)
    state.allowances.pop(spent_key("run", run_id, None), None)


def spent_key(scope: p.BudgetScope, id: str, day: int | None) -> str:
    """Where the state keeps what was spent so, and what was allowed beyond a budget for it."""
    return f"{scope}:{'' if day is None else day}:{id}"


def _add(state: s.RoomState, event: p.RunCharged, scope: p.BudgetScope, id: str, day: int | None) -> None:
    key = spent_key(scope, id, day)
    before = state.spent.get(key, p.Spent(scope=scope, id=id, day=day))
    state.spent[key] = replace(before, tokens=before.tokens + event.tokens, money=before.money + event.money)


def _forget_before(state: s.RoomState, day: int) -> None:
    """Of days, today and the one before are kept."""
    for key, spent in list(state.spent.items()):
        if spent.day is not None and spent.day < day:
            del state.spent[key]
            state.allowances.pop(key, None)


FOLDS = (on(p.RunCharged, run_charged),)
