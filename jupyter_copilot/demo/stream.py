"""An answer as Chat Completions chunks: reasoning, words and tool calls, in the pieces that a real server sends."""

from __future__ import annotations

import json
import re
import uuid
from collections.abc import Iterator
from typing import Any

from .script import ScriptStep

_PIECES = re.compile(r"\s*\S+|\s+$")
ARGUMENT_CHARS = 24


def deltas(step: ScriptStep) -> Iterator[dict[str, Any]]:
    """The `delta` of each chunk, in order: whitespace is kept, so the pieces join to the whole."""
    yield {"role": "assistant", "content": ""}
    for piece in _PIECES.findall(step.thought):
        yield {"reasoning_content": piece}
    for piece in _PIECES.findall(step.text):
        yield {"content": piece}
    for index, call in enumerate(step.calls):
        arguments = json.dumps(call.args, ensure_ascii=False)
        function = {"name": call.name, "arguments": ""}
        yield _tool_call(index, id=f"call_{uuid.uuid4().hex[:12]}", type="function", function=function)
        for start in range(0, len(arguments), ARGUMENT_CHARS):
            yield _tool_call(index, function={"arguments": arguments[start : start + ARGUMENT_CHARS]})


def chunks(
    step: ScriptStep, model: str, created: int, prompt_tokens: int, with_usage: bool
) -> Iterator[dict[str, Any]]:
    """The chunks of a streamed answer; the last one carries the usage when it is asked for."""
    head = {"id": f"chatcmpl-{uuid.uuid4().hex}", "object": "chat.completion.chunk", "created": created, "model": model}
    for delta in deltas(step):
        yield {**head, "choices": [{"index": 0, "delta": delta, "finish_reason": None}]}
    yield {**head, "choices": [{"index": 0, "delta": {}, "finish_reason": finish_reason(step)}]}
    if with_usage:
        yield {**head, "choices": [], "usage": usage(step, prompt_tokens)}


def completion(step: ScriptStep, model: str, created: int, prompt_tokens: int) -> dict[str, Any]:
    """The whole answer as one object, for a request without `stream`."""
    message: dict[str, Any] = {"role": "assistant", "content": step.text or None}
    if step.thought:
        message["reasoning_content"] = step.thought
    if step.calls:
        message["tool_calls"] = [
            {
                "id": f"call_{uuid.uuid4().hex[:12]}",
                "type": "function",
                "function": {"name": call.name, "arguments": json.dumps(call.args, ensure_ascii=False)},
            }
            for call in step.calls
        ]
    choice = {"index": 0, "message": message, "finish_reason": finish_reason(step)}
    return {
        "id": f"chatcmpl-{uuid.uuid4().hex}",
        "object": "chat.completion",
        "created": created,
        "model": model,
        "choices": [choice],
        "usage": usage(step, prompt_tokens),
    }


def finish_reason(step: ScriptStep) -> str:
    """Why the answer ends."""
    return "tool_calls" if step.calls else "stop"


def usage(step: ScriptStep, prompt_tokens: int) -> dict[str, Any]:
    """Tokens as a model would count them, roughly: the demo model has no tokens of its own."""
    reasoning = tokens(step.thought)
    said = tokens(step.text) + sum(tokens(json.dumps(call.args)) + 4 for call in step.calls)
    return {
        "prompt_tokens": prompt_tokens,
        "completion_tokens": reasoning + said,
        "total_tokens": prompt_tokens + reasoning + said,
        "completion_tokens_details": {"reasoning_tokens": reasoning},
    }


def tokens(text: str) -> int:
    """About how many tokens a text has: one for every four characters, rounded up."""
    return -(-len(text) // 4)


def _tool_call(index: int, **parts: Any) -> dict[str, Any]:
    return {"tool_calls": [{"index": index, **parts}]}
