"""Rewind: kept before an answer changes anything, shown before it is done, attributed, and itself taken back."""

from __future__ import annotations

from typing import Any

import pytest

from jupyter_copilot import protocol as p
from jupyter_copilot.core import state as s
from jupyter_copilot.core.model_context.transcript import transcript
from jupyter_copilot.ports.notebook import Cell, SetSource, version_of
from jupyter_copilot.protocol.errors import Rejected
from jupyter_copilot.testing import Answer, ScriptedRun
from jupyter_copilot.testing.model import call
from jupyter_copilot.testing.notebook import FakeNotebook

from ...builders import ALICE, BOB, KERNEL
from ..stage import Stage, cell


def edit(cell_id: str, source: str, before: str) -> Answer:
    return Answer(calls=[call("edit_cell", cell_id=cell_id, expected_version=version_of(before), source=source)])


RUN = Answer(calls=[call("run_cell", cell_id="a")])
OUTPUT = {"output_type": "stream", "name": "stdout", "text": "ran"}


async def by_hand(notebook: FakeNotebook, cell_id: str, before: str, source: str) -> None:
    await notebook.apply([SetSource(cell_id=cell_id, expected=version_of(before), source=source)], "by hand")


async def sources(stage: Stage) -> dict[str, str]:
    return {cell.cell_id: cell.source for cell in await stage.notebook.read()}


async def edited(stage: Stage, message_id: str = "m1") -> None:
    """An answer that changes cell a, approved by Alice."""
    await stage.post("Make it two!", message_id)
    await stage.asked(f"{message_id}.r1.s1.a1.c1.q")
    await stage.decide(f"{message_id}.r1.s1.a1.c1.q")
    await stage.over(f"{message_id}.r1")


def back(to: str = "m1", message_id: str = "back", **fields: Any) -> p.Rewind:
    return p.Rewind(message_id=p.MessageId(message_id), to=p.MessageId(to), **fields)


CARD = "back.r1.s1.a1.c1.q"


async def test_the_notebook_is_kept_once_before_an_answer_changes_it_and_never_in_the_records() -> None:
    script = (edit("a", "x = 2", "x = 1"), edit("b", "y = 2", "y = 1"), "Done.")
    async with Stage(*script, cells=[cell("a", "x = 1"), cell("b", "y = 1")]) as stage:
        await stage.post()
        for step in (1, 2):
            await stage.asked(f"m1.r1.s{step}.a1.c1.q")
            await stage.decide(f"m1.r1.s{step}.a1.c1.q")
        run = await stage.over()
        kept = [event for event in stage.events if isinstance(event, p.CheckpointKept)]
        assert len(kept) == 1 and kept[0].content == "" and kept[0].bytes > 0
        assert run.checkpoint is not None and run.checkpoint.digest == kept[0].digest
        assert await stage.room.picture(kept[0].digest) is not None
        names = stage.kinds()
        assert names.index("CheckpointKept") + 1 == names.index("CallStarted")


async def test_reading_and_denied_calls_keep_nothing() -> None:
    async with Stage(edit("a", "x = 2", "x = 1"), "Fine.", cells=[cell("a", "x = 1")]) as stage:
        await stage.post()
        await stage.asked("m1.r1.s1.a1.c1.q")
        await stage.decide("m1.r1.s1.a1.c1.q", option=p.DENY)
        assert (await stage.over()).checkpoint is None
        with pytest.raises(Rejected) as error:
            await stage.do(back())
        assert "Nothing in the notebook was changed" in error.value.message


async def test_a_rewind_shows_what_goes_and_whose_it_is_and_puts_it_back_once_somebody_agrees() -> None:
    cells = [cell("a", "x = 1"), cell("b", "y = 1"), Cell(cell_id="t", cell_type="markdown", source="# T")]
    async with Stage(edit("a", "x = 2", "x = 1"), "Done.", cells=cells) as stage:
        await edited(stage)
        await by_hand(stage.notebook, "b", "y = 1", "y = 'of Bob'")
        await stage.do(back(), by=BOB)
        await stage.asked(CARD)
        card = stage.state.confirmations[CARD]
        shown = stage.state.calls["back.r1.s1.a1.c1"].preview.cells
        assert [(diff.before, diff.after) for diff in shown] == [("x = 2", "x = 1"), ("y = 'of Bob'", "y = 1")]
        assert "what was changed for Alice" in card.body
        assert "people changed cell 2 themselves since then" in card.body
        assert await sources(stage) == {"a": "x = 2", "b": "y = 'of Bob'", "t": "# T"}, "nothing before it is decided"
        await stage.decide(CARD, by=ALICE)
        await stage.over("back.r1")
        assert await sources(stage) == {"a": "x = 1", "b": "y = 1", "t": "# T"}
        assert stage.state.runs["back.r1"].asked_by == BOB


async def test_a_rewind_is_itself_taken_back_by_going_to_before_it() -> None:
    async with Stage(edit("a", "x = 2", "x = 1"), "Done.", cells=[cell("a", "x = 1")]) as stage:
        await edited(stage)
        await stage.do(back())
        await stage.asked(CARD)
        await stage.decide(CARD)
        await stage.over("back.r1")
        assert await sources(stage) == {"a": "x = 1"}
        await stage.do(back("back", "forth"))
        await stage.asked("forth.r1.s1.a1.c1.q")
        await stage.decide("forth.r1.s1.a1.c1.q")
        await stage.over("forth.r1")
        assert await sources(stage) == {"a": "x = 2"}


