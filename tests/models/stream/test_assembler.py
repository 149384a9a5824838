"""The assembler: what streams leave out, repeat or mix up does not reach the engine."""

from __future__ import annotations

import json
import random
from typing import Any

import pytest

from jupyter_copilot.models.stream.assembler import Assembler
from jupyter_copilot.ports.model import Completed, ReasoningPart, TextPart
from jupyter_copilot.protocol import Usage
from jupyter_copilot.protocol.errors import StreamTruncated
from jupyter_copilot.testing.replies import Call, fragment

Chunk = dict[str, Any]
TOOLS = ("read_cell", "run_cell", "run_cells", "edit_cell", "restart_kernel", "interrupt_kernel")


def delta(**fields: Any) -> Chunk:
    return {"choices": [{"index": 0, "delta": fields, "finish_reason": None}]}


def finish(reason: str | None = "stop", **fields: Any) -> Chunk:
    return {"choices": [{"index": 0, "delta": {}, "finish_reason": reason}], **fields}


def calls(*entries: Chunk) -> Chunk:
    return delta(tool_calls=list(entries))


def assembled(*chunks: Chunk) -> tuple[str, str, Completed]:
    assembler = Assembler(TOOLS)
    parts = [part for chunk in chunks for part in assembler.feed(chunk)]
    text = "".join(part.text for part in parts if isinstance(part, TextPart))
    reasoning = "".join(part.text for part in parts if isinstance(part, ReasoningPart))
    return text, reasoning, assembler.finish()


def called(*chunks: Chunk) -> list[tuple[str, object]]:
    return [(call.tool, call.args) for call in assembled(*chunks, finish("tool_calls"))[2].calls]


def test_reasoning_in_the_same_chunk_comes_before_text() -> None:
    assert Assembler().feed(delta(content="Four.", reasoning="2 + 2")) == [ReasoningPart("2 + 2"), TextPart("Four.")]


@pytest.mark.parametrize(
    "said",
    [
        [{"reasoning_content": "Let me "}, {"reasoning_content": "look."}],
        [{"reasoning": "Let me "}, {"reasoning": "look."}],
        [{"reasoning": "Let me look.", "reasoning_content": "Let me look."}],
        [{"reasoning": "Let me look.", "reasoning_content": None}],
        [{"reasoning": "Let me look.", "reasoning_content": ""}],
    ],
)
def test_reasoning_comes_under_either_name_and_once(said: list[Chunk]) -> None:
    _, reasoning, _ = assembled(*(delta(**fields) for fields in said), finish())
    assert reasoning == "Let me look."


def test_text_in_parts_is_text() -> None:
    assert assembled(delta(content=[{"type": "text", "text": "Hi"}, {"type": "other"}]), finish())[0] == "Hi"


def test_a_second_choice_is_not_mixed_in() -> None:
    other = {"choices": [{"index": 1, "delta": {"content": "No"}}, {"index": 0, "delta": {"content": "Yes"}}]}
    assert assembled(other, finish())[0] == "Yes"


@pytest.mark.parametrize(
    ("chunks", "owed"),
    [
        ([delta(reasoning="It is 4."), finish()], ["It is 4."]),
        ([delta(reasoning="2 + 2"), delta(content="It is 4."), finish()], []),
        ([delta(reasoning="2 + 2"), calls(fragment(0, "a", "read_cell", "{}")), finish()], []),
        ([delta(reasoning="2 + 2, and then"), finish("length")], []),
        ([finish()], []),
    ],
)
def test_an_answer_that_is_wholly_in_the_reasoning_is_owed_as_text(chunks: list[Chunk], owed: list[str]) -> None:
    assembler = Assembler()
    for chunk in chunks:
        assembler.feed(chunk)
    assembler.finish()
    assert [part.text for part in assembler.owed()] == owed


def test_reasoning_among_the_parts_of_the_content_is_reasoning() -> None:
    thought = [{"type": "thinking", "thinking": [{"type": "text", "text": "2 + 2"}]}]
    assert assembled(delta(content=thought), delta(content=[{"type": "text", "text": "Four."}]), finish())[:2] == (
        "Four.",
        "2 + 2",
    )


def test_a_character_that_came_in_two_halves_is_put_together() -> None:
    chunks = [json.loads(text) for text in ('{"content": "Hi \\ud83d"}', '{"content": "\\ude00!"}')]
    assert assembled(*(delta(**fields) for fields in chunks), finish())[0] == "Hi 😀!"
    halves = ['{"cell_id": "\ud83d', '\ude00"}']
    pieces = [fragment(0, "a", "read_cell", halves[0]), fragment(0, None, None, halves[1])]
    assert called(*map(calls, pieces)) == [("read_cell", {"cell_id": "😀"})]


