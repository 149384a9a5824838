"""What is known of a model's ways, and requests shaped so that it takes them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from msgspec import Struct

from ..ports.model import ModelRequest
from ..protocol import JsonObject
from .roles import Turns, as_text, strict
from .schemas import bare_tool

IMAGE_NOTE = "[An image stood here. This model cannot see images.]"
TOOLS_NOTE = (
    "This model server takes no tools, so you cannot act on the notebook. When you are asked to, say so and recommend "
    "choosing another model."
)
# The value that Google documents for calls which another model made.
NO_SIGNATURE = {"google": {"thought_signature": "skip_thought_signature_validator"}}


class Capabilities(Struct, frozen=True, kw_only=True):
    """How one model of one endpoint wants to be asked; `refused` are parameters and message fields to leave out.

    `turns` is the order of roles that it wants, `lone_calls`: no text beside calls, `bare_schemas`: schemas of tools
    without limits. `thinks_first`: its template begins the thinking, so that its text begins in thought.
    """

    refused: frozenset[str] = frozenset()
    limit_name: str = "max_tokens"
    limit_switched: bool = False
    tools: bool = True
    images: bool = True
    wants_reasoning: bool = False
    wants_signatures: bool = False
    empty_content: str | None = None
    content_switched: bool = False
    turns: Turns = "any"
    system: bool = True
    lone_calls: bool = False
    bare_schemas: bool = False
    thinks_first: bool = False


def shape(request: ModelRequest, server_id: str, options: JsonObject, can: Capabilities) -> JsonObject:
    """The body of the HTTP request: what the caller wants said, in the way that this model takes it."""
    messages = strict(_conversation(request.messages, can), can.turns, system=can.system)
    body: JsonObject = {
        **options,
        "model": server_id,
        "messages": [_message(message, can) for message in messages],
        "stream": True,
        "stream_options": {"include_usage": True},
    }
    if request.tools and can.tools:
        body["tools"] = [bare_tool(tool) for tool in request.tools] if can.bare_schemas else request.tools
        if request.one_call:
            body.setdefault("parallel_tool_calls", False)
    if request.max_tokens is not None:
        body[can.limit_name] = request.max_tokens
    return {name: value for name, value in body.items() if name not in can.refused}


def images_of(message: JsonObject) -> Iterator[Any]:
    """The image parts of a message."""
    content = message.get("content")
    return filter(_is_image, content if isinstance(content, list) else ())


def _message(message: JsonObject, can: Capabilities) -> JsonObject:
    shaped = {key: value for key, value in message.items() if key not in can.refused}
    if not can.images and isinstance(shaped.get("content"), list):
        shaped["content"] = _text_of(shaped)
    if shaped.get("role") == "assistant":
        _shape_answer(shaped, can)
    return shaped


def _shape_answer(answer: JsonObject, can: Capabilities) -> None:
    calls = answer.get("tool_calls")
    if calls:
        answer["tool_calls"] = [_call(call, n, can) for n, call in enumerate(calls)]
    if not answer.get("content"):
        answer["content"] = can.empty_content if calls else ""
    elif calls and can.lone_calls:
        answer["content"] = can.empty_content
    if not can.wants_reasoning:
        answer.pop("reasoning_content", None)
    elif calls:
        answer.setdefault("reasoning_content", "")


def _call(call: JsonObject, n: int, can: Capabilities) -> JsonObject:
    shaped = {key: value for key, value in call.items() if key not in can.refused}
    if can.wants_signatures and n == 0:
        shaped.setdefault("extra_content", NO_SIGNATURE)
    return shaped


def _conversation(messages: list[JsonObject], can: Capabilities) -> list[JsonObject]:
    """The messages; for a server that takes no tools, with a note and with earlier calls and results as text."""
    if can.tools:
        return messages
    told = [each for message in messages for each in as_text(message)]
    return [*told, {"role": "system", "content": TOOLS_NOTE}]


def _text_of(message: JsonObject) -> str:
    content = message.get("content")
    return "\n".join(map(_part_text, content)) if isinstance(content, list) else str(content or "")


def _part_text(part: Any) -> str:
    return IMAGE_NOTE if _is_image(part) else str(part.get("text", "")) if isinstance(part, dict) else str(part)


def _is_image(part: Any) -> bool:
    return isinstance(part, dict) and part.get("type") in ("image_url", "input_image", "image")
