"""Messages: what people and kernels posted, and what agents answer."""

from __future__ import annotations

from ...protocol import Actor, JsonObject, MessageContext, MessageId, Problem, RunId, ThreadId, Usage
from .base import Entry


class Posted(Entry, frozen=True, kw_only=True, tag="posted"):
    """A person's or a kernel's message; `run_ids` are the runs that answer it, oldest first."""

    message_id: MessageId
    thread_id: ThreadId
    author: Actor
    at: int
    text: str
    context: MessageContext
    run_ids: list[RunId] = []
    mentions: list[str] = []


class _Answer(Entry, frozen=True, kw_only=True):
    message_id: MessageId
    thread_id: ThreadId
    run_id: RunId
    step: int
    attempt: int
    at: int
    text: str = ""
    reasoning: str = ""


class Streaming(_Answer, frozen=True, kw_only=True, tag="streaming"):
    """An answer of the agent that is still growing."""

    first_text_at: int | None = None


class Complete(_Answer, frozen=True, kw_only=True, tag="complete"):
    """A whole answer of one model call."""

    finished_at: int
    first_text_at: int | None = None
    usage: Usage
    finish_reason: str | None = None
    extra: JsonObject | None = None
    notes: list[Problem] = []


class Struck(_Answer, frozen=True, kw_only=True, tag="struck"):
    """An answer that broke off; it is shown struck out and not told to the model."""

    finished_at: int
    reason: str


Message = Posted | Streaming | Complete | Struck
