"""Messages in the order of roles that a model's chat template takes.

Servers hand the conversation to the model's own template, and many refuse what OpenAI takes: two messages of one role
in a row, a person's message after a tool's, an empty one. `well_formed` is what all requests keep to; `strict` goes on
to what the strictest templates want, for servers that refused once.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, Literal

from ..protocol import JsonObject

Turns = Literal["any", "answered", "alternating"]
"""What a template wants: nothing more than `well_formed`; an answer between a tool's result and a person's message
(Mistral); or people and the assistant in turns, with calls and results told as text (Gemma)."""

STRICTER: dict[Turns, Turns] = {"any": "answered", "answered": "alternating"}

NO_OUTPUT = "(No output.)"
NO_RESULT = "(Its result is not known.)"
NO_TEXT = "(No text.)"
GO_ON = "Please go on."
BEGIN = "(The conversation begins here.)"
READ_ON = "(I see the results.)"


def well_formed(messages: Sequence[JsonObject]) -> list[JsonObject]:
    """The messages with one system message, first; none empty; each call answered once, right after it; no two
    messages of people, or of the assistant without calls, in a row; and the last one not the assistant's."""
    system = [message for message in messages if message["role"] in ("system", "developer")]
    told = list(_answered_once([message for message in messages if message["role"] not in ("system", "developer")]))
    joined = _joined([message for message in map(_filled, told) if message is not None])
    if not joined or (joined[-1]["role"] == "assistant" and not joined[-1].get("tool_calls")):
        joined.append({"role": "user", "content": GO_ON})
    return [*_one_system(system), *joined]


def strict(messages: Sequence[JsonObject], turns: Turns, *, system: bool = True) -> list[JsonObject]:
    """Well-formed messages as a stricter template wants them; without `system`, people say what it said."""
    if not system:
        messages = _without_system(messages)
    if turns == "any":
        return well_formed(messages)
    if turns == "answered":
        return list(_answered(well_formed(messages)))
    alternating = well_formed([each for message in well_formed(messages) for each in as_text(message)])
    first = next((n for n, message in enumerate(alternating) if message["role"] != "system"), 0)
    if alternating[first]["role"] == "assistant":
        alternating.insert(first, {"role": "user", "content": BEGIN})
    return alternating


def as_text(message: JsonObject) -> list[JsonObject]:
    """The message for a template that knows no tools: calls and results in words."""
    if message["role"] == "tool":
        return [{"role": "user", "content": f"[Result of a tool]\n{text_of(message)}"}]
    if not message.get("tool_calls"):
        return [message]
    calls = [f"[Called {c['function']['name']} with {c['function']['arguments']}]" for c in message["tool_calls"]]
    return [{"role": "assistant", "content": "\n".join(filter(None, [text_of(message), *calls]))}]


def text_of(message: JsonObject) -> str:
    """The text of a message's content; images are left out."""
    content = message.get("content")
    if isinstance(content, list):
        return "\n".join(str(part["text"]) for part in content if isinstance(part, dict) and part.get("text"))
    return str(content or "")


def _one_system(system: Sequence[JsonObject]) -> list[JsonObject]:
    text = "\n\n".join(filter(None, map(text_of, system)))
    if not text:
        return []
    return [system[0]] if len(system) == 1 else [{**system[0], "content": text}]


def _without_system(messages: Sequence[JsonObject]) -> list[JsonObject]:
    system = [message for message in messages if message["role"] in ("system", "developer")]
    others = [message for message in messages if message["role"] not in ("system", "developer")]
    return [*({"role": "user", "content": text_of(message)} for message in system), *others]


def _answered_once(messages: Sequence[JsonObject]) -> Iterator[JsonObject]:
    """Each call followed by its one result; results of no call are told as text."""
    n = 0
    while n < len(messages):
        message = messages[n]
        n += 1
        if message["role"] == "tool":
            yield from as_text(message)
        elif not message.get("tool_calls"):
            yield {key: value for key, value in message.items() if key != "tool_calls"}
        else:
            results: dict[str, JsonObject] = {}
            strays: list[JsonObject] = []
            wanted = {str(call["id"]) for call in message["tool_calls"]}
            while n < len(messages) and messages[n]["role"] == "tool":
                call_id = str(messages[n].get("tool_call_id"))
                if call_id in wanted and call_id not in results:
                    results[call_id] = messages[n]
                else:
                    strays += as_text(messages[n])
                n += 1
            yield message
            for call_id in dict.fromkeys(str(call["id"]) for call in message["tool_calls"]):
                yield results.get(call_id) or {"role": "tool", "tool_call_id": call_id, "content": NO_RESULT}
            yield from strays


def _filled(message: JsonObject) -> JsonObject | None:
    """The message with some content; None for an answer that says and does nothing."""
    content = message.get("content")
    if isinstance(content, list):
        content = [part for part in content if part.get("type") != "text" or str(part.get("text", "")).strip()]
        message = {**message, "content": content}
    empty = not content.strip() if isinstance(content, str) else not content
    if not empty:
        return message
    if message.get("tool_calls"):
        return {**message, "content": None}
    match message["role"]:
        case "assistant":
            return None
        case "tool":
            return {**message, "content": NO_OUTPUT}
        case _:
            return {**message, "content": NO_TEXT}


def _joined(messages: Sequence[JsonObject]) -> list[JsonObject]:
    """Neighbours of people, and answers without calls with what follows them, as one message."""
    joined: list[JsonObject] = []
    for message in messages:
        before = joined[-1] if joined else None
        if before is None or before["role"] != message["role"] or message["role"] == "tool" or before.get("tool_calls"):
            joined.append(message)
        else:
            joined[-1] = {**before, **message, "content": _both(before.get("content"), message.get("content"))}
    return joined


def _both(before: Any, after: Any) -> Any:
    if isinstance(before, list) or isinstance(after, list):
        return [*_parts(before), *_parts(after)]
    return "\n\n".join(filter(None, (before, after))) or None


def _parts(content: Any) -> list[JsonObject]:
    if isinstance(content, list):
        return content
    return [{"type": "text", "text": content}] if content else []


def _answered(messages: Sequence[JsonObject]) -> Iterator[JsonObject]:
    before = ""
    for message in messages:
        if before == "tool" and message["role"] == "user":
            yield {"role": "assistant", "content": READ_ON}
        yield message
        before = str(message["role"])
