"""What is known of a model's ways, and requests shaped so that it takes them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from msgspec import Struct

from ..ports.model import ModelRequest
from ..protocol import JsonObject

IMAGE_NOTE = "[An image stood here. This model cannot see images.]"
TOOLS_NOTE = (
    "This model server takes no tools, so you cannot act on the notebook. When you are asked to, say so and recommend "
    "choosing another model."
)
# The value that Google documents for calls which another model made.
NO_SIGNATURE = {"google": {"thought_signature": "skip_thought_signature_validator"}}


class Capabilities(Struct, frozen=True, kw_only=True):
    """How one model of one endpoint wants to be asked; `refused` are parameters and message fields to leave out.

    `thinks_first`: its template begins the thinking, so that its text begins in thought.
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
    thinks_first: bool = False


def shape(request: ModelRequest, server_id: str, options: JsonObject, can: Capabilities) -> JsonObject:
    """The body of the HTTP request: what the caller wants said, in the way that this model takes it."""
    body: JsonObject = {
        **options,
        "model": server_id,
        "messages": [_message(message, can) for message in _conversation(request.messages, can)],
        "stream": True,
        "stream_options": {"include_usage": True},
    }
    if request.tools and can.tools:
        body["tools"] = request.tools
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
    told = [_told(message) for message in messages]
    first = next((n for n, message in enumerate(told) if message.get("role") not in ("system", "developer")), len(told))
    return [*told[:first], {"role": "system", "content": TOOLS_NOTE}, *told[first:]]


def _told(message: JsonObject) -> JsonObject:
    if message.get("role") == "tool":
        return {"role": "user", "content": f"[Result of a tool]\n{_text_of(message)}"}
    if not message.get("tool_calls"):
        return message
    calls = [f"[Called {c['function']['name']} with {c['function']['arguments']}]" for c in message["tool_calls"]]
    return {"role": "assistant", "content": "\n".join(filter(None, [_text_of(message), *calls]))}


def _text_of(message: JsonObject) -> str:
    content = message.get("content")
    return "\n".join(map(_part_text, content)) if isinstance(content, list) else str(content or "")


def _part_text(part: Any) -> str:
    return IMAGE_NOTE if _is_image(part) else str(part.get("text", "")) if isinstance(part, dict) else str(part)


def _is_image(part: Any) -> bool:
    return isinstance(part, dict) and part.get("type") in ("image_url", "input_image", "image")
