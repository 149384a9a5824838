"""A process takes over what another one left: the log ends at each boundary in turn, and the run goes on from there."""

from __future__ import annotations

import asyncio

from jupyter_copilot import protocol as p
from jupyter_copilot.agent.copilot.retry import RESTARTED
from jupyter_copilot.agent.settings import RunSettings
from jupyter_copilot.core import state as s
from jupyter_copilot.core.fingerprints import args_hash
from jupyter_copilot.ports.notebook import SetSource, version_of
from jupyter_copilot.testing import Answer, ScriptedRun

from ...builders import ALICE, BOB, Fold, running, streaming
from ..stage import Stage, cell, operations

RUN = p.RunId("m1.r1")
CALL = p.CallId("m1.r1.s1.a1.c1")
AGAIN = f"{CALL}.again"
CELLS = [cell("a", "x = 1")]
EDIT_ARGS = {"cell_id": "a", "expected_version": version_of("x = 1"), "source": "x = 2"}


def left_off(
    tool: str = "run_cell", effect: p.Effect = "execute", *, decided: bool = True, started: bool = True
) -> Fold:
    """The records of a run up to the call of a tool on cell a, confirmed and begun."""
    fold = Fold()
    running(fold)
    answer = streaming(fold, RUN)
    args = EDIT_ARGS if effect == "edit" else {"cell_id": "a"}
    digest = args_hash(tool, args, {} if effect == "read" else {"a": version_of("x = 1")})
    fold.tell(p.StepFinished(run_id=RUN, step=1, message_id=answer))
    fold.tell(
        p.CallProposed(
            call_id=CALL, run_id=RUN, step=1, message_id=answer, tool=tool, args=args, effect=effect,
            args_hash=digest, preview=p.Preview(title="Do it"),
        )
    )  # fmt: skip
    if effect != "read":
        question = p.ConfirmationId(f"{CALL}.q")
        fold.tell(
            p.ConfirmationOpened(
                confirmation_id=question, kind="tool_call", thread_id=p.MAIN_THREAD, call_id=CALL, run_id=RUN,
                title="Do it", args_hash=digest, options=[p.Option(id=p.APPROVE, label="Approve")],
            )
        )  # fmt: skip
        if decided:
            fold.do(p.Decide(confirmation_id=question, args_hash=digest, option=p.APPROVE))
    if started:
        fold.tell(p.CallStarted(call_id=CALL, exec_id=CALL, adapter="contents"))
    return fold


async def test_an_answer_that_broke_off_is_struck_and_begun_anew_under_a_higher_fence() -> None:
    fold = Fold()
    running(fold)
    answer = streaming(fold, RUN)
    fold.tell(p.TextDelta(run_id=RUN, step=1, message_id=answer, text="Once"))
    async with Stage("Hello.", before=fold.records) as stage:
        await stage.over()
        struck = stage.state.messages["m1.r1.s1.a1"]
        starts = [e for e in stage.events if isinstance(e, p.RunStarted)]
    assert isinstance(struck, s.Struck) and struck.reason == RESTARTED
    assert isinstance(stage.state.messages["m1.r1.s1.a2"], s.Complete)
    assert [start.fence for start in starts] == [2]


async def test_an_open_confirmation_is_still_open_and_can_be_decided() -> None:
    before = left_off(decided=False, started=False).records
    async with Stage("Done.", before=before, cells=CELLS, runs=[ScriptedRun(cell_id="a")]) as stage:
        await stage.decide(f"{CALL}.q", by=BOB)
        await stage.over()
        assert operations(stage.notebook, "run") == ["run"]


async def test_a_restart_while_people_are_asked_interrupts_nothing_and_does_not_count() -> None:
    before = left_off(decided=False, started=False).records
    settings, runs = RunSettings(max_recoveries=0), [ScriptedRun(cell_id="a")]
    async with Stage("Done.", before=before, cells=CELLS, runs=runs, settings=settings) as stage:
        for _ in range(20):
            await asyncio.sleep(0)
        assert set(stage.kinds()) <= {"CallRevised"}
        await stage.decide(f"{CALL}.q")
        assert (await stage.over()).outcome == "success"


async def test_a_confirmed_call_that_was_not_begun_is_begun() -> None:
    before = left_off(started=False).records
    async with Stage("Done.", before=before, cells=CELLS, runs=[ScriptedRun(cell_id="a")]) as stage:
        await stage.over()
        assert operations(stage.notebook, "run") == ["run"]


async def test_a_read_that_was_begun_is_done_again() -> None:
    async with Stage("Done.", before=left_off("read_cell", "read").records, cells=CELLS) as stage:
        await stage.over()
        assert "x = 1" in stage.results()[0]


