"""Scripted replies of a model server: whole answers, refusals, and whatever else a test puts together.

A `Reply` is plain data, so that a script can travel to another process as JSON.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

import msgspec
from msgspec import Struct

JsonObject = dict[str, Any]
Call = tuple[str, JsonObject]

USAGE = {"prompt_tokens": 120, "completion_tokens": 30, "total_tokens": 150}


class Raw(Struct, frozen=True, tag_field="part", tag="raw"):
    """Text that is sent as it is."""

    text: str


class Gate(Struct, frozen=True, tag_field="part", tag="gate"):
    """Nothing more is sent until the test opens the gate of this name; as the first part, not even headers."""

    name: str


class Stall(Struct, frozen=True, tag_field="part", tag="stall"):
    """Nothing more is sent, and the connection stays open."""


class Drop(Struct, frozen=True, tag_field="part", tag="drop"):
    """The TCP connection is cut."""


class Pause(Struct, frozen=True, tag_field="part", tag="pause"):
    """Nothing is sent for this long: for demonstrations and benchmarks; tests use gates."""

    seconds: float


Part = Raw | Gate | Stall | Drop | Pause


class Reply(Struct, frozen=True, kw_only=True):
    """What the server answers to one request: the next one whose body holds the text `when`.

    A reply with `repeat` answers any number of them, none included.
    """

    parts: list[Part] = []
    status: int = 200
    headers: dict[str, str] = {}
    content_type: str = "text/event-stream"
    when: str = ""
    repeat: bool = False

    def only(self, when: str) -> Reply:
        """The same reply, for requests whose body holds this text (their JSON, so quotes inside are escaped)."""
        return msgspec.structs.replace(self, when=when)

    def always(self) -> Reply:
        """The same reply, for any number of requests."""
        return msgspec.structs.replace(self, repeat=True)


# Chunks


def data(value: object) -> Raw:
    """One event of the stream; a string is sent as it is."""
    return Raw(f"data: {value if isinstance(value, str) else json.dumps(value)}\n\n")


def chunk(delta: JsonObject | None = None, finish: str | None = None, **fields: Any) -> Raw:
    """A chunk with one choice, and further fields (`usage=…`) beside it."""
    choice: JsonObject = {"index": 0, "delta": delta or {}, "finish_reason": finish}
    body = {"id": "chatcmpl-1", "object": "chat.completion.chunk", "created": 1, "model": "test-model"}
    return data({**body, "choices": [choice], **fields})


def usage_chunk(usage: JsonObject | None = None) -> Raw:
    """The chunk without choices that brings the usage."""
    return chunk(choices=[], usage=usage or USAGE)


def fragment(
    index: int | None, call_id: str | None, name: str | None, arguments: str | None, **more: Any
) -> JsonObject:
    """One entry of `delta.tool_calls`; what is None is left out."""
    entry: JsonObject = {"type": "function", "function": {}, **more}
    if index is not None:
        entry["index"] = index
    if call_id is not None:
        entry["id"] = call_id
    if name is not None:
        entry["function"]["name"] = name
    if arguments is not None:
        entry["function"]["arguments"] = arguments
    return entry


def tool_call(entry: JsonObject) -> Raw:
    """A chunk with one fragment of a tool call."""
    return chunk({"tool_calls": [entry]})


DONE = data("[DONE]")


def words(text: str) -> list[str]:
    """The text in pieces as a model would stream it; joined they are the text."""
    return [piece for piece in text.replace(" ", " \0").split("\0") if piece]


def deltas(text: str, key: str = "content") -> list[Part]:
    """A chunk for each word."""
    return [chunk({key: word}) for word in words(text)]


def call_chunks(calls: Sequence[Call]) -> list[Part]:
    """Tool calls as OpenAI streams them: a name first, then its arguments in pieces."""
    parts: list[Part] = []
    for n, (name, args) in enumerate(calls):
        raw = json.dumps(args)
        parts.append(tool_call(fragment(n, f"call_{n}", name, "")))
        parts += [tool_call(fragment(n, None, None, piece)) for piece in (raw[:5], raw[5:])]
    return parts


def ending(finish: str = "stop", usage: JsonObject | None = None) -> list[Part]:
    """The end of a whole answer."""
    return [chunk({}, finish), usage_chunk(usage), DONE]


# Whole answers


def answer(
    text: str = "",
    reasoning: str = "",
    calls: Sequence[Call] = (),
    *,
    gate: str = "",
    usage: JsonObject | None = None,
    tokens_per_s: float = 0.0,
) -> Reply:
    """A whole answer: reasoning, then text, then tool calls.

    `gate` names a gate in the middle of the text; without text, before the tool calls. `tokens_per_s` paces the words.
    """
    body = [*deltas(reasoning, "reasoning_content"), *deltas(text)]
    if gate:
        body.insert(len(body) - len(words(text)) // 2, Gate(gate))
    if tokens_per_s:
        body = [part for piece in body for part in (Pause(1 / tokens_per_s), piece)]
    opening = chunk({"role": "assistant", "content": ""})
    finish = "tool_calls" if calls else "stop"
    return Reply(parts=[opening, *body, *call_chunks(calls), *ending(finish, usage)])


def completion(text: str, *, gate: str = "", usage: JsonObject | None = None) -> Reply:
    """The text at the cursor, as Completions streams it; `gate` names a gate in its middle."""
    pieces: list[Part] = [data({"choices": [{"index": 0, "text": word}]}) for word in words(text)]
    if gate:
        pieces.insert(len(pieces) // 2, Gate(gate))
    end = data({"choices": [{"index": 0, "text": "", "finish_reason": "stop"}], "usage": usage or USAGE})
    return Reply(parts=[*pieces, end, DONE])


def stream(*parts: Part) -> Reply:
    """A reply of exactly these parts."""
    return Reply(parts=list(parts))


# Refusals


def status(code: int, body: object = None, *, retry_after: float | str | None = None, **headers: str) -> Reply:
    """An HTTP error; `retry_after` is seconds or a date; without a body, one like OpenAI's is made up."""
    if retry_after is not None:
        headers["Retry-After"] = str(retry_after)
    body = body if body is not None else {"error": {"message": f"Status {code}.", "type": "error", "code": None}}
    return Reply(parts=[Raw(json.dumps(body))], status=code, headers=headers, content_type="application/json")


def refusal(status_code: int, message: str, **fields: Any) -> Reply:
    """An HTTP error with a message, and further fields (`code=…`, `param=…`) of the error object."""
    return status(status_code, {"error": {"message": message, "type": "invalid_request_error", **fields}})


def page(code: int, title: str) -> Reply:
    """A web page where an answer should be."""
    html = f"<html><head><title>{title}</title></head><body><h1>{title}</h1></body></html>"
    return Reply(parts=[Raw(html)], status=code, content_type="text/html")
