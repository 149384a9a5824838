"""Commands for rules and modes: what may happen without asking."""

from __future__ import annotations

from ... import protocol as p
from ...protocol.errors import Rejected
from .. import state as s
from ..permissions.asked import asked_of, current_mode
from ..permissions.house import House
from ..permissions.judge import is_empty, judge
from ..permissions.plans import PLAN_TOOL, is_within_plan
from ..policy import is_same, right_to_grant, right_to_set
from .threads import live_thread

MAX_RULES = 50


def set_mode(state: s.RoomState, command: p.SetMode, house: House, now: int) -> list[p.Event]:
    """Another mode for a thread, and the end of the rules that were granted in it under the one before."""
    thread = live_thread(state, command.thread_id)
    modes = house.terms.modes
    if modes is not None and command.mode not in modes:
        raise _not_here("This mode is not allowed here.", house.terms.because.get("modes"))
    one_answer = command.one_answer or (command.mode == "auto" and command.for_s is None)
    changed = p.ThreadModeChanged(
        thread_id=thread.thread_id, mode=command.mode, until=_until(command.for_s, now), one_answer=one_answer
    )
    return [changed, *_ended_with_mode(state, thread, command.mode)]


def plan_approved(state: s.RoomState, opened: s.Open, option: str) -> list[p.Event]:
    """The end of Plan mode, where what is decided is the approval of a plan."""
    call = state.calls.get(opened.call_id or "")
    thread = state.threads[opened.thread_id]
    if call is None or call.tool != PLAN_TOOL or option != p.APPROVE or thread.mode != "plan":
        return []
    return [p.ThreadModeChanged(thread_id=thread.thread_id, mode="ask"), *_ended_with_mode(state, thread, "ask")]


def _ended_with_mode(state: s.RoomState, thread: s.Thread, mode: str) -> list[p.Event]:
    """The ends of the rules that were granted in a thread under another mode."""
    return [
        p.RuleEnded(rule_id=rule.rule_id, reason="mode")
        for rule in state.rules.values()
        if mode != thread.mode and thread.thread_id in (rule.thread_id, _thread_of(state, rule))
    ]


def _thread_of(state: s.RoomState, rule: p.Rule) -> p.ThreadId | None:
    run = state.runs.get(rule.run_id or "")
    return None if run is None else run.thread_id


def end_rule(state: s.RoomState, command: p.EndRule) -> list[p.Event]:
    """The end of a rule in force."""
    if command.rule_id not in state.rules:
        raise Rejected("not_found", "This rule has ended already.")
    return [p.RuleEnded(rule_id=command.rule_id, reason="revoked")]


def granted_along(
    state: s.RoomState, command: p.Decide, actor: p.Actor, house: House, now: int
) -> list[p.Event]:  # fmt: skip
    """The events of a rule that is granted with an approval."""
    if command.grant is None:
        return []
    opened = state.confirmations[command.confirmation_id]
    call = state.calls.get(opened.call_id or "")
    is_plan = call is not None and call.tool == PLAN_TOOL
    if command.option != p.APPROVE or not (opened.kind == "tool_call" or is_plan):
        raise Rejected("invalid_args", "Only the approval of a step or of a plan can grant a rule.")
    if call is not None and is_plan and not is_within_plan(command.grant, call.args, call.run_id):
        raise Rejected("invalid_args", "This lets in more than the plan says.", hint="Grant it by itself.")
    return grant_rule(state, command.grant, actor, house, now, but=command.confirmation_id)


def grant_rule(
    state: s.RoomState,
    grant: p.Grant,
    actor: p.Actor,
    house: House,
    now: int,
    but: p.ConfirmationId | None = None,
) -> list[p.Event]:
    """A new rule, and the approval of all that waits and is let in by it, `but` for what is being decided anyway."""
    _check(state, grant, house)
    longest = house.terms.longest_rule_s
    for_s = grant.for_s if longest is None else min(grant.for_s or longest, longest)
    granted = p.RuleGranted(
        rule_id=grant.rule_id,
        scope=grant.scope,
        agents=grant.agents,
        run_id=grant.run_id,
        thread_id=grant.thread_id,
        until=_until(for_s, now),
        uses=grant.uses,
        definitions=house.definitions(grant.scope),
    )
    if not granted.definitions:
        raise Rejected("invalid_args", "No tool here fits this rule.", hint="Name a tool or an effect that exists.")
    rule = p.Rule(**{name: getattr(granted, name) for name in _SHARED}, granted_by=actor, granted_at=now)
    return [granted, *_let_in(state, rule, house, now, but)]


