"""Rules and modes at work: what begins without asking, on whose word, and what asks all the same."""

from __future__ import annotations

import asyncio
import random
from typing import Any

import pytest
from msgspec.structs import replace

from jupyter_copilot import protocol as p
from jupyter_copilot.core import state as s
from jupyter_copilot.core.decide.rules import rules_without_right
from jupyter_copilot.ports.notebook import Cell, version_of
from jupyter_copilot.protocol.errors import Rejected
from jupyter_copilot.testing import Answer, ScriptedRun
from jupyter_copilot.testing.model import call
from jupyter_copilot.tools.builtin.plans.propose_plan import ProposePlanTool

from ..builders import ALICE, ALL, BOB, KERNEL
from ..soak import rounds
from .stage import Stage, Tools, cell, real_tools

RUN_A = Answer(calls=[call("run_cell", cell_id="a")])
RUN_B = Answer(calls=[call("run_cell", cell_id="b")])
EXECUTE = p.RuleScope(effect="execute")
EDITS = p.RuleScope(effect="edit")
CELLS = [cell("a", "x = 1"), cell("b", "y = 2")]
RULE = p.RuleId("rule-1")


def ran(*cell_ids: str) -> list[ScriptedRun]:
    return [ScriptedRun(cell_id=each) for each in cell_ids]


def grant(scope: p.RuleScope = EXECUTE, rule_id: str = RULE, **fields: Any) -> p.Grant:
    return p.Grant(rule_id=p.RuleId(rule_id), scope=scope, **fields)


def edit(cell_id: str, source: str, before: str) -> Answer:
    return Answer(calls=[call("edit_cell", cell_id=cell_id, expected_version=version_of(before), source=source)])


def of(stage: Stage, kind: type) -> list[Any]:
    return [event for event in stage.events if isinstance(event, kind)]


async def test_one_decision_lets_the_rest_of_an_answer_run() -> None:
    both = Answer(calls=[*RUN_A.calls, *RUN_B.calls])
    async with Stage(both, RUN_A, "Done.", cells=CELLS, runs=ran("a", "b", "a")) as stage:
        run_id = await stage.post()
        await stage.asked("m1.r1.s1.a1.c1.q", "m1.r1.s1.a1.c2.q")
        await stage.decide("m1.r1.s1.a1.c1.q", grant=grant(run_id=run_id, agents=[p.COPILOT]))
        await stage.over()
        second = stage.state.confirmations["m1.r1.s1.a1.c2.q"]
        third = stage.state.calls["m1.r1.s2.a1.c1"]
    assert isinstance(second, s.Decided) and (second.rule_id, second.by) == (RULE, ALICE)
    assert third.allowed_by == p.RuleUse(rule_id=RULE, granted_by=ALICE) and third.confirmation_id is None
    assert of(stage, p.RuleUsed) == [p.RuleUsed(rule_id=RULE, call_id=third.call_id)]
    assert stage.state.rules == {}, "a rule of an answer ends with it"


async def test_a_rule_in_advance_counts_its_uses_and_ends_with_the_last() -> None:
    async with Stage(RUN_A, RUN_B, RUN_A, "Done.", cells=CELLS, runs=ran("a", "b", "a")) as stage:
        await stage.do(p.GrantRule(grant=grant(uses=2)), by=BOB)
        await stage.post()
        await stage.asked("m1.r1.s3.a1.c1.q")
        assert stage.state.rules == {} and len(of(stage, p.RuleUsed)) == 2
        await stage.decide("m1.r1.s3.a1.c1.q")
        await stage.over()


async def test_a_rule_that_is_revoked_while_calls_wait_lets_none_begin() -> None:
    """The second call was let in when it was proposed, and asks when its turn comes."""
    gate = asyncio.Event()
    both = Answer(calls=[*RUN_A.calls, *RUN_B.calls])
    runs = [ScriptedRun(cell_id="a", until=gate), ScriptedRun(cell_id="b")]
    async with Stage(both, "Done.", cells=CELLS, runs=runs) as stage:
        await stage.do(p.GrantRule(grant=grant()))
        await stage.post()
        await stage.until(lambda state: isinstance(state.calls.get("m1.r1.s1.a1.c1"), s.CallRunning))
        assert "m1.r1.s1.a1.c2.q" not in stage.state.confirmations
        await stage.do(p.EndRule(rule_id=RULE), by=BOB)
        gate.set()
        await stage.asked("m1.r1.s1.a1.c2.q")
        assert isinstance(stage.state.calls["m1.r1.s1.a1.c2"], s.CallProposal)
        await stage.decide("m1.r1.s1.a1.c2.q")
        await stage.over()


