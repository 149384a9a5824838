"""The assembler: chunks of a Chat Completions stream in, parts of an answer out."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from ...ports.model import Completed, ReasoningPart, TextPart, ToolRequest
from ...protocol import JsonObject, Usage
from ...protocol.errors import StreamTruncated
from .markup import Markup
from .surrogates import Halves
from .tool_calls import ToolCalls
from .written_calls import written_calls

# What some providers hang on a message and want back verbatim.
ECHOED_IN_MESSAGES = ("extra_content", "reasoning_details")
# Reasons to end that mean the server gave up in the middle.
BROKEN_OFF = frozenset({"abort", "error", "insufficient_system_resource", "network_error"})


class Assembler:
    """One answer, put together from chunks as plain JSON values; what a chunk lacks or has too much is tolerated.

    `tools` are the names of those that the request offered; with `thinking`, the answer's text begins in thought.
    """

    def __init__(self, tools: Collection[str] = (), *, thinking: bool = False) -> None:
        self._tools = tools
        self._calls = ToolCalls(tools)
        self._markup = Markup(tools, thinking=thinking)
        self._said, self._thought = Halves(), Halves()
        self._owed: list[TextPart | ReasoningPart] = []
        self.only_reasoned = False
        """Whether `finish` found that the server put the text into the reasoning altogether."""
        self._extra: JsonObject = {}
        self._has_text = False
        self._reasoning = ""
        self._keeps_reasoning = False
        self._usage: JsonObject = {}
        self._usage_came_last = False
        self._finish_reason: str | None = None

    @property
    def finished(self) -> bool:
        """Whether the server said why it ended: nothing that follows can make the answer less whole."""
        return self._finish_reason is not None

    def feed(self, chunk: JsonObject) -> list[TextPart | ReasoningPart]:
        """Take the next chunk and return what it adds to the answer; reasoning comes before text."""
        choice = _first_choice(chunk)
        delta = _object(choice.get("delta")) or _object(choice.get("message"))
        reasoning = self._thought.joined(_reasoning(delta))
        text = self._said.joined(_text(delta.get("content")) + _text(delta.get("refusal")))
        entries = _tool_calls(delta)
        for entry in entries:
            self._calls.add(entry)
        for key in ECHOED_IN_MESSAGES:
            self._keep(key, delta.get(key))
        self._keeps_reasoning = self._keeps_reasoning or bool(delta.get("reasoning_content"))
        self._finish_reason = _text(choice.get("finish_reason")) or self._finish_reason
        self._count(_object(chunk.get("usage")), alone=not (reasoning or text or entries))
        return self._noted([ReasoningPart(reasoning), *self._markup.feed(text)])

    def _noted(self, parts: list[TextPart | ReasoningPart]) -> list[TextPart | ReasoningPart]:
        self._has_text = self._has_text or any(isinstance(part, TextPart) and part.text.strip() for part in parts)
        self._reasoning += "".join(part.text for part in parts if isinstance(part, ReasoningPart))
        return [part for part in parts if part.text]

    def finish(self) -> Completed:
        """The end of the answer.

        Raises `StreamTruncated` when the server neither said why it ended nor closed with its usage, closed with it in
        the middle of a call's arguments, or says that it gave up. Arguments that are no JSON object although the
        server says that it finished (cut at a length limit, say) stay in `raw_args`, so that the model can be told.
        """
        closed = self.finished or (self._usage_came_last and self._calls.are_whole())
        if not closed or self._finish_reason in BROKEN_OFF:
            raise StreamTruncated()
        self._owed = self._noted(self._markup.finish())
        calls = self._calls.requests() or self._written()
        if calls and self._keeps_reasoning:
            # DeepSeek and Kimi refuse a call's result without the reasoning that led to it.
            self._extra["reasoning_content"] = self._reasoning
        if self._finish_reason == "stop" and not calls and not self._has_text and self._reasoning:
            self._owed.append(TextPart(self._reasoning))
            self.only_reasoned = True
        return Completed(
            calls=calls,
            finish_reason=self._finish_reason,
            usage=_usage(self._usage),
            extra=self._extra or None,
            thought=self._markup.thought,
        )

    def owed(self) -> list[TextPart | ReasoningPart]:
        """What `finish` found to be due still: text that was held back because it might have been a call, and the text
        of a finished answer that the server put into the reasoning altogether."""
        return self._owed

    @property
    def began_in_thought(self) -> bool:
        """Whether the text ended a thought that it had not begun."""
        return self._markup.closed_late

    def _written(self) -> list[ToolRequest]:
        """The calls that the model wrote as text; in its reasoning too, when it said nothing else."""
        if self._markup.calls or self._has_text or not self._reasoning:
            return self._markup.calls
        at = self._reasoning.rfind("<tool_call>")
        calls, rest = written_calls(self._reasoning[at:], self._tools) if at >= 0 else ([], "")
        return [] if rest.strip() else calls

    def _keep(self, key: str, value: Any) -> None:
        if not value:
            return
        kept = self._extra.get(key)
        if isinstance(kept, dict) and isinstance(value, dict):
            self._extra[key] = kept | value
        elif isinstance(kept, list) and isinstance(value, list):
            self._extra[key] = kept + value
        else:
            self._extra[key] = value

    def _count(self, usage: JsonObject, *, alone: bool) -> None:
        """Keep the latest usage; it closes the answer only when it came with nothing else and nothing came after."""
        self._usage = usage or self._usage
        if usage or not alone:
            self._usage_came_last = bool(usage) and alone


def _first_choice(chunk: JsonObject) -> JsonObject:
    choices = chunk.get("choices")
    found = (c for c in choices if isinstance(c, dict)) if isinstance(choices, list) else iter(())
    return next((c for c in found if not c.get("index")), {})


def _reasoning(delta: JsonObject) -> str:
    """The reasoning under whichever of its names; servers that send two mean the same text.

    Mistral's reasoning models put it among the parts of the content.
    """
    content = delta.get("content")
    parts = [part for part in content if isinstance(part, dict)] if isinstance(content, list) else []
    named = next(filter(None, (_text(delta.get(name)) for name in _REASONING)), "")
    return named or "".join(_text(part.get("thinking")) for part in parts)


_REASONING = ("reasoning_content", "reasoning", "reasoning_text", "thinking")


def _tool_calls(delta: JsonObject) -> list[JsonObject]:
    """The fragments of calls; servers of before 2024 send one, under its older name."""
    entries = delta.get("tool_calls")
    found = [entry for entry in entries if isinstance(entry, dict)] if isinstance(entries, list) else []
    function = delta.get("function_call")
    return found or ([{"index": 0, "function": function}] if isinstance(function, dict) else [])


def _usage(usage: JsonObject) -> Usage:
    prompt, completion = _object(usage.get("prompt_tokens_details")), _object(usage.get("completion_tokens_details"))
    return Usage(
        prompt=_tokens(usage.get("prompt_tokens")),
        cached=_tokens(prompt.get("cached_tokens")) or _tokens(usage.get("prompt_cache_hit_tokens")),
        completion=_tokens(usage.get("completion_tokens")),
        reasoning=_tokens(completion.get("reasoning_tokens")),
    )


def _tokens(value: object) -> int:
    return value if isinstance(value, int) and value > 0 else 0


def _object(value: object) -> JsonObject:
    return value if isinstance(value, dict) else {}


def _text(value: object) -> str:
    """The text of a string, or of the text parts of a list (Mistral's content of reasoning models)."""
    if isinstance(value, list):
        return "".join(_text(part.get("text")) for part in value if isinstance(part, dict))
    return value if isinstance(value, str) else ""
