"""How much of a prompt stands unchanged at the beginning of the one before, which is what provider caches can use."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import msgspec

from .base import ModelRequest

CHARS_PER_TOKEN = 4
TOKENS_PER_IMAGE = 800


def estimate_tokens(request: ModelRequest) -> int:
    """The prompt's tokens, estimated from its characters and images."""
    return sum(map(_tokens, _blocks(request)))


def prefix_tokens(before: ModelRequest | None, now: ModelRequest, prompt_tokens: int | None = None) -> int:
    """The prompt tokens of `now` in its leading tools and messages that equal those of `before`.

    Estimated; with `prompt_tokens`, which the provider reported, the share of it that the estimate gives. Without a
    call before, or with another model or other tools, it is 0, for providers put the tools first.
    """
    total = estimate_tokens(now)
    if before is None or before.model != now.model or not total:
        return 0
    unchanged = 0
    for old, new in zip(_blocks(before), _blocks(now), strict=False):
        if old != new:
            break
        unchanged += _tokens(new)
    return unchanged if prompt_tokens is None else round(prompt_tokens * unchanged / total)


def _blocks(request: ModelRequest) -> Iterator[Any]:
    """The prompt's parts in the order in which providers read them."""
    yield request.tools
    yield from request.messages


def _tokens(block: Any) -> int:
    images, characters = 0, 0
    content = block.get("content") if isinstance(block, dict) else None
    for part in content if isinstance(content, list) else [block]:
        if isinstance(part, dict) and part.get("type") == "image_url":
            images += 1
        elif part:
            characters += len(msgspec.json.encode(part))
    return images * TOKENS_PER_IMAGE + -(-characters // CHARS_PER_TOKEN)
