"""A chat of the room as AG-UI has it: the log is the truth, whatever a client remembers."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable

from ... import protocol as p
from ...core import state as s
from . import events as e

Where = Callable[[str], str]
"""The address of a picture, by its digest."""


def messages_of(state: s.RoomState, thread_id: p.ThreadId, where: Where) -> list[e.Message]:
    """What was said and done in a chat, in order; what broke off or was taken back is left out."""
    thread = state.threads.get(thread_id)
    if thread is None:
        return []
    gone = s.taken_back(thread)
    kept = [item.id for item in thread.items if item.id not in gone]
    calls: dict[str, list[s.Call]] = {}
    for item_id in kept:
        if (made := state.calls.get(item_id)) is not None:
            calls.setdefault(made.message_id, []).append(made)
    told: list[e.Message] = []
    for item_id in kept:
        message, call = state.messages.get(item_id), state.calls.get(item_id)
        if message is not None:
            told += _message(state, message, calls.pop(item_id, []), where)
        elif call is not None:
            rest = calls.pop(call.message_id, [])
            told += [_assistant(state, call.run_id, call.message_id, "", rest)] if rest else []
            told += [_result(call, where)] if isinstance(call, s.CallDone) else []
    return told


def _message(state: s.RoomState, message: s.Message, calls: list[s.Call], where: Where) -> list[e.Message]:
    match message:
        case s.Posted():
            content = content_of(message.text, message.context.images, where)
            return [e.UserMessage(id=message.message_id, content=content, name=message.author.name)]
        case s.Complete() | s.Streaming():
            thought = [e.ReasoningMessage(id=reasoning_id(message.message_id), content=message.reasoning)]
            answer = _assistant(state, message.run_id, message.message_id, message.text, calls)
            return [*(thought if message.reasoning else []), *([answer] if message.text or calls else [])]
        case s.Struck():
            return [_assistant(state, message.run_id, message.message_id, "", calls)] if calls else []


def _assistant(
    state: s.RoomState, run_id: p.RunId, message_id: str, text: str, calls: Iterable[s.Call]
) -> e.AssistantMessage:
    made = [
        e.ToolCall(id=call.call_id, function=e.Function(name=call.tool, arguments=arguments(call))) for call in calls
    ]
    return e.AssistantMessage(id=message_id, content=text, name=agent_name(state, run_id), tool_calls=made)


def _result(call: s.CallDone, where: Where) -> e.ToolMessage:
    content = content_of(call.result.text, call.result.images, where)
    error = call.result.text.partition("\n")[0] if call.is_error else ""
    return e.ToolMessage(id=result_id(call.call_id), tool_call_id=call.call_id, content=content, error=error)


def agent_name(state: s.RoomState, run_id: str) -> str:
    """Who answers in a run."""
    run = state.runs.get(run_id)
    agent = run.agent if isinstance(run, s.Running | s.Finished) else None
    return (agent or p.AGENT).name


def arguments(call: s.Call | p.CallProposed) -> str:
    """The arguments as the model or people wrote them, as JSON."""
    return json.dumps(call.args, ensure_ascii=False) if call.raw_args is None else call.raw_args


def content_of(text: str, images: list[p.Image], where: Where) -> e.Content:
    """Text, with pictures after it: as data, or by the address where they are."""
    shown = [image for image in images if image.data or image.digest]
    if not shown:
        return text
    parts = [e.ImagePart(source=_source(image, where)) for image in shown]
    return [*([e.TextPart(text=text)] if text else []), *parts]


def _source(image: p.Image, where: Where) -> e.UrlSource | e.DataSource:
    if image.data:
        return e.DataSource(value=image.data, mime_type=image.mime)
    return e.UrlSource(value=where(image.digest), mime_type=image.mime)


def reasoning_id(message_id: str) -> str:
    """The id of the reasoning that belongs to a message."""
    return f"{message_id}.reasoning"


def result_id(call_id: str) -> str:
    """The id of the message that a call's result is."""
    return f"{call_id}.result"