@pytest.mark.soak
@pytest.mark.parametrize("seed", range(rounds(60, 1_500)))
async def test_no_call_begins_by_a_rule_after_the_commit_that_ends_it(seed: int) -> None:
    dice = random.Random(seed)
    names = iter([f"c{n}" for n in range(12)])
    answers = [
        Answer(calls=[call("run_cell", cell_id=next(names)) for _ in range(dice.choice([1, 2]))]) for _ in range(6)
    ]
    order = [str((request.args or {})["cell_id"]) for answer in answers for request in answer.calls]
    cells = [cell(name, f"{name} = 1") for name in order]
    async with Stage(*answers, "Done.", cells=cells, runs=ran(*order)) as stage:
        await stage.do(p.GrantRule(grant=grant()))
        await stage.post()
        for _ in range(dice.randrange(120)):
            await asyncio.sleep(0)
        if RULE in stage.state.rules:
            await stage.do(p.EndRule(rule_id=RULE), by=BOB)
        while not isinstance(stage.state.runs["m1.r1"], s.Finished):
            for opened in list(s.open_confirmations(stage.state)):
                await stage.decide(opened.confirmation_id)
            await asyncio.sleep(0)
        ends = [n for n, event in enumerate(stage.events) if isinstance(event, p.RuleEnded)]
        starts = [
            (n, event.call_id)
            for n, event in enumerate(stage.events)
            if isinstance(event, p.CallStarted) and isinstance(stage.events[n - 1], p.RuleUsed)
        ]
        calls = stage.state.calls
    assert all(n < min(ends, default=10**9) for n, _ in starts)
    by_rule = {call_id for call_id, each in calls.items() if each.allowed_by is not None}
    assert by_rule == {call_id for _, call_id in starts}
    decided = {each.call_id for each in stage.state.confirmations.values() if isinstance(each, s.Decided)}
    assert by_rule | decided == set(calls), "every run was on somebody's word"


async def test_dangerous_code_asks_in_spite_of_a_rule_and_the_card_says_why() -> None:
    async with Stage(RUN_A, "Done.", cells=[cell("a", "!rm -rf data")], runs=ran("a")) as stage:
        await stage.do(p.GrantRule(grant=grant()))
        await stage.post()
        await stage.asked("m1.r1.s1.a1.c1.q")
        assert (
            "Look twice: as far as can be read, this deletes files"
            in stage.state.confirmations["m1.r1.s1.a1.c1.q"].body
        )
        await stage.decide("m1.r1.s1.a1.c1.q")
        await stage.over()


async def test_a_rule_for_the_very_command_lets_its_danger_in() -> None:
    scope = p.RuleScope(command="!rm -rf data")
    async with Stage(RUN_A, "Done.", cells=[cell("a", "!rm -rf data")], runs=ran("a")) as stage:
        await stage.do(p.GrantRule(grant=grant(scope)))
        await stage.post()
        await stage.over()
        assert not stage.state.confirmations


async def test_what_fetches_asks_in_spite_of_a_rule_and_of_auto() -> None:
    text = "![](https://h.example/x.png)"
    shown = Cell(cell_id="t", cell_type="markdown", source="Hi")
    change = call("edit_cell", cell_id="t", expected_version=shown.version, source=text)
    async with Stage(Answer(calls=[change]), "Done.", cells=[shown]) as stage:
        await stage.do(p.GrantRule(grant=grant(EDITS)))
        await stage.do(p.SetMode(thread_id=p.MAIN_THREAD, mode="auto"))
        await stage.do(p.GrantRule(grant=grant(EDITS, "rule-2")))
        await stage.post()
        await stage.asked("m1.r1.s1.a1.c1.q")
        assert "h.example" in stage.state.confirmations["m1.r1.s1.a1.c1.q"].body
        await stage.decide("m1.r1.s1.a1.c1.q", option=p.DENY)
        await stage.over()


async def test_a_changed_mode_ends_the_rules_of_its_thread() -> None:
    async with Stage() as stage:
        await stage.do(p.GrantRule(grant=grant(thread_id=p.MAIN_THREAD)))
        await stage.do(p.GrantRule(grant=grant(rule_id="everywhere")))
        await stage.do(p.SetMode(thread_id=p.MAIN_THREAD, mode="ask"))
        assert set(stage.state.rules) == {RULE, "everywhere"}, "the same mode is no other one"
        await stage.do(p.SetMode(thread_id=p.MAIN_THREAD, mode="auto_edit"))
        assert set(stage.state.rules) == {"everywhere"}


async def test_a_changed_tool_ends_the_rules_that_covered_it() -> None:
    tools = real_tools()
    async with Stage(RUN_A, "Done.", cells=CELLS, runs=ran("a"), tools=tools) as stage:
        await stage.do(p.GrantRule(grant=grant()))
        runs: Any = tools.get("run_cell")
        runs.description = "Run anything at all."
        try:
            await stage.post()
            await stage.asked("m1.r1.s1.a1.c1.q")
            assert of(stage, p.RuleEnded) == [p.RuleEnded(rule_id=RULE, reason="tool", about="run_cell")]
            await stage.decide("m1.r1.s1.a1.c1.q")
            await stage.over()
        finally:
            del runs.description