def test_half_a_character_at_the_end_is_no_error() -> None:
    assert assembled(delta(content="Hi"), delta(content="\ud83d"), delta(content=" x"), finish())[0] == "Hi\ufffd x"


# Calls


@pytest.mark.parametrize(
    ("names", "meant"),
    [
        (["read_", "cell"], ["read_cell"]),
        (["read", "_", "cell"], ["read_cell"]),
        (["run_cell", "s"], ["run_cells"]),
        (["functions.", "read_cell"], ["read_cell"]),
        (["functions", ".read_", "cell"], ["read_cell"]),
        (["read_", "read_cell"], ["read_cell"]),
        (["read_cell", "read_cell"], ["read_cell"]),
        (["restart_kernel", "interrupt_kernel"], ["restart_kernel", "interrupt_kernel"]),
    ],
)
@pytest.mark.parametrize("index", [0, None])
@pytest.mark.parametrize("again", ["", None, "a"])
def test_a_name_in_pieces_is_one_name_and_two_names_are_two(
    names: list[str], meant: list[str], index: int | None, again: str | None
) -> None:
    pieces = [fragment(index, "a" if n == 0 else again, name, "") for n, name in enumerate(names)]
    end = fragment(index, again, None, '{"cell_id": "c1"}')
    *before, last = called(*map(calls, [*pieces, end]))
    assert [*before, last] == [*((name, {}) for name in meant[:-1]), (meant[-1], {"cell_id": "c1"})]


@pytest.mark.parametrize(
    "written",
    [
        *("functions.read_cell", "functions.read_cell:0", "default_api.read_cell", "tools/read_cell", "read_cell()"),
        *("read_cell<|channel|>commentary", "read_cell<|constrain|>json", "assistant<|channel|>functions.read_cell"),
        *(" read_cell ", '"read_cell"', "readCell", "ReadCell", "read-cell", "Read Cell", "mcp__copilot__read_cell"),
    ],
)
def test_a_tool_is_known_by_whatever_name_templates_make_of_it(written: str) -> None:
    assert called(calls(fragment(0, "a", written, "{}"))) == [("read_cell", {})]


def test_the_name_of_no_tool_stays_as_it_was_written() -> None:
    assert called(calls(fragment(0, "a", "fly.to_mars", "{}"))) == [("fly.to_mars", {})]


def test_calls_that_are_wrapped_in_one_are_calls_of_their_own() -> None:
    uses = [
        {"recipient_name": "functions.read_cell", "parameters": {"cell_id": "c1"}},
        {"recipient_name": "functions.run_cell", "parameters": {"cell_id": "c2"}},
    ]
    wrapped = fragment(0, "a", "multi_tool_use.parallel", json.dumps({"tool_uses": uses}))
    assert called(calls(wrapped)) == [("read_cell", {"cell_id": "c1"}), ("run_cell", {"cell_id": "c2"})]


def test_a_call_under_its_older_name_is_a_call() -> None:
    chunks = [
        delta(function_call={"name": "read_cell", "arguments": ""}),
        delta(function_call={"arguments": '{"cell_id": "c1"}'}),
    ]
    assert called(*chunks) == [("read_cell", {"cell_id": "c1"})]


def test_a_call_that_comes_both_ways_is_made_once() -> None:
    written = delta(content='<tool_call>{"name": "read_cell", "arguments": {}}</tool_call>')
    assert called(written, calls(fragment(0, "a", "read_cell", "{}"))) == [("read_cell", {})]


def test_a_call_in_the_reasoning_counts_when_nothing_else_was_said() -> None:
    thought = delta(reasoning='I look.\n<tool_call>{"name": "read_cell", "arguments": {}}</tool_call>')
    assert called(thought) == [("read_cell", {})]
    assert called(thought, delta(content="It is 4.")) == []


def test_a_name_without_id_and_index_begins_another_call_once_the_last_one_is_complete() -> None:
    same = [fragment(None, "", "run_cell", '{"cell_id": "a1"}'), fragment(None, "", "run_cell", '{"cell_id": "b2"}')]
    assert called(*map(calls, same)) == [("run_cell", {"cell_id": "a1"}), ("run_cell", {"cell_id": "b2"})]


def test_a_repeated_name_goes_on_with_a_call_that_is_not_complete() -> None:
    same = [fragment(0, "", "run_cell", '{"cell'), fragment(0, "", "run_cell", '_id": "a1"}')]
    assert called(*map(calls, same)) == [("run_cell", {"cell_id": "a1"})]


