"""Folding rules: granted, used, ended; those that are over leave the state."""

from __future__ import annotations

from msgspec.structs import replace

from ... import protocol as p
from .. import state as s
from .fold import ABSENT, PRESENT, moves, on


def rule_granted(state: s.RoomState, event: p.RuleGranted, record: p.Record) -> None:
    """A rule that was not there is in force."""
    if event.rule_id not in state.rules:
        state.rules[event.rule_id] = p.Rule(
            rule_id=event.rule_id,
            scope=event.scope,
            granted_by=record.actor,
            granted_at=record.at,
            agents=event.agents,
            run_id=event.run_id,
            thread_id=event.thread_id,
            until=event.until,
            uses=event.uses,
            definitions=event.definitions,
        )


def rule_used(state: s.RoomState, event: p.RuleUsed, _record: p.Record) -> None:
    """A rule in force lets a proposed call in."""
    call = state.calls.get(event.call_id)
    rule = state.rules.get(event.rule_id)
    if rule is not None and isinstance(call, s.CallProposal):
        used = p.RuleUse(rule_id=rule.rule_id, granted_by=rule.granted_by)
        state.calls[event.call_id] = replace(call, allowed_by=used)
        count_use(state, rule)


def rule_ended(state: s.RoomState, event: p.RuleEnded, _record: p.Record) -> None:
    """A rule is no longer in force."""
    state.rules.pop(event.rule_id, None)


def count_use(state: s.RoomState, rule: p.Rule) -> None:
    """A rule was used once more; its last use ends it."""
    state.rules[rule.rule_id] = replace(rule, used=rule.used + 1)
    if rule.uses is not None and rule.used + 1 >= rule.uses:
        del state.rules[rule.rule_id]


def end_rules_of_run(state: s.RoomState, run_id: p.RunId) -> None:
    """The answer for which rules were granted is over."""
    for rule in [rule for rule in state.rules.values() if rule.run_id == run_id]:
        del state.rules[rule.rule_id]


def end_rules_of_thread(state: s.RoomState, thread_id: p.ThreadId) -> None:
    """The thread for which rules were granted is put away."""
    for rule in [rule for rule in state.rules.values() if rule.thread_id == thread_id]:
        del state.rules[rule.rule_id]


FOLDS = (
    on(p.RuleGranted, rule_granted, moves("rule", ABSENT, PRESENT)),
    on(p.RuleUsed, rule_used, moves("rule", PRESENT, f"{PRESENT}, {ABSENT}"), moves("call", "proposed", "proposed")),
    on(p.RuleEnded, rule_ended, moves("rule", PRESENT, ABSENT)),
)
