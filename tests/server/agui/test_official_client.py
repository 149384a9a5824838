"""The official client of AG-UI against a real server: it asks, watches, decides, and learns what others decided."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import nbformat

from jupyter_copilot.testing.fault_server import FaultServer
from jupyter_copilot.testing.replies import answer, status

from .conftest import FrontEnds, Room, customs, said, types

INSERT = ("insert_cell", {"after": None, "source": "x = 41 + 1"})
DONE = answer("Done.")


def sources(root: Path) -> list[str]:
    return [cell.source for cell in nbformat.read(root / "one.ipynb", 4).cells]


def asks(text: str = "I insert a cell.") -> Any:
    return answer(text, calls=[INSERT])


async def test_an_answer_arrives_as_text_with_its_reasoning_and_its_tokens(
    front_end: FrontEnds, model: FaultServer
) -> None:
    model.add(answer("Hello", reasoning="A greeting."))
    async with front_end() as client:
        told = await client.post("m1", "Hi")
    assert told["error"] is None
    assert [each["role"] for each in told["messages"]] == ["user", "reasoning", "assistant"]
    assert said(told) == ["Hello"] and told["messages"][1]["content"] == "A greeting."
    last = told["events"][-1]
    assert last["outcome"] == {"type": "success"} and last["usage"][0]["inputTokens"] == 120
    assert types(told)[:2] == ["RUN_STARTED", "MESSAGES_SNAPSHOT"] and "STEP_FINISHED" in types(told)


async def test_a_tool_that_only_reads_is_told_with_its_result(front_end: FrontEnds, model: FaultServer) -> None:
    model.add(answer(calls=[("read_notebook", {})]), answer("One cell."))
    async with front_end() as client:
        told = await client.post("m1", "What is there?")
    (result,) = [each for each in told["messages"] if each["role"] == "tool"]
    assert "1 + 1" in result["content"] and said(told) == ["One cell."]
    assert told["interrupts"] == []


async def test_what_waits_for_people_interrupts_and_is_done_once_approved(
    front_end: FrontEnds, model: FaultServer, jp_root_dir: Path
) -> None:
    model.add(asks(), DONE)
    async with front_end() as client:
        told = await client.post("m1", "Insert")
        (asked,) = told["interrupts"]
        assert asked["reason"] == "tool_call" and told["events"][-1]["outcome"]["type"] == "interrupt"
        assert asked["responseSchema"]["required"] == ["approved"]
        (call,) = next(each["toolCalls"] for each in told["messages"] if each.get("toolCalls"))
        assert call["id"] == asked["toolCallId"] and "41 + 1" in call["function"]["arguments"]
        told = await client.answer(asked, approved=True)
    assert told["error"] is None and told["interrupts"] == [] and said(told) == ["I insert a cell.", "Done."]
    assert "TOOL_CALL_RESULT" in types(told)
    assert sources(jp_root_dir) == ["x = 41 + 1", "1 + 1"]


async def test_an_edited_call_is_shown_and_done_as_edited(
    front_end: FrontEnds, model: FaultServer, jp_root_dir: Path
) -> None:
    model.add(asks(), DONE)
    async with front_end() as client:
        (asked,) = (await client.post("m1", "Insert"))["interrupts"]
        told = await client.answer(
            asked, approved=True, editedArgs={"after": None, "source": "x = 43"}, comment="Better so."
        )
    assert sources(jp_root_dir) == ["x = 43", "1 + 1"]
    (call,) = next(each["toolCalls"] for each in told["messages"] if each.get("toolCalls"))
    assert "x = 43" in call["function"]["arguments"] and "41" not in call["function"]["arguments"]
    assert "Better so." in str(model.requests[-1].body)


async def test_a_denial_reaches_the_agent_with_its_comment(
    front_end: FrontEnds, model: FaultServer, jp_root_dir: Path
) -> None:
    model.add(asks(), answer("As you wish."), asks("Again."), answer("Well."))
    async with front_end() as client:
        (asked,) = (await client.post("m1", "Insert"))["interrupts"]
        told = await client.answer(asked, approved=False, comment="Not now.")
        assert "Not now." in str(model.requests[-1].body) and said(told)[-1] == "As you wish."
        (asked,) = (await client.post("m2", "Insert after all"))["interrupts"]
        told = await client.answer(asked, cancel=True)
        assert said(told)[-1] == "Well."
    assert sources(jp_root_dir) == ["1 + 1"]


async def test_a_decision_of_somebody_else_is_told_and_the_run_goes_on(
    front_end: FrontEnds, model: FaultServer, people: Room, jp_root_dir: Path
) -> None:
    model.add(asks(), DONE)
    async with front_end() as client:
        (asked,) = (await client.post("m1", "Insert"))["interrupts"]
        (opened,) = await people.asked()
        await people.decide(opened, comment="I was first.")
        await people.until(lambda state: state["runs"]["m1.r1"]["status"] == "finished")
        told = await client.answer(asked, approved=False)
    (settled,) = customs(told, "copilot.settled")
    assert settled["option"] == "approve" and settled["comment"] == "I was first." and settled["by"]
    assert told["error"] is None and said(told)[-1] == "Done." and told["interrupts"] == []
    assert sources(jp_root_dir) == ["x = 41 + 1", "1 + 1"]


async def test_what_is_no_longer_what_was_seen_is_asked_anew(
    front_end: FrontEnds, model: FaultServer, jp_root_dir: Path
) -> None:
    model.add(asks(), DONE)
    async with front_end() as client, front_end() as other:
        (asked,) = (await client.post("m1", "Insert"))["interrupts"]
        stale = f"{asked['metadata']['confirmationId']}@what-was-seen-before"
        told = await other.run(entries=[{"interruptId": stale, "status": "resolved", "payload": {"approved": True}}])
        assert customs(told, "copilot.settled")[0]["status"] == "open"
        assert told["interrupts"] == [asked] and sources(jp_root_dir) == ["1 + 1"]
        told = await other.run(resume={asked["id"]: {"status": "resolved", "payload": {}}})
        assert "responseSchema" in told["error"] and told["interrupts"] == [asked]
        await client.answer(asked, approved=True)
    assert sources(jp_root_dir) == ["x = 41 + 1", "1 + 1"]


async def test_a_front_end_that_goes_away_stops_nothing_and_finds_the_run_where_it_is(
    front_end: FrontEnds, model: FaultServer
) -> None:
    model.add(answer("Hello to you", gate="middle"))
    async with front_end() as client:
        await client.post("m1", "Hi", stop="TEXT_MESSAGE_CONTENT")
        await model.reached("middle")
        model.open("middle")
        told = await client.run()
        assert said(told) == ["Hello to you"] and told["events"][-1]["outcome"] == {"type": "success"}
    assert len(model.requests) == 1


async def test_a_late_front_end_sees_the_whole_chat_and_a_message_sent_again_is_not_asked_again(
    front_end: FrontEnds, model: FaultServer
) -> None:
    model.add(asks(), DONE)
    async with front_end() as client, front_end() as late:
        await client.post("m1", "Insert")
        told = await late.run()
        assert [each["role"] for each in told["messages"]] == ["user", "assistant"]
        (asked,) = told["interrupts"]
        told = await late.answer(asked, approved=True)
        assert said(told)[-1] == "Done."
        again = await client.run(resume={asked["id"]: {"status": "resolved", "payload": {"approved": True}}})
        assert again["messages"] == told["messages"] and again["interrupts"] == []
    assert len(model.requests) == 2


async def test_a_chat_that_is_not_there_is_made_and_tools_of_the_front_end_are_not_called(
    front_end: FrontEnds, model: FaultServer, people: Room
) -> None:
    model.add(answer("Hello"))
    tools = [{"name": "open_door", "description": "Opens a door", "parameters": {}}]
    async with front_end("another") as client:
        assert (await client.run())["events"][-1]["outcome"] == {"type": "success"}
        told = await client.post("m1", "Hi there", tools=tools)
    assert said(told) == ["Hello"]
    assert customs(told, "copilot.tools_ignored")[0]["tools"] == ["open_door"]
    assert (await people.state())["threads"]["another"]["title"] == "Hi there"


async def test_a_run_that_fails_says_why(front_end: FrontEnds, model: FaultServer) -> None:
    model.add(status(401, {"error": {"message": "Wrong key"}}))
    async with front_end() as client:
        told = await client.post("m1", "Hi")
    assert told["events"][-1]["type"] == "RUN_ERROR" and "key" in told["events"][-1]["message"]