def test_calls_that_are_streamed_in_turns_are_told_apart_by_their_index() -> None:
    turns = [
        fragment(0, "a", "read_cell", ""),
        fragment(1, "b", "run_cell", ""),
        fragment(0, None, None, '{"cell_id":'),
        fragment(1, None, None, '{"cell_id":'),
        fragment(1, None, None, '"b2"}'),
        fragment(0, None, None, '"a1"}'),
    ]
    assert called(*map(calls, turns)) == [("read_cell", {"cell_id": "a1"}), ("run_cell", {"cell_id": "b2"})]


def test_calls_that_are_streamed_in_turns_without_index_are_told_apart_by_their_id() -> None:
    turns = [
        fragment(None, "a", "read_cell", ""),
        fragment(None, "b", "run_cell", ""),
        fragment(None, "a", None, '{"cell_id": "a1"}'),
        fragment(None, "b", None, '{"cell_id": "b2"}'),
    ]
    assert called(*map(calls, turns)) == [("read_cell", {"cell_id": "a1"}), ("run_cell", {"cell_id": "b2"})]


def test_arguments_at_an_index_that_no_call_has_belong_to_the_last_call() -> None:
    stray = [fragment(0, "a", "run_cell", ""), fragment(1, None, None, '{"cell_id": "a1"}')]
    assert called(*map(calls, stray)) == [("run_cell", {"cell_id": "a1"})]


def test_equal_calls_without_ids_at_one_index_stay_two_and_only_the_first_keeps_its_signature() -> None:
    signed = fragment(0, "", "run_cell", '{"cell_id": "a1"}', extra_content={"google": {}, "signed": True})
    again = fragment(0, "", "run_cell", '{"cell_id": "a1"}')
    _, _, end = assembled(calls(signed), calls(again), finish())
    assert [(call.args, call.extra is not None) for call in end.calls] == [
        ({"cell_id": "a1"}, True),
        ({"cell_id": "a1"}, False),
    ]


def test_another_id_begins_another_call_of_the_same_tool_even_after_one_without_arguments() -> None:
    both = [fragment(0, "a", "run_cell", ""), fragment(0, "b", "run_cell", '{"cell_id": "a1"}')]
    assert called(*map(calls, both)) == [("run_cell", {}), ("run_cell", {"cell_id": "a1"})]


def test_an_empty_call_before_a_whole_one_does_not_swallow_its_arguments() -> None:
    both = [fragment(0, "a", "interrupt", ""), fragment(1, "b", "run_cell", '{"cell_id": "a1"}')]
    assert called(*map(calls, both)) == [("interrupt", {}), ("run_cell", {"cell_id": "a1"})]


@pytest.mark.parametrize("how", ["openai", "no index", "index 0", "no ids", "neither", "same id", "names each time"])
@pytest.mark.parametrize("seed", range(20))
def test_any_calls_in_any_pieces_come_out_as_they_went_in(how: str, seed: int) -> None:
    chance = random.Random(seed)
    names = ["read_cell", "run_cell", "edit_cell"]
    wanted: list[Call] = [
        (chance.choice(names), {"cell_id": f"c{n}", "text": chance.choice(["", "{}", '"}{"', "é\n\\"])})
        for n in range(chance.randint(1, 4))
    ]
    chunks = []
    for n, (name, args) in enumerate(wanted):
        raw = json.dumps(args, ensure_ascii=chance.random() < 0.5)
        cuts = sorted(chance.sample(range(1, len(raw)), chance.randint(0, 4)))
        pieces = [raw[a:b] for a, b in zip([0, *cuts], [*cuts, len(raw)], strict=True)]
        for k, piece in enumerate(pieces):
            index = None if how in ("no index", "neither") else 0 if how == "index 0" else n
            call_id = None if how in ("no ids", "neither") else "same" if how == "same id" else f"id{n}"
            first = k == 0 or how == "names each time"
            chunks.append(calls(fragment(index, call_id if first else None, name if first else None, piece)))
    assert called(*chunks) == wanted


def test_what_a_provider_hangs_on_a_call_stays_with_it() -> None:
    signed = fragment(0, "a", "read_cell", "{}", extra_content={"google": {"thought_signature": "c2ln"}})
    _, _, end = assembled(calls(signed, fragment(1, "b", "run_cell", "{}")), finish())
    assert [call.extra for call in end.calls] == [{"extra_content": {"google": {"thought_signature": "c2ln"}}}, None]


