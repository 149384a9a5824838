"""A guest's calls: proposed, decided by people, done, and taken back, as those of our own agent."""

from __future__ import annotations

import asyncio
from typing import Any

from jupyter_copilot import protocol as p
from jupyter_copilot.core import state as s
from jupyter_copilot.core.decide.guests import is_answered
from jupyter_copilot.core.model_context.transcript import AGAIN, outcome
from jupyter_copilot.ports.notebook import version_of
from jupyter_copilot.testing import ScriptedRun

from ...builders import BOB, GUEST, GUESTS, admit, ask, guest_of
from ..stage import Stage, cell, operations

CALL = "r1.r1.s1.a1.c1"


class Visit(Stage):
    """A stage with a guest."""

    async def __aenter__(self) -> Visit:
        await super().__aenter__()
        if GUEST not in self.state.guests:
            await self.do(admit())
        self.guest = guest_of(self.state)
        return self

    async def call(self, request_id: str, tool: str, **args: Any) -> None:
        await self.do(ask(request_id, tool, **args), self.guest)

    async def answered(self, request_id: str) -> str:
        """Wait until nothing is left to happen to a request; what the guest is told."""

        def is_over(state: s.RoomState) -> bool:
            found = s.request_of(state, request_id)
            return found is not None and is_answered(state, *found)

        await self.until(is_over)
        found = s.request_of(self.state, request_id)
        assert found is not None
        run, step = found
        calls = s.step_calls(self.state, run.run_id, step)
        return "\n".join(outcome(self.state, call)[0] for call in calls if not call.call_id.endswith(AGAIN))


def edit(text: str) -> dict[str, str]:
    return {"cell_id": "a", "expected_version": version_of("x = 1"), "source": text}


async def test_a_read_is_done_at_once_and_recorded_in_the_guests_name() -> None:
    async with Visit(cells=[cell("a", "x = 1")]) as visit:
        await visit.call("r1", "read_notebook")
        assert "x = 1" in await visit.answered("r1")
        run = visit.state.runs["r1.r1"]
        assert isinstance(run, s.Running) and run.agent == visit.guest
        proposed = next(r for r in visit.records if isinstance(r.event, p.CallProposed))
        assert proposed.actor.name == "Claude Code, guest of Alice"
        assert visit.state.calls[CALL].thread_id == GUESTS


async def test_an_edit_waits_for_people_and_is_made_as_they_approved_it() -> None:
    async with Visit(cells=[cell("a", "x = 1")]) as visit:
        await visit.call("r1", "edit_cell", **edit("x = 2"))
        await visit.asked(f"{CALL}.q")
        assert visit.notebook.cells[0].source == "x = 1"
        await visit.decide(f"{CALL}.q", by=BOB, comment="fine")
        told = await visit.answered("r1")
        assert visit.notebook.cells[0].source == "x = 2"
        assert "Bob" in told and "fine" in told


async def test_a_denial_is_told_with_who_and_why() -> None:
    async with Visit(cells=[cell("a", "x = 1")]) as visit:
        await visit.call("r1", "edit_cell", **edit("x = 2"))
        await visit.asked(f"{CALL}.q")
        await visit.decide(f"{CALL}.q", p.DENY, by=BOB, comment="Use y instead.")
        assert await visit.answered("r1") == "Bob denied this: “Use y instead.”"
        assert visit.notebook.cells[0].source == "x = 1"


async def test_while_people_think_about_one_call_others_are_made_in_the_same_run() -> None:
    async with Visit(cells=[cell("a", "x = 1")]) as visit:
        await visit.call("r1", "edit_cell", **edit("x = 2"))
        await visit.asked(f"{CALL}.q")
        await visit.call("r2", "read_notebook")
        assert "x = 1" in await visit.answered("r2")
        await visit.call("r3", "insert_cell", after="a", source="y = 1")
        await visit.asked(f"{CALL}.q", "r1.r1.s3.a1.c1.q")
        await visit.decide("r1.r1.s3.a1.c1.q")
        await visit.answered("r3")
        assert [each.source for each in visit.notebook.cells] == ["x = 1", "y = 1"]
        assert len(visit.state.runs) == 1