async def test_outputs_come_back_too() -> None:
    async with Stage(
        RUN, "Done.", cells=[cell("a", "x = 1", outputs=[])], runs=[ScriptedRun(cell_id="a", outputs=[OUTPUT])]
    ) as stage:
        await stage.post()
        await stage.asked("m1.r1.s1.a1.c1.q")
        await stage.decide("m1.r1.s1.a1.c1.q")
        await stage.over()
        assert (await stage.notebook.read())[0].outputs
        await stage.do(back())
        await stage.asked(CARD)
        assert "The outputs of cell 1 come back" in stage.state.confirmations[CARD].body
        await stage.decide(CARD)
        await stage.over("back.r1")
        assert (await stage.notebook.read())[0].outputs == []


async def test_somebody_who_types_meanwhile_loses_nothing() -> None:
    async with Stage(edit("a", "x = 2", "x = 1"), "Done.", cells=[cell("a", "x = 1")]) as stage:
        await edited(stage)
        await stage.do(back(conversation=True))
        await stage.asked(CARD)
        await by_hand(stage.notebook, "a", "x = 2", "x = 22")
        await stage.decide(CARD)
        await stage.over("back.r1")
        done = stage.state.calls["back.r1.s1.a1.c1"]
        assert isinstance(done, s.CallDone) and done.is_error
        assert await sources(stage) == {"a": "x = 22"} and stage.state.threads["main"].rewinds == []


async def test_a_rewind_asks_in_every_mode_and_whatever_rules_there_are() -> None:
    async with Stage(edit("a", "x = 2", "x = 1"), "Done.", cells=[cell("a", "x = 1")]) as stage:
        await edited(stage)
        await stage.do(p.GrantRule(grant=p.Grant(rule_id=p.RuleId("r"), scope=p.RuleScope(effect="execute"))))
        await stage.do(p.SetMode(thread_id=p.MAIN_THREAD, mode="auto"))
        await stage.do(back())
        await stage.asked(CARD)
        await stage.decide(CARD, option=p.DENY)
        await stage.over("back.r1")
        assert await sources(stage) == {"a": "x = 2"}


async def test_in_plan_mode_people_rewind_all_the_same() -> None:
    async with Stage(edit("a", "x = 2", "x = 1"), "Done.", cells=[cell("a", "x = 1")]) as stage:
        await edited(stage)
        await stage.do(p.SetMode(thread_id=p.MAIN_THREAD, mode="plan"))
        await stage.do(back())
        await stage.asked(CARD)
        await stage.decide(CARD)
        await stage.over("back.r1")
        assert await sources(stage) == {"a": "x = 1"}


async def test_the_chat_goes_back_with_the_notebook_in_the_askers_name_and_the_model_is_told_of_it_no_more() -> None:
    async with Stage(edit("a", "x = 2", "x = 1"), "It is two.", "Hi.", cells=[cell("a", "x = 1")]) as stage:
        await stage.post("Earlier.", "m0", run=False)
        await edited(stage)
        await stage.do(back(conversation=True), by=BOB)
        await stage.asked(CARD)
        await stage.decide(CARD)
        await stage.over("back.r1")
        (rewound,) = stage.state.threads["main"].rewinds
        assert (rewound.by.name, rewound.since) == ("Bob", "m1")
        gone = s.taken_back(stage.state.threads["main"])
        assert "m1" in gone and "m1.r1.s1.a1.c1" in gone and not gone & {"m0", "back"}
        await stage.post("And now?", "m2")
        await stage.over("m2.r1")
        told = str(stage.told())
        assert "Alice: Make it two!" not in told and "It is two." not in told and "Earlier." in told
        await stage.do(p.UndoRewind(thread_id=p.MAIN_THREAD, rewind_id="back"))
        assert "Alice: Make it two!" in str(transcript(stage.state, p.MAIN_THREAD))


async def test_the_chat_alone_goes_back_at_once_and_not_twice() -> None:
    async with Stage("Hello.", cells=[]) as stage:
        await stage.post("Hi!")
        await stage.over()
        await stage.do(back(notebook=False, conversation=True))
        assert s.taken_back(stage.state.threads["main"]) >= {"m1"}
        with pytest.raises(Rejected) as error:
            await stage.do(back(notebook=False, conversation=True, message_id="again"))
        assert error.value.code == "stale"
        await stage.do(p.UndoRewind(thread_id=p.MAIN_THREAD, rewind_id="back"))
        assert s.taken_back(stage.state.threads["main"]) == frozenset()


async def test_no_kernel_rewinds_and_nobody_asks_the_rewind_a_question() -> None:
    async with Stage() as stage:
        with pytest.raises(Rejected) as error:
            await stage.do(back(), by=KERNEL)
        assert error.value.code == "forbidden"
        with pytest.raises(Rejected):
            await stage.post(agent_id=p.REWIND)


async def test_what_was_kept_and_is_gone_is_told() -> None:
    async with Stage(edit("a", "x = 2", "x = 1"), "Done.", cells=[cell("a", "x = 1")]) as stage:
        await edited(stage)
        await stage.log.drop_pictures(stage.room.room_id, 0)
        await stage.do(back())
        await stage.over("back.r1")
        done = stage.state.calls["back.r1.s1.a1.c1"]
        assert isinstance(done, s.CallDone) and "no longer there" in done.result.text