def test_what_a_provider_hangs_on_the_message_is_kept_whole() -> None:
    first, second = {"type": "reasoning.text", "text": "Let"}, {"type": "reasoning.encrypted", "data": "x"}
    _, _, end = assembled(
        delta(content="Hi", extra_content={"google": {"thought_signature": "c2ln"}}, reasoning_details=[first]),
        delta(reasoning_details=[second]),
        finish(),
    )
    assert end.extra == {
        "extra_content": {"google": {"thought_signature": "c2ln"}},
        "reasoning_details": [first, second],
    }


def test_reasoning_that_led_to_a_call_is_kept_for_servers_that_want_it_back() -> None:
    thought = delta(reasoning_content="Let me look.")
    assert assembled(thought, calls(fragment(0, "a", "read_cell", "{}")), finish())[2].extra == {
        "reasoning_content": "Let me look."
    }
    assert assembled(thought, delta(content="Hi"), finish())[2].extra is None


# Ends


def test_an_answer_that_ended_without_reason_is_truncated() -> None:
    with pytest.raises(StreamTruncated):
        assembled(delta(content="Half an ans"))


def test_usage_after_the_text_closes_an_answer_without_reason() -> None:
    text, _, end = assembled(delta(content="Hi"), finish(None), {"choices": [], "usage": {"prompt_tokens": 3}})
    assert (text, end.finish_reason, end.usage.prompt) == ("Hi", None, 3)


def test_usage_does_not_close_an_answer_in_the_middle_of_a_call() -> None:
    with pytest.raises(StreamTruncated):
        assembled(calls(fragment(0, "a", "run_cell", '{"cell')), {"choices": [], "usage": {"prompt_tokens": 3}})


def test_text_after_the_usage_opens_the_answer_again() -> None:
    with pytest.raises(StreamTruncated):
        assembled({"choices": [], "usage": {"prompt_tokens": 3}}, delta(content="Hi"))


def test_calls_are_recognised_whatever_reason_is_given() -> None:
    whole = calls(fragment(0, "a", "run_cell", '{"cell_id": "a1"}'))
    for reason in ("stop", "tool_calls", "length", "function_call", "eos"):
        assert assembled(whole, finish(reason))[2].calls[0].args == {"cell_id": "a1"}


# Usage


@pytest.mark.parametrize(
    ("usages", "counted"),
    [
        ([], Usage()),
        ([None, {"prompt_tokens": 7, "completion_tokens": 2}], Usage(prompt=7, completion=2)),
        ([{"prompt_tokens": 7, "completion_tokens": n} for n in (1, 2, 3)], Usage(prompt=7, completion=3)),
        ([{"prompt_tokens": "many", "completion_tokens": -1}], Usage()),
        (
            [
                {
                    "prompt_tokens": 9,
                    "completion_tokens": 4,
                    "prompt_tokens_details": {"cached_tokens": 5},
                    "completion_tokens_details": {"reasoning_tokens": 3},
                }
            ],
            Usage(prompt=9, cached=5, completion=4, reasoning=3),
        ),
        (
            [{"prompt_tokens": 9, "prompt_cache_hit_tokens": 6, "prompt_tokens_details": None}],
            Usage(prompt=9, cached=6),
        ),
    ],
)
def test_the_last_usage_counts(usages: list[Chunk | None], counted: Usage) -> None:
    chunks = [{**delta(content="x"), "usage": usage} for usage in usages]
    assert assembled(*chunks, finish())[2].usage == counted


def test_nothing_that_a_server_sends_breaks_the_assembler() -> None:
    chance = random.Random(7)
    atoms: list[Any] = [None, 0, -1, 1.5, True, "", "x", '{"a":1}', [], {}, [None], ["x"]]
    keys = ["choices", "delta", "message", "index", "tool_calls", "function", "name", "arguments", "id", "usage"]
    keys += ["finish_reason", "content", "reasoning", "prompt_tokens", "extra_content", "prompt_tokens_details"]

    def junk(depth: int) -> Any:
        kind = chance.random()
        if depth == 0 or kind < 0.3:
            return chance.choice(atoms)
        if kind < 0.5:
            return [junk(depth - 1) for _ in range(chance.randint(0, 3))]
        return {key: junk(depth - 1) for key in chance.sample(keys, 4)}

    for _ in range(3000):
        assembler = Assembler()
        for _ in range(3):
            assembler.feed({"choices": [{"delta": junk(3)}], **{key: junk(4) for key in chance.sample(keys, 2)}})
        try:
            assembler.finish()
        except StreamTruncated:
            continue
