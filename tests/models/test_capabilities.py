"""What a refusal teaches, and what requests look like afterwards."""

from __future__ import annotations

from typing import Any

import pytest
from msgspec.structs import replace

from jupyter_copilot.models.adaptation import learn
from jupyter_copilot.models.capabilities import IMAGE_NOTE, TOOLS_NOTE, Capabilities, shape
from jupyter_copilot.models.errors.error_parser import Complaint, complaint

from .conftest import CALL, PNG, SIGNED, TOOLS, conversation


def body_of(can: Capabilities, **changes: Any) -> dict[str, Any]:
    return shape(conversation(**changes), "served", {"temperature": 0.2}, can)


def said(words: str, status: int = 400, param: str = "") -> Complaint:
    return Complaint(status=status, words=words, param=param)


def test_a_first_request_says_everything() -> None:
    body = body_of(Capabilities())
    assert body == {
        "model": "served",
        "temperature": 0.2,
        "messages": conversation().messages,
        "stream": True,
        "stream_options": {"include_usage": True},
        "tools": TOOLS,
        "max_tokens": 512,
    }


def test_one_call_is_wished_for_unless_a_person_configured_it_or_the_server_refuses() -> None:
    request = replace(conversation(), one_call=True)
    assert shape(request, "served", {}, Capabilities())["parallel_tool_calls"] is False
    assert shape(request, "served", {"parallel_tool_calls": True}, Capabilities())["parallel_tool_calls"] is True
    refusing = Capabilities(refused=frozenset({"parallel_tool_calls"}))
    assert "parallel_tool_calls" not in shape(request, "served", {}, refusing)
    assert "parallel_tool_calls" not in shape(replace(request, tools=[]), "served", {}, Capabilities())


def test_what_was_asked_for_is_not_changed_by_shaping_it() -> None:
    request = conversation()
    shape(request, "served", {}, Capabilities(images=False, tools=False, refused=frozenset({"extra_content"})))
    assert request == conversation()


@pytest.mark.parametrize(
    ("refusal", "changed"),
    [
        (said("Unsupported parameter", param="stream_options"), {"refused": {"stream_options"}}),
        (said("Unrecognized request argument supplied: stream_options"), {"refused": {"stream_options"}}),
        (said("body -> stream_options: Extra inputs are not permitted", 422), {"refused": {"stream_options"}}),
        (
            said("Unsupported value: 'temperature' does not support 0.2", param="temperature"),
            {"refused": {"temperature"}},
        ),
        (said("'max_tokens' is not supported. Use 'max_completion_tokens'."), {"limit_name": "max_completion_tokens"}),
        (said("Unknown parameter: messages[2].tool_calls[0].extra_content"), {"refused": {"extra_content"}}),
        (said("Function call is missing a thought_signature"), {"wants_signatures": True}),
        (said("Missing `reasoning_content` field"), {"wants_reasoning": True}),
        (said("gemma does not support tools"), {"tools": False}),
        (said('"auto" tool choice requires --enable-auto-tool-choice'), {"tools": False}),
        (said("No endpoints found that support tool use", 404), {"tools": False}),
        (said("Unsupported param: tools", 500), {"tools": False}),
        (said("Not supported with this model", param="tools"), {"tools": False}),
        (said("opt-125m is not a multimodal model"), {"images": False}),
        (said("unknown variant `image_url`, expected `text`", 422), {"images": False}),
        (said("image input is not supported - hint: provide the mmproj", 500), {"images": False}),
        (said("Value is not callable: null, at content", 500), {"empty_content": ""}),
    ],
)
def test_a_refusal_teaches_what_it_names(refusal: Complaint, changed: dict[str, Any]) -> None:
    can = Capabilities()
    learned = learn(can, body_of(can), refusal)
    assert learned is not None
    assert {name: getattr(learned, name) for name in changed} == changed


@pytest.mark.parametrize(
    "refusal",
    [
        said("Bad request"),
        said("The server had an error", 500),
        said("Unsupported parameter", 401, "stream_options"),
        said("Unsupported parameter", 429, "stream_options"),
        said("The image could not be downloaded"),
        said("Unsupported model", param="model"),
        said("messages must not be empty", param="messages"),
    ],
)
def test_other_refusals_teach_nothing(refusal: Complaint) -> None:
    can = Capabilities()
    assert learn(can, body_of(can), refusal) is None


def test_a_refusal_of_what_was_not_sent_teaches_nothing() -> None:
    can = Capabilities()
    text_only = body_of(can, messages=[{"role": "user", "content": "Hi"}], tools=[], max_tokens=None)
    for words in ("does not support tools", "images are not supported", "max_tokens is not supported"):
        assert learn(can, text_only, said(words)) is None


