"""The prompt: its order, its budget, and what is summarised."""

from __future__ import annotations

from typing import Any

import pytest

from jupyter_copilot import protocol as p
from jupyter_copilot.core.model_context.prompt import (
    IMAGE_TOKENS,
    MAX_MESSAGES,
    fit,
    instructions,
    message_tokens,
    summary_plan,
    summary_request,
    total_tokens,
)
from jupyter_copilot.core.model_context.transcript import Turn


def user(text: str) -> p.JsonObject:
    return {"role": "user", "content": text}


def assistant(text: str) -> p.JsonObject:
    return {"role": "assistant", "content": text}


def tool(text: str) -> p.JsonObject:
    return {"role": "tool", "tool_call_id": "x", "content": text}


def turn(number: int, *messages: p.JsonObject) -> Turn:
    return Turn(run_id=p.RunId(f"m{number}.r1"), last_item=f"item{number}", messages=list(messages))


def quarter(text: str) -> int:
    """Four characters are a token here, whatever they are."""
    return -(-len(text) // 4)


def test_an_image_has_a_price_of_its_own() -> None:
    picture = {"type": "image_url", "image_url": {"url": "data:image/png;base64," + "A" * 1_000_000}}
    message = {"role": "user", "content": [{"type": "text", "text": "x" * 400}, picture]}
    assert message_tokens(message, quarter) == 100 + IMAGE_TOKENS


def test_an_administrator_adds_to_the_instructions() -> None:
    assert str(instructions("Speak French.")["content"]).endswith("\n\nSpeak French.")


def test_what_fits_stays_as_it_is() -> None:
    messages = [user("a"), assistant("b"), tool("c" * 1000)]
    assert fit(messages, 10_000) == messages


def test_the_oldest_results_make_room_and_the_latest_stays_whole() -> None:
    messages = [user("q"), assistant("1"), tool("a" * 8000), assistant("2"), tool("b" * 8000)]
    fitted = fit(messages, 3000, quarter)
    assert "left out" in fitted[2]["content"] and len(fitted[2]["content"]) < 1000
    assert fitted[4] == messages[4]
    assert total_tokens(fitted, quarter) <= 3000


@pytest.mark.parametrize("limit", [4_000, 1_500, 600])
def test_the_latest_results_are_cut_too_when_nothing_else_is_left_with_a_note_to_read_less(limit: int) -> None:
    asked = {"role": "user", "content": "The notebook:\n" + "x = 1\n" * 4000 + "Alice: what is x?"}
    messages = [instructions(), asked, assistant("1"), tool("a\n" * 20_000), tool("short"), tool("b\n" * 20_000)]
    fitted = fit(messages, limit, quarter)
    assert total_tokens(fitted, quarter) <= limit + (limit < 1_000) * 400
    assert fitted[0] == messages[0] and fitted[4] == messages[4]
    assert fitted[1]["content"].endswith("Alice: what is x?")
    for result in (fitted[3], fitted[5]):
        assert "Read less at a time" in result["content"] and result["content"][:2] in ("a\n", "b\n")


def test_pictures_of_the_latest_results_go_before_their_texts() -> None:
    picture = {"type": "image_url", "image_url": {"url": "data:image/png;base64,AAAA"}}
    seen = {"role": "user", "content": [{"type": "text", "text": "The images:"}, *[picture] * 4]}
    messages = [user("q"), assistant("1"), tool("a" * 4000), seen]
    fitted = fit(messages, 2_000, quarter)
    assert fitted[2] == messages[2]
    assert fitted[3]["content"] == "The images: (Images left out.)"


def test_the_oldest_turns_go_when_cutting_is_not_enough() -> None:
    messages = [instructions()]
    for number in range(100):
        messages += [user(f"question {number} " + "x" * 250), assistant("y" * 250)]
    fitted = fit([*messages, user("last")], 2_000, quarter)
    assert fitted[0] == messages[0] and fitted[-1] == user("last")
    assert total_tokens(fitted, quarter) <= 2_000 and len(fitted) > 10
    assert fitted[1]["role"] == "user"


def test_what_was_cut_stays_the_same_while_the_conversation_grows_a_little() -> None:
    messages: list[p.JsonObject] = [user("q")]
    for number in range(40):
        messages += [assistant(str(number)), tool(f"{number} " * 1000)]
    first = fit(messages, 10_000, quarter)
    cut = [n for n, message in enumerate(first) if "left out" in str(message["content"])]
    grown = [*messages, assistant("more"), user("and")]
    second = fit(grown, 10_000, quarter)
    assert [n for n, message in enumerate(second) if "left out" in str(message["content"])] == cut
    assert second[: len(first) - 2] == first[: len(first) - 2]


def test_old_images_make_room() -> None:
    picture = {"type": "image_url", "image_url": {"url": "data:image/png;base64,AAAA"}}
    old = {"role": "user", "content": [{"type": "text", "text": "look"}, picture]}
    fitted = fit([old, assistant("I see."), user("x" * 4000)], 1500)
    assert fitted[0] == {"role": "user", "content": "look (Images left out.)"}


def test_nothing_is_summarised_while_there_is_room() -> None:
    assert summary_plan([turn(n, user("x" * 100)) for n in range(10)], 10_000) is None


def test_older_turns_are_summarised_and_the_latest_are_kept() -> None:
    turns = [turn(n, user("x" * 4000)) for n in range(10)]
    plan = summary_plan(turns, 12_000)
    assert plan is not None
    kept = turns[len(plan.turns) :]
    assert plan.through == plan.turns[-1].last_item
    assert kept and sum(total_tokens(each.messages) for each in kept) <= 3_000 + 1_000


def test_a_single_turn_is_never_summarised() -> None:
    assert summary_plan([turn(1, user("x" * 100_000))], 1_000) is None


def test_very_many_messages_are_summarised_however_short() -> None:
    turns = [turn(n, user("q"), assistant("a")) for n in range(MAX_MESSAGES)]
    plan = summary_plan(turns, 1_000_000)
    assert plan is not None and len(turns) - len(plan.turns) <= MAX_MESSAGES // 4 + 1


def test_the_summary_is_asked_for_with_the_conversation_as_data_and_the_summary_before() -> None:
    call: dict[str, Any] = {"function": {"name": "run_cell", "arguments": "{}"}}
    turns = [turn(1, user("Alice: do it"), {**assistant(""), "tool_calls": [call]}, tool("done"))]
    plan = summary_plan([*turns, turn(2, user("x" * 10_000))], 1_000)
    assert plan is not None
    system, request = summary_request(plan, "They met.", 10_000)
    assert system["role"] == "system"
    for part in ("They met.", "Alice: do it", "run_cell", "tool: done", "~~~conversation"):
        assert part in request["content"]


def test_a_very_long_conversation_is_summarised_without_its_middle() -> None:
    plan = summary_plan([turn(1, user("x" * 400_000)), turn(2, user("q"))], 1_000)
    assert plan is not None
    assert len(summary_request(plan, None, 1_000)[1]["content"]) < 5_000
