"""What somebody says while a run is under way reaches it with its next step, and is answered there."""

from __future__ import annotations

import asyncio
from typing import Any

from jupyter_copilot import protocol as p
from jupyter_copilot.core import state as s
from jupyter_copilot.core.model_context.transcript import MEANWHILE
from jupyter_copilot.testing import Answer
from jupyter_copilot.testing.memory_log import MemoryEventLog
from jupyter_copilot.testing.model import call

from ..builders import ALICE, BOB
from .stage import Stage, cell

EDIT = Answer(calls=[call("edit_cell", cell_id="a", source="x = 2")])
CARD = "m1.r1.s1.a1.c1.q"


def contents(messages: list[dict[str, Any]]) -> list[str]:
    return [str(message["content"]) for message in messages]


async def test_what_is_said_while_a_card_waits_is_told_with_the_next_step() -> None:
    log = MemoryEventLog()
    async with Stage(EDIT, "It is 2, and drawn in red.", "Yes.", cells=[cell("a", "x = 1")], log=log) as stage:
        await stage.post("Set x to 2.", "m1")
        await stage.asked(CARD)
        await stage.post("And draw it in red.", "m2", by=BOB, join=True)
        assert isinstance(stage.state.runs["m2.r1"], s.Queued)
        await stage.decide(CARD)
        await stage.over("m1.r1")
        joined = stage.state.runs["m2.r1"]
        assert isinstance(joined, s.Finished) and (joined.into, joined.outcome) == ("m1.r1", "success")
        first, second = (request.messages for request in stage.model.requests)
        assert second[: len(first)] == first, "what was told before stays the beginning"
        assert [message["role"] for message in second[len(first) :]] == ["assistant", "tool", "user"]
        assert second[-1]["content"] == f"{MEANWHILE}\n\nBob: And draw it in red."
        await stage.post("Sure?", "m3")
        await stage.over("m3.r1")
        third = stage.model.requests[-1].messages
        assert third[: len(second)] == second, "later requests tell it in the same place, and once"
        assert sum("in red" in text for text in contents(third)) == 2


async def test_what_is_said_while_the_last_answer_is_given_gets_an_answer_of_its_own() -> None:
    goes_on = asyncio.Event()
    async with Stage(Answer(text="Done.", until=goes_on), "In red.") as stage:
        await stage.post("Set x to 2.", "m1")
        await stage.until(lambda state: "Done" in getattr(state.messages.get("m1.r1.s1.a1"), "text", ""))
        await stage.post("And draw it in red.", "m2", join=True)
        goes_on.set()
        await stage.over("m2.r1")
        second = stage.state.runs["m2.r1"]
        assert isinstance(second, s.Finished) and second.into is None
        assert contents(stage.model.requests[-1].messages)[-1].endswith("Alice: And draw it in red.")


async def test_what_waits_behind_a_message_of_its_own_does_not_overtake_it() -> None:
    async with Stage(EDIT, "It is 2.", "No hurry, and this.", cells=[cell("a", "x = 1")]) as stage:
        await stage.post("Set x to 2.", "m1")
        await stage.asked(CARD)
        await stage.post("no hurry", "m2")
        await stage.post("And this?", "m3", join=True)
        await stage.decide(CARD)
        await stage.over("m2.r1")
        first, second, third = (contents(request.messages) for request in stage.model.requests)
        assert not any("hurry" in text or "this?" in text for text in first + second)
        assert third[-2].endswith("Alice: no hurry") and third[-1].endswith("Alice: And this?")


async def test_what_is_for_another_model_keeps_its_own_run() -> None:
    async with Stage(EDIT, "It is 2.", cells=[cell("a", "x = 1")]) as stage:
        await stage.post("Set x to 2.", "m1")
        await stage.asked(CARD)
        await stage.post("And this?", "m2", join=True, model="another")
        await stage.decide(CARD)
        await stage.over("m2.r1")
        second = stage.state.runs["m2.r1"]
        assert isinstance(second, s.Finished) and second.error is not None and second.error.code == "model_unknown"
        assert not any("this?" in text for text in contents(stage.model.requests[1].messages))


async def test_a_message_joins_at_once_where_nothing_was_asked_of_the_model_yet() -> None:
    async with Stage("Both.") as stage:
        await asyncio.gather(stage.post("one", "m1"), stage.post("two", "m2", by=BOB, join=True))
        await stage.over("m1.r1")
        await stage.over("m2.r1")
        assert contents(stage.model.requests[0].messages)[-1].endswith("Bob: two")
        assert [each.by.name for each in stage.state.runs["m1.r1"].joined] == [BOB.name]
        assert ALICE.name in contents(stage.model.requests[0].messages)[-2]


async def test_a_stopped_run_leaves_what_was_said_since_to_a_run_of_its_own() -> None:
    async with Stage(EDIT, "In red.", cells=[cell("a", "x = 1")]) as stage:
        await stage.post("Set x to 2.", "m1")
        await stage.asked(CARD)
        await stage.post("And draw it in red.", "m2", join=True)
        await stage.do(p.CancelRun(run_id=p.RunId("m1.r1")))
        await stage.over("m2.r1")
        assert contents(stage.model.requests[-1].messages)[-1].endswith("Alice: And draw it in red.")
