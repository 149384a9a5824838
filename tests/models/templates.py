"""Chat templates that are known to be strict: which messages each refuses, and in which words."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import Any

Messages = Sequence[dict[str, Any]]
Template = Callable[[Messages], "str | None"]


def calls_are_answered(messages: Messages) -> str | None:
    """What every server wants: a call's results right after it, one for each, and none besides."""
    open_calls: list[str] = []
    for message in messages:
        if message["role"] == "tool":
            if message["tool_call_id"] not in open_calls:
                return "messages with role 'tool' must be a response to a preceeding message with 'tool_calls'"
            open_calls.remove(message["tool_call_id"])
        elif open_calls:
            return "An assistant message with 'tool_calls' must be followed by tool messages"
        open_calls += [call["id"] for call in message.get("tool_calls", ())]
    return "tool_calls without results at the end" if open_calls else None


def says_something(messages: Messages) -> str | None:
    """What Anthropic and DeepSeek want."""
    for message in messages:
        content = message.get("content")
        texts = [part["text"] for part in content if part["type"] == "text"] if isinstance(content, list) else [content]
        if any(text is not None and not text.strip() for text in texts):
            return "messages: text content blocks must be non-empty"
        if not content and not message.get("tool_calls"):
            return "all messages must have non-empty content"
    return None


def one_system(messages: Messages) -> str | None:
    """What Qwen's template wants."""
    if any(message["role"] == "system" for message in messages[1:]):
        return "System message must be at the beginning."
    return None


def ends_with_a_question(messages: Messages) -> str | None:
    """What vLLM and Anthropic's newer models want of a conversation."""
    if messages[-1]["role"] == "assistant":
        return "This model does not support assistant message prefill. The conversation must end with a user message."
    return None


def everybody(messages: Messages) -> str | None:
    """What must hold before any server refused anything."""
    rules = (calls_are_answered, says_something, one_system, ends_with_a_question)
    return next(filter(None, (rule(messages) for rule in rules)), None)


def mistral(messages: Messages) -> str | None:
    """Mistral's API, and its tokenizer in vLLM."""
    ids = [call["id"] for message in messages for call in message.get("tool_calls", ())]
    if not all(re.fullmatch(r"[a-zA-Z0-9]{9}", each) for each in ids):
        return "Tool call id has to be defined in a specific format: a-z, A-Z, 0-9, with a length of 9."
    before = "system"
    after = {"system": ("user",), "user": ("assistant",), "assistant": ("user", "tool"), "tool": ("assistant", "tool")}
    for message in messages:
        if message["role"] != "system":
            if message["role"] not in after[before]:
                return f"Unexpected role '{message['role']}' after role '{before}'"
            before = message["role"]
    return everybody(messages)


def gemma(messages: Messages) -> str | None:
    """Gemma, and Mistral-Instruct's first versions: nobody but user and assistant, in turns."""
    spoken = [message["role"] for message in messages if message["role"] != "system"]
    if spoken != [("user", "assistant")[n % 2] for n in range(len(spoken))] or spoken[-1] != "user":
        return (
            "After the optional system message, conversation roles must alternate user/assistant/user/assistant/... "
            "(at row 12, column 9)"
        )
    return everybody(messages)


def gemma2(messages: Messages) -> str | None:
    """Gemma of before 2025: without system messages too."""
    return "System role not supported" if messages[0]["role"] == "system" else gemma(messages)


def perplexity(messages: Messages) -> str | None:
    """Perplexity's API."""
    if gemma(messages) is None:
        return everybody(messages)
    return "After the (optional) system message(s), user and assistant roles should be alternating."


def phi(messages: Messages) -> str | None:
    """A template that says nothing of roles when it breaks, as llama.cpp tells of Jinja errors."""
    return None if mistral(messages) is None else "Error: Jinja Exception: raise_exception at row 3, column 7"


TEMPLATES: dict[str, Template] = {
    "everybody": everybody,
    "mistral": mistral,
    "gemma": gemma,
    "gemma2": gemma2,
    "perplexity": perplexity,
    "phi": phi,
}
