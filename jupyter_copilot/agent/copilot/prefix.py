"""How much of a prompt stands unchanged at the beginning of the one before, which is what provider caches can use."""

from __future__ import annotations

from ...core.model_context.prompt import message_tokens
from ...ports.model import ModelRequest
from ...protocol import JsonObject


def request_tokens(request: ModelRequest) -> int:
    """About how many tokens the prompt has, tools included."""
    return sum(map(message_tokens, _blocks(request)))


def prefix_tokens(before: ModelRequest | None, now: ModelRequest, prompt_tokens: int | None = None) -> int:
    """The prompt tokens of `now` in its leading tools and messages that equal those of `before`.

    Estimated; with `prompt_tokens`, which the provider reported, the share of it that the estimate gives. Without a
    call before, or with another model or other tools, it is 0, for providers put the tools first.
    """
    if before is None or before.model != now.model:
        return 0
    unchanged = 0
    for old, new in zip(_blocks(before), _blocks(now), strict=False):
        if old != new:
            break
        unchanged += message_tokens(new)
    return unchanged if prompt_tokens is None else round(prompt_tokens * unchanged / request_tokens(now))


def _blocks(request: ModelRequest) -> list[JsonObject]:
    """The prompt's parts in the order in which providers read them."""
    return [{"tools": request.tools}, *request.messages]
