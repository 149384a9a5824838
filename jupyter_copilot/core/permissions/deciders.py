"""Who decides: the policy that a confirmation opens with, and who counts under it.

The browser judges the same (`core/permissions/deciders.ts`).
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Literal

from ... import protocol as p
from .. import state as s
from .judge import matches

NotCounted = Literal["asker", "named"]
"""Why somebody does not count: they asked for it, or it is for others to decide."""


def policy_for(terms: p.Terms, asked: p.Asked, right: p.Right, now: int) -> p.Policy:
    """The policy of a confirmation about this call: the first entry of the administrator's that is about it."""
    found = next((entry for entry in terms.deciders if matches(entry.match, asked)), None)
    if found is None:
        return p.Policy(right=right)
    after = found.escalate_after_s
    return p.Policy(
        right=right,
        needed=found.needed,
        people=found.people,
        groups=found.groups,
        not_asker=found.not_asker,
        escalate_at=None if after is None else now + round(after * 1000),
        escalate_to=found.escalate_to,
    )


def not_counted(policy: p.Policy, actor: p.Actor, askers: Iterable[p.Actor], now: int) -> NotCounted | None:
    """Why an actor does not count under a policy; None when it does."""
    if policy.not_asker and any((asker.kind, asker.id) == (actor.kind, actor.id) for asker in askers):
        return "asker"
    if not policy.people and not policy.groups:
        return None
    groups = [*policy.groups, *(policy.escalate_to if _is_escalated(policy, now) else [])]
    return None if actor.id in policy.people or not set(groups).isdisjoint(actor.groups) else "named"


def _is_escalated(policy: p.Policy, now: int) -> bool:
    return policy.escalate_at is not None and policy.escalate_at <= now


def askers_of(state: s.RoomState, opened: s.Open) -> list[p.Actor]:
    """Who asked for what a confirmation is about: first who asked for its run, then who said more while it went on."""
    run = state.runs.get(opened.run_id or "")
    return [opened.opened_by] if run is None else [run.asked_by, *(each.by for each in run.joined)]