async def test_who_loses_the_right_loses_the_rules_and_the_mode() -> None:
    async with Stage() as stage:
        await stage.do(p.GrantRule(grant=grant()))
        await stage.do(p.GrantRule(grant=grant(EDITS, "edits")))
        await stage.do(p.GrantRule(grant=grant(rule_id="bobs")), by=BOB)
        await stage.do(p.SetMode(thread_id=p.MAIN_THREAD, mode="auto"))
        rights: frozenset[p.Right] = frozenset({"read", "write", "decide"})
        await stage.room.record(lambda state, now: rules_without_right(state, ALICE, rights), p.SERVER)
        assert set(stage.state.rules) == {"edits", "bobs"} and stage.state.threads["main"].mode == "ask"
        await stage.room.record(lambda state, now: rules_without_right(state, ALICE, frozenset()), p.SERVER)
        assert set(stage.state.rules) == {"bobs"}


async def test_a_rule_ends_when_its_time_is_up_whether_anybody_is_there_or_not() -> None:
    async with Stage() as stage:
        await stage.do(p.GrantRule(grant=grant(for_s=3600)))
        stage.manual.advance(3599)
        assert RULE in stage.state.rules
        stage.manual.advance(2)
        await stage.until(lambda state: not state.rules)
        assert of(stage, p.RuleEnded) == [p.RuleEnded(rule_id=RULE, reason="time")]


async def test_nobody_but_people_grants_and_only_what_exists() -> None:
    async with Stage() as stage:
        for actor in (KERNEL, p.AGENT, replace(KERNEL, kind="guest")):
            with pytest.raises(Rejected) as error:
                await stage.room.submit(p.GrantRule(grant=grant()), actor, ALL, p.CommandId(f"by-{actor.kind}"))
            assert error.value.code == "forbidden"
        for scope in (p.RuleScope(), p.RuleScope(tool="no_such_tool")):
            with pytest.raises(Rejected) as error:
                await stage.do(p.GrantRule(grant=grant(scope)))
            assert error.value.code == "invalid_args"
        assert not stage.state.rules


async def test_the_administrator_allows_no_rules_and_no_auto() -> None:
    async with Stage() as stage:
        stage.terms = p.Terms(
            rules=False, modes=["plan", "ask"], because={"rules": "This is an exam.", "modes": "Exam."}
        )
        for command in (p.GrantRule(grant=grant()), p.SetMode(thread_id=p.MAIN_THREAD, mode="auto")):
            with pytest.raises(Rejected) as error:
                await stage.do(command)
            assert error.value.code == "forbidden" and "xam" in error.value.hint


async def test_terms_that_are_laid_down_later_count_for_calls_that_wait() -> None:
    async with Stage(RUN_A, "Done.", cells=CELLS) as stage:
        await stage.post()
        await stage.asked("m1.r1.s1.a1.c1.q")
        stage.terms = p.Terms(entries=[p.Term(match=p.Match(effect="execute"), then="refuse", because="Exam time.")])
        await stage.decide("m1.r1.s1.a1.c1.q")
        done = await stage.settled("m1.r1.s1.a1.c1")
        await stage.over()
    assert done.is_error and "Exam time." in done.result.text


async def test_plan_reads_and_refuses_the_rest() -> None:
    async with Stage(Answer(calls=[call("read_notebook"), *RUN_A.calls]), "A plan.", cells=CELLS) as stage:
        await stage.do(p.SetMode(thread_id=p.MAIN_THREAD, mode="plan"))
        await stage.post()
        await stage.over()
        assert not stage.state.confirmations
        assert "Plan mode" in stage.results()[-1] and "propose_plan" in stage.results()[-1]


STEPS = [{"do": "Look at the data.", "effect": "read"}, {"do": "Run both cells.", "effect": "execute"}]
PLAN = Answer(calls=[call("propose_plan", title="Run it all", steps=STEPS)])


