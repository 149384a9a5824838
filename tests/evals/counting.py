"""Tokens as a model's own tokenizer counts them (o200k), and how much of a request was told before."""

from __future__ import annotations

import json
from collections.abc import Sequence
from functools import cache
from typing import Any

from jupyter_copilot.core.model_context.prompt import IMAGE_TOKENS
from jupyter_copilot.ports.model import ModelRequest

LONG_LINE = 60
"""Lines that are longer say something; shorter ones repeat by nature."""


@cache
def encoding() -> Any:
    import bpe_openai

    return bpe_openai.get_encoding("o200k_base")


def tokens(value: object) -> int:
    """The real tokens of a text, or of the JSON of something else."""
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    return len(encoding().encode(text))


def message_tokens(message: dict[str, Any]) -> int:
    """The tokens of a message; a picture counts as a thousand."""
    content = message.get("content")
    if not isinstance(content, list):
        return tokens(message)
    texts = [part["text"] for part in content if part["type"] == "text"]
    return sum(map(tokens, texts)) + IMAGE_TOKENS * (len(content) - len(texts))


def request_tokens(request: ModelRequest) -> int:
    """The tokens of a whole request, its tools included."""
    return tokens(request.tools) + sum(map(message_tokens, request.messages))


def repeated_share(request: ModelRequest) -> float:
    """The share of the conversation's tokens in long lines that it has told before, word for word."""
    seen: set[str] = set()
    repeated = whole = 0
    for message in request.messages[1:]:
        for line in _lines(message):
            cost = tokens(line)
            whole += cost
            if len(line) > LONG_LINE:
                repeated += cost if line in seen else 0
                seen.add(line)
    return repeated / max(whole, 1)


def _lines(message: dict[str, Any]) -> Sequence[str]:
    content = message.get("content")
    if isinstance(content, list):
        content = "\n".join(part["text"] for part in content if part["type"] == "text")
    said = [content or "", *(call["function"]["arguments"] for call in message.get("tool_calls", ()))]
    return "\n".join(said).split("\n")