_SHARED = ("rule_id", "scope", "agents", "run_id", "thread_id", "until", "uses", "definitions")


def _check(state: s.RoomState, grant: p.Grant, house: House) -> None:
    if not house.terms.rules:
        raise _not_here("Rules are not allowed here: every call asks.", house.terms.because.get("rules"))
    if is_empty(grant.scope):
        raise Rejected("invalid_args", "This rule lets nothing in.", hint="Name an effect or a tool.")
    if grant.rule_id in state.rules:
        raise Rejected("already_exists", "There is a rule with this id already.")
    if len(state.rules) >= MAX_RULES:
        raise Rejected("limit_reached", f"{MAX_RULES} rules are in force already.", hint="End some of them.")
    if grant.thread_id is not None:
        live_thread(state, grant.thread_id)
    if grant.run_id is not None and not isinstance(state.runs.get(grant.run_id), s.Queued | s.Running):
        raise Rejected("run_finished", "The answer for which this rule was meant is over.")


def _let_in(state: s.RoomState, rule: p.Rule, house: House, now: int, but: p.ConfirmationId | None) -> list[p.Event]:
    """The approvals of what waits and is let in by the new rule, as far as its uses go."""
    approved: list[p.Event] = []
    for opened in s.open_confirmations(state):
        call = state.calls.get(opened.call_id or "")
        if opened.kind != "tool_call" or opened.confirmation_id == but or not isinstance(call, s.CallProposal):
            continue
        if rule.uses is not None and len(approved) >= rule.uses:
            break
        mode = current_mode(state, call.run_id, now)
        verdict = judge(house.terms, [rule], mode, asked_of(call, state.runs[call.run_id], house.path), now)
        if verdict.rule_id == rule.rule_id and opened.policy == p.Policy(right=opened.policy.right):
            approved.append(
                p.ConfirmationDecided(
                    confirmation_id=opened.confirmation_id,
                    args_hash=opened.args_hash,
                    option=p.APPROVE,
                    rule_id=rule.rule_id,
                )
            )
    return approved


def stale_rules(state: s.RoomState, house: House) -> list[p.Event]:
    """The ends of rules whose tools are not as they were when they were granted, or that are not allowed any more."""
    ended: list[p.Event] = []
    for rule in state.rules.values():
        now = house.definitions(rule.scope)
        changed = sorted(tool for tool, was in rule.definitions.items() if now.get(tool) != was)
        if not house.terms.rules:
            ended.append(p.RuleEnded(rule_id=rule.rule_id, reason="terms"))
        elif changed:
            ended.append(p.RuleEnded(rule_id=rule.rule_id, reason="tool", about=changed[0]))
    return ended


def rules_without_right(state: s.RoomState, actor: p.Actor, rights: frozenset[p.Right]) -> list[p.Event]:
    """The ends of what somebody granted who may no longer grant it: rules, votes, and modes that end by themselves."""
    events: list[p.Event] = [
        p.RuleEnded(rule_id=rule.rule_id, reason="rights")
        for rule in state.rules.values()
        if is_same(rule.granted_by, actor) and not {right_to_grant(rule.scope), "decide"} <= rights
    ]
    for opened in s.open_confirmations(state):
        if any(is_same(vote.by, actor) for vote in opened.votes) and not {opened.policy.right, "decide"} <= rights:
            events.append(p.VoteWithdrawn(confirmation_id=opened.confirmation_id, person_id=actor.id))
    for thread in state.threads.values():
        by = thread.mode_by
        if by is not None and is_same(by, actor) and not {right_to_set(thread.mode), "decide"} <= rights:
            events.append(p.ThreadModeChanged(thread_id=thread.thread_id, mode="ask"))
    return events


def _until(for_s: float | None, now: int) -> int | None:
    return None if for_s is None else now + round(for_s * 1000)


def _not_here(message: str, because: str | None) -> Rejected:
    return Rejected("forbidden", message, hint=because or "Ask the administrator of this server.")