async def test_an_edit_whose_stamp_is_found_is_adopted_and_not_made_twice() -> None:
    stage = Stage("Done.", before=left_off("edit_cell", "edit").records, cells=CELLS)
    await stage.notebook.apply([SetSource(cell_id="a", expected=version_of("x = 1"), source="x = 2")], CALL)
    async with stage:
        await stage.over()
        assert operations(stage.notebook, "apply") == ["apply"]
        assert "CallInDoubt" not in stage.kinds()
        assert "x = 2" in stage.results()[0]


async def test_an_execution_whose_result_is_found_is_adopted_and_not_run_twice() -> None:
    output = {"output_type": "stream", "name": "stdout", "text": "was here"}
    runs = [ScriptedRun(cell_id="a", outputs=[output])]
    stage = Stage("Done.", before=left_off().records, cells=CELLS, runs=runs)
    await stage.notebook.run("a", f"{CALL}.a", lambda output: None, None)
    async with stage:
        await stage.over()
        assert operations(stage.notebook, "run") == ["run"]
        assert "was here" in stage.results()[0]


async def test_an_execution_that_cannot_be_found_is_in_doubt_and_left_so_if_people_choose() -> None:
    async with Stage("Done.", before=left_off().records, cells=CELLS) as stage:
        await stage.asked(AGAIN)
        assert isinstance(stage.state.calls[CALL], s.CallDoubtful)
        assert stage.model.requests == []
        await stage.decide(AGAIN, "leave", by=BOB, comment="I look myself")
        await stage.over()
        (told,) = stage.results()
        assert stage.notebook.operations == []
    assert "It is not known whether this took effect." in told
    assert "Bob chose “Leave it”." in told and "I look myself" in told


async def test_run_again_is_a_new_call_and_its_result_is_told_in_place_of_the_doubt() -> None:
    output = {"output_type": "stream", "name": "stdout", "text": "second time"}
    runs = [ScriptedRun(cell_id="a", outputs=[output])]
    async with Stage("Done.", before=left_off().records, cells=CELLS, runs=runs) as stage:
        await stage.asked(AGAIN)
        await stage.decide(AGAIN, "run_again")
        await stage.over()
        (told,) = stage.results()
        assert isinstance(stage.state.calls[CALL], s.CallDoubtful)
        assert isinstance(stage.state.calls[AGAIN], s.CallDone)
        assert [operation.exec_id for operation in stage.notebook.operations] == [f"{AGAIN}.a"]
    assert "Alice chose “Run again”." in told and "second time" in told


async def test_what_is_run_again_is_what_people_saw() -> None:
    async with Stage("Done.", before=left_off().records, cells=CELLS) as stage:
        await stage.asked(AGAIN)
        stage.notebook.set_source("a", "import os")
        await stage.decide(AGAIN, "run_again")
        await stage.over()
        assert not any(isinstance(event, p.CallStarted) and event.call_id == AGAIN for event in stage.events)


async def test_without_the_cell_there_is_nothing_to_run_again_and_the_run_goes_on() -> None:
    async with Stage("Gone.", before=left_off().records, cells=[]) as stage:
        await stage.over()
        assert AGAIN not in stage.state.confirmations
        assert "It is not known" in stage.results()[0]


async def test_a_call_left_by_a_run_that_was_stopped_gets_its_end_and_is_never_begun_again() -> None:
    fold = left_off("read_cell", "read")
    fold.do(p.CancelRun(run_id=RUN), by=ALICE)
    async with Stage(before=fold.records, cells=CELLS) as stage:
        await stage.until(lambda state: isinstance(state.calls[CALL], s.CallDoubtful))
        assert "ConfirmationOpened" not in stage.kinds()


async def test_a_run_that_was_recovered_too_often_ends_and_says_so() -> None:
    fold = Fold()
    running(fold)
    fold.tell(p.RunStarted(run_id=RUN, fence=1))
    streaming(fold, RUN)
    async with Stage(before=fold.records, settings=RunSettings(max_recoveries=1)) as stage:
        run = await stage.over()
    assert run.error is not None and run.error.code == "limit_recoveries"


async def test_queued_messages_are_answered_in_order_after_a_restart() -> None:
    fold = Fold()
    for name in ("m1", "m2"):
        fold.do(p.PostMessage(message_id=p.MessageId(name), text=name))
    async with Stage("One.", Answer(text="Two.", calls=[]), before=fold.records) as stage:
        await stage.over("m2.r1")
        finished = [e.run_id for e in stage.events if isinstance(e, p.RunFinished)]
    assert finished == ["m1.r1", "m2.r1"]


async def test_a_read_that_was_proposed_and_not_begun_is_begun() -> None:
    async with Stage("Done.", before=left_off("read_cell", "read", started=False).records, cells=CELLS) as stage:
        assert (await stage.over()).outcome == "success"
