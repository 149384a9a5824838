"""What an agent of others says and asks, as records of the room."""

from __future__ import annotations

import asyncio
from pathlib import Path

from jupyter_copilot import protocol as p
from jupyter_copilot.core import state as s

from ...builders import BOB
from ..stage import cell
from .stage import AcpStage, effects


async def test_words_thoughts_a_plan_and_tokens_are_records() -> None:
    async with AcpStage() as stage:
        await stage.tell("think Hm.; plan Look,Plot; say Hello; say there.")
        run = await stage.over()
        assert run.outcome == "success" and run.agent is not None and run.agent.name == "Fake"
        assert stage.text() == "Hellothere."
        assert [m.reasoning for m in stage.state.messages.values() if isinstance(m, s.Complete)] == ["Hm."]
        assert [entry.content for entry in run.plan] == ["Look", "Plot"]
        assert run.usage.prompt == 20 and run.usage.completion == 10


async def test_what_it_asks_is_a_shared_confirmation_and_it_is_answered_after_the_commit(tmp_path: Path) -> None:
    marks = tmp_path / "effects"
    async with AcpStage("--effects", str(marks), cells=[cell("a")]) as stage:
        await stage.tell("ask execute make-it")
        opened = await stage.opened()
        assert (
            opened.title == "make-it"
            and opened.schema is not None
            and opened.schema["properties"] == {}
            and opened.policy.right == "execute"
        )
        assert not effects(marks)
        await stage.decide(opened.confirmation_id, by=BOB, comment="go")
        await stage.over()
        (call,) = stage.calls()
        assert isinstance(call, s.CallDone) and call.result.text == "did make-it" and call.adapter == "acp"
        assert effects(marks) == ["make-it"]
        kinds = stage.kinds()
        assert kinds.index("ConfirmationDecided") < kinds.index("CallStarted") < kinds.index("CallFinished")


async def test_a_denial_is_the_one_for_once_and_its_comment_comes_with_the_next_prompt(tmp_path: Path) -> None:
    marks = tmp_path / "effects"
    async with AcpStage("--effects", str(marks)) as stage:
        await stage.tell("ask execute make-it; say on.")
        await stage.decide((await stage.opened()).confirmation_id, p.DENY, by=BOB, comment="Use make.")
        await stage.over()
        (call,) = stage.calls()
        assert isinstance(call, s.CallDone) and call.denied
        assert stage.text() == "not allowed: non."
        assert not effects(marks)
        await stage.tell("told", "m2")
        await stage.over("m2.r1")
        assert "“make-it”: Use make." in stage.text("m2.r1")


async def test_what_it_does_unasked_is_recorded_so() -> None:
    async with AcpStage() as stage:
        await stage.tell("unasked read look; unasked execute rm")
        await stage.over()
        look, rm = stage.calls()
        assert isinstance(look, s.CallDone) and look.effect == "read"
        assert isinstance(rm, s.CallDone) and rm.effect == "execute"
        assert rm.adapter == "acp" and rm.confirmation_id is None and rm.allowed_by is None
        assert rm.result.text == "did rm"


async def test_one_that_asks_after_it_was_seen_to_begin_is_asked_about() -> None:
    async with AcpStage() as stage:
        await stage.tell("askwhilerunning late")
        await stage.decide((await stage.opened()).confirmation_id)
        await stage.over()
        first, second = stage.calls()
        assert isinstance(first, s.CallDone) and first.confirmation_id is None
        assert isinstance(second, s.CallDone) and second.result.text == "did late"


async def test_four_people_decide_at_once_and_one_wins(tmp_path: Path) -> None:
    marks = tmp_path / "effects"
    async with AcpStage("--effects", str(marks)) as stage:
        await stage.tell("ask execute once")
        opened = await stage.opened()
        tries = [stage.decide(opened.confirmation_id) for _ in range(4)]
        results = await asyncio.gather(*tries, return_exceptions=True)
        assert sorted(getattr(result, "code", "won") for result in results) == ["already_decided"] * 3 + ["won"]
        await stage.over()
        assert effects(marks) == ["once"]


async def test_stop_ends_it_at_once_in_the_log_and_the_agent_soon_after() -> None:
    async with AcpStage() as stage:
        await stage.tell("say a; ask execute x; say b")
        opened = await stage.opened()
        await stage.do(p.CancelRun(run_id=p.RunId("m1.r1")), BOB)
        run = await stage.over()
        assert run.outcome == "cancelled"
        assert isinstance(stage.state.confirmations[opened.confirmation_id], s.Withdrawn)
        await stage.tell("recall", "m2")
        assert (await stage.over("m2.r1")).outcome == "success"
        assert "say a" in stage.text("m2.r1")


async def test_a_deaf_agent_is_ended_and_its_session_goes_on_in_another_process(tmp_path: Path) -> None:
    async with AcpStage("--deaf", "--store", str(tmp_path / "store")) as stage:
        await stage.tell("slow execute rm; hang")
        await stage.until(lambda state: any(isinstance(call, s.CallRunning) for call in state.calls.values()))
        await stage.do(p.CancelRun(run_id=p.RunId("m1.r1")), BOB)
        await stage.over()
        (call,) = stage.calls()
        await stage.settled(call.call_id)
        await stage.tell("recall", "m2")
        await stage.over("m2.r1")
        assert "hang" in stage.text("m2.r1")
        assert stage.state.threads["main"].sessions["fake"].begun == "resumed"


async def test_a_choice_without_allow_and_reject_is_a_question_in_its_words_without_always() -> None:
    async with AcpStage() as stage:
        await stage.tell("choose")
        opened = await stage.opened()
        assert opened.kind == "question" and opened.title == "Which way?"
        assert [option.id for option in opened.options] == ["plan_more"]
        await stage.decide(opened.confirmation_id, "plan_more")
        await stage.over()
        assert stage.text() == "chosen: p"


async def test_a_form_is_a_question_to_everybody() -> None:
    async with AcpStage() as stage:
        await stage.tell("form")
        await stage.decide((await stage.opened()).confirmation_id, p.ANSWER, by=BOB, value={"year": 1999})
        await stage.over()
        assert stage.text() == '{"action": "accept", "content": {"year": 1999}}'


async def test_it_answers_several_threads_side_by_side_each_in_its_own_process() -> None:
    async with AcpStage() as stage:
        await stage.do(p.CreateThread(thread_id=p.ThreadId("other"), title="Other"))
        await stage.tell("hang", "m2", thread_id="other")
        await stage.tell("say side by side", "m3")
        await stage.over("m3.r1")
        assert isinstance(stage.state.runs["m2.r1"], s.Running)
        await stage.do(p.CancelRun(run_id=p.RunId("m2.r1")))
        await stage.over("m2.r1")