async def test_calls_of_one_request_are_proposed_together() -> None:
    async with Visit(cells=[cell("a", "x = 1")]) as visit:
        calls = [
            p.RequestedCall(tool="edit_cell", args=edit("x = 2")),
            p.RequestedCall(tool="insert_cell", args={"after": "a", "source": "y = x"}),
        ]
        await visit.do(p.RequestCalls(request_id="r1", calls=calls), visit.guest)
        await visit.until(lambda state: len(state.calls) == 2)
        assert {call.message_id for call in visit.state.calls.values()} == {"r1.r1.s1.a1"}


async def test_what_is_taken_back_while_people_think_is_not_done() -> None:
    async with Visit(cells=[cell("a", "x = 1")]) as visit:
        await visit.call("r1", "edit_cell", **edit("x = 2"))
        await visit.asked(f"{CALL}.q")
        await visit.do(p.WithdrawRequest(request_id="r1"), visit.guest)
        assert "went away" in await visit.answered("r1")
        assert isinstance(visit.state.confirmations[f"{CALL}.q"], s.Withdrawn)
        assert operations(visit.notebook, "apply") == []


async def test_a_run_without_open_calls_is_over_a_moment_later() -> None:
    async with Visit(cells=[cell("a", "x = 1")]) as visit:
        await visit.call("r1", "read_notebook")
        await visit.answered("r1")
        assert isinstance(visit.state.runs["r1.r1"], s.Running)
        while not isinstance(visit.state.runs["r1.r1"], s.Finished):
            visit.manual.advance(0.1)
            await asyncio.sleep(0)
        await visit.call("r2", "read_notebook")
        await visit.answered("r2")
        assert "r2.r1" in visit.state.runs


async def test_somebodys_message_in_the_guests_thread_does_not_wait_for_a_quiet_run() -> None:
    async with Visit("Hello.", cells=[cell("a", "x = 1")]) as visit:
        await visit.call("r1", "read_notebook")
        await visit.answered("r1")
        await visit.post(thread_id=GUESTS)
        await visit.over()


async def test_a_run_that_people_stop_settles_what_the_guest_waits_for() -> None:
    async with Visit(cells=[cell("a", "x = 1")]) as visit:
        await visit.call("r1", "edit_cell", **edit("x = 2"))
        await visit.asked(f"{CALL}.q")
        await visit.do(p.CancelRun(run_id=p.RunId("r1.r1")))
        assert "Stopped by Alice" in await visit.answered("r1")


async def test_a_guest_that_may_only_read_has_no_tool_that_acts_or_asks() -> None:
    async with Visit(cells=[cell("a", "x = 1")]) as visit:
        await visit.do(admit("g2", scope="read"))
        reader = guest_of(visit.state, "g2")
        await visit.do(ask("r9", "edit_cell", **edit("x = 2")), reader)
        told = await visit.answered("r9")
        assert "There is no tool 'edit_cell'" in told and "read_notebook" in told
        assert not visit.state.confirmations


async def test_after_a_crash_between_intent_and_result_the_call_is_in_doubt_and_people_are_asked() -> None:
    async with Visit(cells=[cell("a", "1 / 0")], runs=[ScriptedRun(cell_id="a")]) as visit:
        await visit.call("r1", "run_cell", cell_id="a")
        await visit.asked(f"{CALL}.q")
        await visit.decide(f"{CALL}.q")
        await visit.answered("r1")
        begun = next(n for n, r in enumerate(visit.records) if isinstance(r.event, p.CallStarted))
        before = visit.records[: begun + 1]
    later = Visit(cells=[cell("a", "1 / 0")], runs=[ScriptedRun(cell_id="a")], before=before)
    async with later as again:
        await again.until(lambda state: isinstance(state.calls.get(CALL), s.CallDoubtful))
        found = s.request_of(again.state, "r1")
        assert found is not None and not is_answered(again.state, *found)
        await again.decide(f"{CALL}.again", "run_again")
        told = await again.answered("r1")
        assert "not known whether this took effect" in told and "the second time" in told
        assert operations(again.notebook, "run") == ["run"]
