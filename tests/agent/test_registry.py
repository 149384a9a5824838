"""Who answers: each run is driven by the agent that it names, and recorded in that agent's name."""

from __future__ import annotations

from msgspec.structs import replace

from jupyter_copilot import protocol as p
from jupyter_copilot.core import state as s
from jupyter_copilot.testing import Answer
from jupyter_copilot.testing.agent import ECHO, EchoAgent
from jupyter_copilot.testing.model import call

from .stage import Stage, cell

CALL = "m1.r1.s1.a1.c1"


async def test_a_run_is_driven_by_the_agent_that_it_names_and_recorded_in_its_name() -> None:
    async with Stage(agents=[EchoAgent()]) as stage:
        await stage.post("hello", agent_id=ECHO)
        run = await stage.over()
        assert run.agent == EchoAgent.spec.actor
        assert {r.actor.name for r in stage.records if not isinstance(r.event, p.MessagePosted | p.RunQueued)} == {
            "Echo"
        }
        answer = stage.state.messages["m1.r1.s1.a1"]
        assert isinstance(answer, s.Complete) and answer.text == "hello"


async def test_two_agents_answer_side_by_side_each_in_its_thread() -> None:
    async with Stage("I am the copilot.", agents=[EchoAgent()]) as stage:
        await stage.do(p.CreateThread(thread_id=p.ThreadId("other"), title="Other"))
        await stage.post("hello", "m1")
        await stage.post("echo me", "m2", thread_id="other", agent_id=ECHO)
        mine, other = await stage.over("m1.r1"), await stage.over("m2.r1")
        assert mine.agent is None and mine.agent_id is None
        assert other.agent is not None and other.agent.id == ECHO


async def test_an_answer_that_is_tried_again_comes_from_the_same_agent_unless_another_is_named() -> None:
    async with Stage("Now the copilot.", agents=[EchoAgent()]) as stage:
        await stage.post("hello", agent_id=ECHO)
        await stage.over()
        await stage.do(p.RetryRun(run_id=p.RunId("m1.r1")))
        assert (await stage.over("m1.r2")).agent_id == ECHO
        await stage.do(p.RetryRun(run_id=p.RunId("m1.r2"), agent_id=p.COPILOT))
        assert (await stage.over("m1.r3")).agent_id == p.COPILOT


async def test_a_run_of_an_agent_that_is_not_offered_fails_and_names_those_that_are() -> None:
    async with Stage(agents=[EchoAgent()]) as stage:
        await stage.post("hello", agent_id="nobody")
        run = await stage.over()
        assert run.outcome == "failed" and run.error is not None
        assert run.error.code == "agent_unknown"
        assert run.error.hint == "Choose one of: Copilot, Echo."


async def test_a_run_whose_agent_is_gone_after_a_restart_ends_and_leaves_no_call_open() -> None:
    asks = Answer(calls=[call("run_cell", cell_id="a")])
    async with Stage(asks, cells=[cell("a")]) as first:
        await first.post("run it", agent_id=p.COPILOT)
        await first.asked(f"{CALL}.q")
    renamed = [_of(record, p.AgentId("gone")) for record in first.records]
    async with Stage(before=renamed, owner="second", cells=[cell("a")]) as second:
        run = await second.over()
        assert run.outcome == "failed" and run.error is not None and run.error.code == "agent_unknown"
        assert isinstance(second.state.confirmations[f"{CALL}.q"], s.Withdrawn)
        await second.idle()


def _of(record: p.Record, agent_id: p.AgentId) -> p.Record:
    """The record as of a run of another agent."""
    event = record.event
    return replace(record, event=replace(event, agent_id=agent_id)) if isinstance(event, p.RunQueued) else record
