"""The model port: a stream of deltas, then one completed answer."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any, Protocol

from msgspec import Struct

from ..protocol import JsonObject, Problem, Usage


class ModelSpec(Struct, frozen=True, kw_only=True):
    """A model that people may choose; never holds a key."""

    name: str
    label: str = ""
    note: str = ""
    images: bool = True
    context_tokens: int = 128_000
    demo: bool = False


class ModelRequest(Struct, frozen=True, kw_only=True):
    """One model call: Chat Completions messages and tool definitions, as plain JSON values."""

    model: str
    messages: list[JsonObject]
    tools: list[JsonObject] = []
    max_tokens: int | None = None
    one_call: bool = False
    """Whether the answer shall hold one call at most; servers that know no such wish are not told it."""


class TextPart(Struct, frozen=True):
    """A piece of the answer's text."""

    text: str


class ReasoningPart(Struct, frozen=True):
    """A piece of the model's reasoning."""

    text: str


class ToolRequest(Struct, frozen=True, kw_only=True):
    """A tool call of a whole answer; `args` is None when `raw_args` is no JSON object."""

    tool: str
    raw_args: str
    args: dict[str, Any] | None
    extra: JsonObject | None = None


class Completed(Struct, frozen=True, kw_only=True):
    """The end of a whole answer: its tool calls in order, why it ended, and what it cost.

    `notes` tell people what the server left out although the answer is whole: that it takes no tools, say. So many
    characters as `thought` says, at the beginning of the text, turned out to be thinking.
    """

    calls: list[ToolRequest] = []
    finish_reason: str | None = None
    usage: Usage = Usage()
    extra: JsonObject | None = None
    notes: list[Problem] = []
    thought: int = 0


ModelPart = TextPart | ReasoningPart | Completed


class ModelClient(Protocol):
    """Streams answers of models."""

    def models(self) -> list[ModelSpec]:
        """The models that may be chosen, the default first; empty when none is configured."""

    async def look(self, model: str) -> None:
        """Find out what the server says of this model before it is asked; then `models` says it. Never raises."""
        return None

    def stream(self, request: ModelRequest) -> AsyncIterator[ModelPart]:
        """Parts as they come, ended by exactly one `Completed`; closing the iterator closes the connection.

        Raises `ModelError`, or `StreamTruncated` when the answer is not whole; it never yields `Completed` then.
        """

    async def close(self) -> None:
        """Release connections."""