async def test_a_plan_is_one_decision_and_its_approval_may_grant_its_steps() -> None:
    tools = real_tools(ProposePlanTool())
    async with Stage(PLAN, RUN_A, RUN_B, "Done.", cells=CELLS, runs=ran("a", "b"), tools=tools) as stage:
        await stage.do(p.SetMode(thread_id=p.MAIN_THREAD, mode="plan"))
        run_id = await stage.post()
        await stage.asked("m1.r1.s1.a1.c1.q")
        shown = stage.state.confirmations["m1.r1.s1.a1.c1.q"]
        assert (shown.title, shown.body) == ("Plan: Run it all", "1. Look at the data.\n2. Run both cells. (runs code)")
        await stage.decide("m1.r1.s1.a1.c1.q", grant=grant(run_id=run_id))
        await stage.over()
        assert [type(each) for each in stage.state.confirmations.values()] == [s.Decided]
        assert stage.state.threads["main"].mode == "ask" and stage.state.rules == {}
        assert len(of(stage, p.RuleUsed)) == 2 and "needs no approval until this answer ends" in stage.results()[0]


async def test_a_plan_that_is_approved_by_itself_asks_for_each_step_and_a_denied_one_stays_a_plan() -> None:
    tools = real_tools(ProposePlanTool())
    async with Stage(PLAN, PLAN, RUN_A, "Done.", cells=CELLS, runs=ran("a"), tools=tools) as stage:
        await stage.do(p.SetMode(thread_id=p.MAIN_THREAD, mode="plan"))
        await stage.post()
        await stage.asked("m1.r1.s1.a1.c1.q")
        await stage.decide("m1.r1.s1.a1.c1.q", option=p.DENY, comment="Only cell a.")
        await stage.asked("m1.r1.s2.a1.c1.q")
        assert stage.state.threads["main"].mode == "plan" and "Only cell a." in stage.results()[0]
        await stage.decide("m1.r1.s2.a1.c1.q")
        await stage.asked("m1.r1.s3.a1.c1.q")
        assert stage.state.threads["main"].mode == "ask" and "decide on each" in stage.results()[1]
        await stage.decide("m1.r1.s3.a1.c1.q")
        await stage.over()


async def test_a_plan_grants_no_more_than_it_says_and_for_no_longer_than_its_answer() -> None:
    edits = Answer(calls=[call("propose_plan", title="Edit", steps=[{"do": "Edit a.", "effect": "edit"}])])
    async with Stage(edits, "Done.", cells=CELLS, tools=real_tools(ProposePlanTool())) as stage:
        run_id = await stage.post()
        await stage.asked("m1.r1.s1.a1.c1.q")
        for too_much in (grant(run_id=run_id), grant(EDITS), grant(p.RuleScope(tool="run_cell"), run_id=run_id)):
            with pytest.raises(Rejected) as error:
                await stage.decide("m1.r1.s1.a1.c1.q", grant=too_much)
            assert "more than the plan" in error.value.message
        await stage.decide("m1.r1.s1.a1.c1.q", grant=grant(EDITS, run_id=run_id))
        await stage.over()


async def test_auto_lasts_for_one_answer() -> None:
    async with Stage(RUN_A, "Done.", RUN_A, "Done.", cells=CELLS, runs=ran("a", "a")) as stage:
        await stage.do(p.SetMode(thread_id=p.MAIN_THREAD, mode="auto"))
        await stage.post()
        await stage.over()
        assert not stage.state.confirmations and stage.state.threads["main"].mode == "ask"
        await stage.post(message_id="m2")
        await stage.asked("m2.r1.s1.a1.c1.q")
        await stage.decide("m2.r1.s1.a1.c1.q")
        await stage.over("m2.r1")


async def test_auto_for_a_time_asks_when_it_is_over() -> None:
    async with Stage(RUN_A, "Done.", cells=CELLS, runs=ran("a")) as stage:
        await stage.do(p.SetMode(thread_id=p.MAIN_THREAD, mode="auto", for_s=60))
        stage.manual.advance(61)
        await stage.until(lambda state: state.threads["main"].mode == "ask")
        await stage.post()
        await stage.asked("m1.r1.s1.a1.c1.q")
        await stage.decide("m1.r1.s1.a1.c1.q")
        await stage.over()


async def test_a_mode_that_gets_tighter_counts_for_what_waits_its_turn() -> None:
    gate = asyncio.Event()
    both = Answer(calls=[*RUN_A.calls, *edit("b", "y = 3", "y = 2").calls])
    async with Stage(both, "Done.", cells=CELLS, runs=[ScriptedRun(cell_id="a", until=gate)]) as stage:
        await stage.do(p.SetMode(thread_id=p.MAIN_THREAD, mode="auto", for_s=60))
        await stage.post()
        await stage.until(lambda state: isinstance(state.calls.get("m1.r1.s1.a1.c1"), s.CallRunning))
        await stage.do(p.SetMode(thread_id=p.MAIN_THREAD, mode="ask"))
        gate.set()
        await stage.asked("m1.r1.s1.a1.c2.q")
        await stage.decide("m1.r1.s1.a1.c2.q")
        await stage.over()


def test_tools_of_the_stage_have_kinds() -> None:
    assert isinstance(real_tools(), Tools) and "run_cell" in real_tools().kinds()
