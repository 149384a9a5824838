"""Folding the steps of a run: answers as they grow, end or break off."""

from __future__ import annotations

from msgspec.structs import asdict, replace

from ... import protocol as p
from .. import state as s
from .fold import ABSENT, moves, on
from .threads import add_item


def step_started(state: s.RoomState, event: p.StepStarted, record: p.Record) -> None:
    """A running run began to answer."""
    run = state.runs.get(event.run_id)
    if not isinstance(run, s.Running) or event.message_id in state.messages:
        return
    requests = run.requests
    if requests:  # of a guest: what it asked for stands in the calls from now on
        asked = enumerate(requests, 1)
        requests = [replace(request, calls=[]) if n <= event.step else request for n, request in asked]
    state.runs[event.run_id] = replace(run, step=event.step, attempt=event.attempt, delay=None, requests=requests)
    state.messages[event.message_id] = s.Streaming(
        message_id=event.message_id,
        thread_id=run.thread_id,
        run_id=run.run_id,
        step=event.step,
        attempt=event.attempt,
        at=record.at,
    )
    add_item(state, run.thread_id, "message", event.message_id)


def text_delta(state: s.RoomState, event: p.TextDelta, record: p.Record) -> None:
    """A streaming answer grows."""
    message = state.messages.get(event.message_id)
    if isinstance(message, s.Streaming):
        first = record.at if message.first_text_at is None else message.first_text_at
        state.messages[event.message_id] = replace(message, text=message.text + event.text, first_text_at=first)


def reasoning_delta(state: s.RoomState, event: p.ReasoningDelta, _record: p.Record) -> None:
    """What a model thinks before it answers grows."""
    message = state.messages.get(event.message_id)
    if isinstance(message, s.Streaming):
        state.messages[event.message_id] = replace(message, reasoning=message.reasoning + event.text)


def step_finished(state: s.RoomState, event: p.StepFinished, record: p.Record) -> None:
    """A streaming answer is whole, and what it cost is added up."""
    message = state.messages.get(event.message_id)
    if not isinstance(message, s.Streaming):
        return
    thought, text = message.text[: event.thought], message.text[event.thought :]
    if thought:
        message = replace(message, reasoning=message.reasoning + thought, text=text)
    state.messages[event.message_id] = s.Complete(
        **asdict(message),
        finished_at=record.at,
        usage=event.usage,
        finish_reason=event.finish_reason,
        extra=event.extra,
        notes=event.notes,
    )
    state.usage = add_usage(state.usage, event.usage)
    run = state.runs.get(message.run_id)
    if isinstance(run, s.Running):
        state.runs[run.run_id] = replace(run, usage=add_usage(run.usage, event.usage))


def step_aborted(state: s.RoomState, event: p.StepAborted, record: p.Record) -> None:
    """A streaming answer broke off."""
    message = state.messages.get(event.message_id)
    if isinstance(message, s.Streaming):
        fields = asdict(message)
        fields.pop("first_text_at")
        state.messages[event.message_id] = s.Struck(**fields, finished_at=record.at, reason=event.reason)


def add_usage(a: p.Usage, b: p.Usage) -> p.Usage:
    """The sum of two usages, field by field."""
    return p.Usage(
        prompt=a.prompt + b.prompt,
        cached=a.cached + b.cached,
        completion=a.completion + b.completion,
        reasoning=a.reasoning + b.reasoning,
        prefix=a.prefix + b.prefix,
    )


FOLDS = (
    on(p.StepStarted, step_started, moves("message", ABSENT, "streaming"), moves("run", "running", "running")),
    on(p.TextDelta, text_delta, moves("message", "streaming", "streaming")),
    on(p.ReasoningDelta, reasoning_delta, moves("message", "streaming", "streaming")),
    on(p.StepFinished, step_finished, moves("message", "streaming", "complete"), moves("run", "running", "running")),
    on(p.StepAborted, step_aborted, moves("message", "streaming", "struck")),
)
