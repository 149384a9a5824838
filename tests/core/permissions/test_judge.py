"""Whether a call may begin: a table, and what holds for every case whatever."""

from __future__ import annotations

import json
import random
import re

import msgspec
import pytest
from msgspec.structs import replace

from jupyter_copilot import protocol as p
from jupyter_copilot.core.permissions.judge import MODES, judge

from ...vectors import Case, cases, named
from ...vectors import permissions as vectors
from .table import TABLE, Row

RANDOM_CASES = 120_000
ORDER = ("allow", "ask", "refuse")


@pytest.mark.parametrize("row", TABLE, ids=lambda row: row.name)
def test_the_judge_decides_as_the_table_says(row: Row) -> None:
    verdict = judge(row.terms, row.rules, row.mode, row.asked, vectors.NOW)
    assert verdict.then == row.then
    assert [f"{each.code}:{each.about}".rstrip(":") for each in verdict.because] == row.why
    assert verdict.rule_id == row.rule_id


@pytest.mark.parametrize("case", cases("permissions"), ids=named)
def test_the_judge_is_what_the_vectors_say(case: Case) -> None:
    terms = msgspec.convert(case["terms"], p.Terms)
    rules = msgspec.convert(case["rules"], list[p.Rule])
    asked = msgspec.convert(case["asked"], p.Asked)
    verdict = judge(terms, rules, case["mode"], asked, case["now"])
    assert json.loads(p.encode(verdict)) == case["verdict"]


def test_the_vectors_are_those_of_the_table_and_the_judge() -> None:
    assert vectors.FILE.read_text(encoding="utf-8") == vectors.text()


def permitted(terms: p.Terms, rules: list[p.Rule], mode: str, asked: p.Asked) -> bool:
    """What nothing tighter forbids, said once more and in another way: each hurdle by itself."""
    if any(applies(term.match, asked) for term in terms.entries):
        return False
    if asked.effect == "read":
        return True
    locks = {(cell.lock, cell.changed) for cell in asked.cells}
    if asked.fetches or locks & {("locked", True), ("locked", False), ("read-only", True)}:
        return False
    allowed = {"plan", "ask", "auto_edit", "auto"} if terms.modes is None else set(terms.modes)
    order = ["plan", "ask", "auto_edit", "auto"]
    while mode in order and mode not in allowed:
        mode = order[order.index(mode) - 1] if mode != "plan" else "nothing is allowed"
    if mode == "yolo":
        mode = "ask" if "ask" in allowed else "plan"
    dangerous = asked.effect == "execute" and asked.dangers
    by_mode = mode == "auto" or (mode == "auto_edit" and asked.effect == "edit")
    if by_mode and not dangerous:
        return True
    if mode not in ("ask", "auto_edit", "auto") or not terms.rules:
        return False
    return any(lets_in(rule, asked) and (not dangerous or knows(rule, asked)) for rule in rules)


def applies(match: p.Match, asked: p.Asked) -> bool:
    given = {"tool": asked.tool, "server": asked.server, "path": asked.path, "agent": asked.agent_id}
    for name, value in given.items():
        pattern = getattr(match, name)
        if pattern is not None and re.match("^" + re.escape(pattern).replace(r"\*", "[^\n]*") + "$", value) is None:
            return False
    if match.effect is not None and match.effect != asked.effect:
        return False
    return match.danger is None or match.danger in asked.dangers


def says_the_code(rule: p.Rule, asked: p.Asked) -> bool:
    return {rule.scope.command} == set(asked.code)


def knows(rule: p.Rule, asked: p.Asked) -> bool:
    return says_the_code(rule, asked) if asked.code else bool(rule.scope.tool or rule.scope.server)


def lets_in(rule: p.Rule, asked: p.Asked) -> bool:
    scope = rule.scope
    said = [scope.effect, scope.tool, scope.server, scope.cells, scope.tags, scope.command, scope.pattern]
    if not any(said):
        return False
    if (rule.until or 9**9) <= vectors.NOW or (rule.uses or 9**9) <= rule.used:
        return False
    if rule.run_id not in (None, asked.run_id) or rule.thread_id not in (None, asked.thread_id):
        return False
    if rule.agents and asked.agent_id not in rule.agents:
        return False
    if rule.definitions.get(asked.tool) != asked.definition:
        return False
    wide = {None: "read edit execute", "execute": "read edit execute", "edit": "read edit", "read": "read"}
    if asked.effect not in wide[scope.effect] or scope.tool not in (None, asked.tool):
        return False
    if scope.server is not None and scope.server != asked.server:
        return False
    if (scope.cells or scope.tags) and not (
        asked.cells
        and all(not c.added and (c.cell_id in scope.cells or set(c.tags) & set(scope.tags)) for c in asked.cells)
    ):
        return False
    if scope.command is not None and not says_the_code(rule, asked):
        return False
    if scope.pattern is None:
        return True
    pattern = re.escape(scope.pattern).replace(r"\*", r"[\w.,:@%+-]*")
    return bool(asked.code) and all(re.fullmatch(pattern, code, re.ASCII) for code in asked.code)


def test_nothing_is_ever_allowed_that_the_tightest_forbids() -> None:
    allowed = 0
    for terms, rules, mode, asked in vectors.random_cases(1, RANDOM_CASES):
        verdict = judge(terms, rules, mode, asked, vectors.NOW)
        expected = permitted(terms, rules, mode, asked)
        assert (verdict.then == "allow") == expected, (terms, rules, mode, asked, verdict)
        assert (verdict.then == "allow") == (not verdict.because)
        allowed += expected and asked.effect != "read"
    assert allowed > RANDOM_CASES // 20, "the cases must be such that much is allowed"


def test_nothing_that_tightens_ever_widens() -> None:
    dice = random.Random(2)
    for terms, rules, mode, asked in vectors.random_cases(3, RANDOM_CASES // 4):
        before = ORDER.index(judge(terms, rules, mode, asked, vectors.NOW).then)
        tighter = [
            (replace(terms, entries=[*terms.entries, vectors.random_term(dice)]), rules, mode, asked),
            (replace(terms, rules=False), rules, mode, asked),
            (terms, rules[1:], mode, asked),
            (terms, [replace(rule, used=10) for rule in rules], mode, asked),
            (terms, rules, MODES[max(0, MODES.index(mode) - 1)] if mode in MODES else "plan", asked),
            (terms, rules, mode, replace(asked, dangers=[*asked.dangers, "network"])),
            (terms, rules, mode, replace(asked, fetches=True)),
            (terms, rules, mode, replace(asked, definition="another")),
        ]
        for each in tighter:
            assert ORDER.index(judge(*each, vectors.NOW).then) >= before, (each, terms, rules, mode)
