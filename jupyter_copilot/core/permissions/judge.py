"""Whether a call may begin: the tightest of what the administrator lays down, the cells' locks, the thread's mode and
the room's rules.

The browser judges the same (`core/permissions/judge.ts`); both run the vectors in `tests/vectors/permissions.json`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator

from ... import protocol as p
from .patterns import fits_command, fits_name, is_command

MODES: tuple[p.Mode, ...] = ("plan", "ask", "auto_edit", "auto")
"""From the tightest to the widest."""
_EFFECTS: tuple[p.Effect, ...] = ("read", "edit", "execute")


def judge(terms: p.Terms, rules: Iterable[p.Rule], mode: str, asked: p.Asked, now: int) -> p.Verdict:
    """What becomes of a call. A rule lifts only what the mode asks for; only the most explicit one lifts a danger.

    `now` is in unix ms. What is refused is refused whatever else there is, and what asks is allowed by no rule where
    the administrator wants it asked, or where drawing it may fetch something.
    """
    mode = tightest_mode(terms, mode)
    refused = [*_locked(asked), *_of_terms(terms, asked, "refuse"), *_not_in_a_plan(mode, asked)]
    if refused:
        return p.Verdict(then="refuse", because=refused)
    firm = [*_of_terms(terms, asked, "ask"), *_fetching(asked)]
    dangers = [p.Reason(code="danger", about=danger) for danger in _dangers(asked)]
    by_mode = _asked_by_mode(mode, asked)
    if not (firm or dangers or by_mode):
        return p.Verdict(then="allow")
    rule = first_fitting(terms, rules, asked, now)
    if rule is not None and not firm:
        return p.Verdict(then="allow", rule_id=rule.rule_id)
    return p.Verdict(then="ask", because=[*firm, *dangers, *by_mode])


def first_fitting(terms: p.Terms, rules: Iterable[p.Rule], asked: p.Asked, now: int) -> p.Rule | None:
    """The oldest rule that lets this in, as far as rules may."""
    return next((rule for rule in rules if lets_in(terms, rule, asked, now)), None)


def lets_in(terms: p.Terms, rule: p.Rule, asked: p.Asked, now: int) -> bool:
    """Whether a rule is in force for this call and covers it, its dangers included."""
    return (
        terms.rules
        and is_in_force(rule, now)
        and (not rule.agents or asked.agent_id in rule.agents)
        and rule.run_id in (None, asked.run_id)
        and rule.thread_id in (None, asked.thread_id)
        and rule.definitions.get(asked.tool) == asked.definition
        and covers(rule.scope, asked)
        and (not _dangers(asked) or is_explicit(rule.scope, asked))
    )


def is_in_force(rule: p.Rule, now: int) -> bool:
    """Whether neither its time is over nor its uses are spent."""
    return (rule.until is None or now < rule.until) and (rule.uses is None or rule.used < rule.uses)


def covers(scope: p.RuleScope, asked: p.Asked) -> bool:
    """Whether a call fits every field of the scope that is set; one of which none is set covers nothing."""
    return not is_empty(scope) and all(
        (
            scope.effect is None or _EFFECTS.index(asked.effect) <= _EFFECTS.index(scope.effect),
            scope.tool is None or scope.tool == asked.tool,
            scope.server is None or scope.server == asked.server,
            not (scope.cells or scope.tags) or _within(scope, asked),
            scope.command is None or _runs_only(is_command, scope.command, asked),
            scope.pattern is None or _runs_only(fits_command, scope.pattern, asked),
        )
    )


def is_empty(scope: p.RuleScope) -> bool:
    """Whether no field is set."""
    return scope == p.RuleScope()


def is_explicit(scope: p.RuleScope, asked: p.Asked) -> bool:
    """Whether a scope names the very code, or the tool or the MCP server of a call without any: its grantor knew."""
    return scope.command is not None if asked.code else scope.tool is not None or bool(scope.server)


def tightest_mode(terms: p.Terms, mode: str) -> p.Mode:
    """The mode that counts: one that is not known asks, and one that is not allowed gives way to a tighter one."""
    known = next((each for each in MODES if each == mode), "ask")
    allowed = [each for each in MODES if terms.modes is None or each in terms.modes]
    within = [each for each in allowed if MODES.index(each) <= MODES.index(known)]
    return within[-1] if within else "plan"


def _within(scope: p.RuleScope, asked: p.Asked) -> bool:
    """Whether the call concerns cells at all, and each of them is named or tagged."""
    return bool(asked.cells) and all(
        not cell.added and (cell.cell_id in scope.cells or any(tag in scope.tags for tag in cell.tags))
        for cell in asked.cells
    )


def _runs_only(fits: Callable[[str, str], bool], wanted: str, asked: p.Asked) -> bool:
    return bool(asked.code) and all(fits(wanted, code) for code in asked.code)


def _of_terms(terms: p.Terms, asked: p.Asked, then: str) -> Iterator[p.Reason]:
    for term in terms.entries:
        if term.then == then and matches(term.match, asked):
            yield p.Reason(code="terms", about=term.because)
    for decider in terms.deciders if then == "ask" else ():
        if matches(decider.match, asked):
            yield p.Reason(code="terms", about=decider.because)


def matches(match: p.Match, asked: p.Asked) -> bool:
    """Whether an entry of the administrator's is about this call."""
    return (
        match.effect in (None, asked.effect)
        and (match.tool is None or fits_name(match.tool, asked.tool))
        and (match.server is None or fits_name(match.server, asked.server))
        and (match.path is None or fits_name(match.path, asked.path))
        and (match.danger is None or match.danger in asked.dangers)
        and (match.agent is None or fits_name(match.agent, asked.agent_id))
    )


def _locked(asked: p.Asked) -> Iterator[p.Reason]:
    for cell in asked.cells:
        if asked.effect != "read" and (cell.lock == "locked" or (cell.lock == "read-only" and cell.changed)):
            yield p.Reason(code=cell.lock, about=cell.cell_id)


def _not_in_a_plan(mode: p.Mode, asked: p.Asked) -> list[p.Reason]:
    return [p.Reason(code="plan")] if mode == "plan" and asked.effect != "read" else []


def _fetching(asked: p.Asked) -> list[p.Reason]:
    return [p.Reason(code="fetches")] if asked.fetches and asked.effect != "read" else []


def _dangers(asked: p.Asked) -> list[p.Danger]:
    """Code is dangerous when it runs: text that is only written is looked at when somebody wants to run it."""
    return asked.dangers if asked.effect == "execute" else []


def _asked_by_mode(mode: p.Mode, asked: p.Asked) -> list[p.Reason]:
    asks = {"plan": "edit", "ask": "edit", "auto_edit": "execute", "auto": None}[mode]
    is_asked = asks is not None and _EFFECTS.index(asked.effect) >= _EFFECTS.index(asks)
    return [p.Reason(code="mode", about=mode)] if is_asked else []