def test_learning_comes_to_an_end_whatever_a_server_refuses() -> None:
    everything = "unsupported: max_tokens max_completion_tokens stream_options temperature extra_content "
    everything += "thought_signature reasoning_content, does not support tools, image, content null empty"
    can, lessons = Capabilities(), 0
    while (learned := learn(can, body_of(can), said(everything))) is not None:
        can, lessons = learned, lessons + 1
        assert lessons < 20
    assert lessons == 10


def test_a_limit_that_is_refused_under_both_names_is_left_out() -> None:
    can = Capabilities()
    for name in ("max_tokens", "max_completion_tokens"):
        learned = learn(can, body_of(can), said("Unsupported", param=name))
        assert learned is not None
        can = learned
    assert not {"max_tokens", "max_completion_tokens"} & set(body_of(can))


def test_a_server_without_tools_gets_calls_and_results_as_text_and_a_note() -> None:
    body = body_of(Capabilities(tools=False))
    assert "tools" not in body
    assert body["messages"] == [
        {"role": "system", "content": f"Help.\n\n{TOOLS_NOTE}"},
        conversation().messages[1],
        {"role": "assistant", "content": "[Called read_cell with {}]"},
        {"role": "user", "content": "[Result of a tool]\nx = 1"},
    ]


def test_a_server_without_images_gets_a_note_in_their_place() -> None:
    messages = body_of(Capabilities(images=False))["messages"]
    assert messages[1] == {"role": "user", "content": f"What is this?\n{IMAGE_NOTE}"}


def test_signatures_are_kept_and_made_up_only_where_another_model_called() -> None:
    unsigned = {"role": "assistant", "content": None, "tool_calls": [CALL, {**CALL, "id": "call_b"}]}
    messages = [*conversation().messages, unsigned]
    plain, signed = (
        [m["tool_calls"] for m in body_of(can, messages=messages)["messages"] if "tool_calls" in m]
        for can in (Capabilities(), Capabilities(wants_signatures=True))
    )
    assert plain == [[{**CALL, "extra_content": SIGNED}], unsigned["tool_calls"]]
    assert signed[0] == plain[0]
    assert signed[1][0]["extra_content"] == {"google": {"thought_signature": "skip_thought_signature_validator"}}
    assert "extra_content" not in signed[1][1]


def test_reasoning_is_given_back_only_where_it_is_wanted() -> None:
    answer = {"role": "assistant", "content": None, "tool_calls": [CALL], "reasoning_content": "Let me look."}
    plain, wanted = (
        body_of(can, messages=[answer])["messages"][0].get("reasoning_content")
        for can in (Capabilities(), Capabilities(wants_reasoning=True))
    )
    assert (plain, wanted) == (None, "Let me look.")


def test_an_answer_without_text_says_null_only_beside_calls() -> None:
    messages = [{"role": "assistant", "content": ""}, {"role": "assistant", "content": "", "tool_calls": [CALL]}]
    shaped = body_of(Capabilities(), messages=messages)["messages"]
    assert [message["content"] for message in shaped if message["role"] == "assistant"] == [None]
    switched = body_of(Capabilities(empty_content=""), messages=messages)["messages"]
    assert [message["content"] for message in switched if message["role"] == "assistant"] == [""]


def test_text_beside_calls_is_left_out_for_a_server_that_takes_either() -> None:
    messages = [{"role": "assistant", "content": "I look.", "tool_calls": [CALL]}]
    (answer,) = (m for m in body_of(Capabilities(lone_calls=True), messages=messages)["messages"] if "tool_calls" in m)
    assert answer["content"] is None


def test_a_schema_that_was_refused_is_told_without_its_limits() -> None:
    limited = {"type": "integer", "minimum": 1, "description": "How many."}
    parameters = {"type": "object", "properties": {"n": limited, "any": {}}, "additionalProperties": False}
    tools = [{"type": "function", "function": {"name": "look", "parameters": parameters}}]
    can = Capabilities()
    refusal = said("failed to parse grammar")
    learned = learn(can, body_of(can, tools=tools), refusal)
    assert learned is not None
    told = body_of(learned, tools=tools)["tools"][0]["function"]["parameters"]
    assert told == {
        "type": "object",
        "properties": {"n": {"type": "integer", "description": "How many."}, "any": {"type": "string"}},
    }
    assert learn(learned, body_of(learned, tools=tools), refusal) is None


def test_images_stay_where_nothing_is_known_against_them() -> None:
    assert PNG in body_of(Capabilities())["messages"][1]["content"]


def test_a_complaint_is_read_from_a_real_body() -> None:
    body = {"message": "Unsupported", "param": "stream_options", "code": "unsupported_parameter"}
    can = Capabilities()
    learned = learn(can, body_of(can), complaint(400, body, {}, 0))
    assert learned is not None
    assert learned.refused == {"stream_options"}
