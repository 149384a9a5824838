"""The events and messages of AG-UI 1.0 that are told here, as the wire has them."""

from __future__ import annotations

import re
from typing import Any, Literal

from msgspec import Struct

from ...protocol import JsonObject

PROTOCOL = "1.0"


def _upper(name: str) -> str:
    return re.sub(r"(?<!^)(?=[A-Z])", "_", name).upper()


class _Part(Struct, frozen=True, kw_only=True, rename="camel", omit_defaults=True):
    """What is left out has its default: AG-UI takes no null for it."""


class _Told(_Part, frozen=True, kw_only=True, tag_field="type", tag=_upper):
    """Base of every event, which says its name in `type`."""


# Messages


class Function(_Part, frozen=True, kw_only=True):
    """What a call calls; `arguments` is JSON."""

    name: str
    arguments: str


class ToolCall(_Part, frozen=True, kw_only=True, tag_field="type", tag="function"):
    """A call within a message of an agent."""

    id: str
    function: Function


class TextPart(_Part, frozen=True, kw_only=True, tag_field="type", tag="text"):
    """Text of a result that has pictures too."""

    text: str


class UrlSource(_Part, frozen=True, kw_only=True, tag_field="type", tag="url"):
    """Where a picture is fetched."""

    value: str
    mime_type: str


class DataSource(_Part, frozen=True, kw_only=True, tag_field="type", tag="data"):
    """A picture as base64."""

    value: str
    mime_type: str


class ImagePart(_Part, frozen=True, kw_only=True, tag_field="type", tag="image"):
    """A picture."""

    source: UrlSource | DataSource


Content = str | list[TextPart | ImagePart]


class UserMessage(_Part, frozen=True, kw_only=True, tag_field="role", tag="user"):
    """What a person said."""

    id: str
    content: Content
    name: str = ""


class ReasoningMessage(_Part, frozen=True, kw_only=True, tag_field="role", tag="reasoning"):
    """What an agent thought."""

    id: str
    content: str


class AssistantMessage(_Part, frozen=True, kw_only=True, tag_field="role", tag="assistant"):
    """What an agent said and called."""

    id: str
    content: str = ""
    name: str = ""
    tool_calls: list[ToolCall] = []


class ToolMessage(_Part, frozen=True, kw_only=True, tag_field="role", tag="tool"):
    """What came of a call; `error` is set where it failed."""

    id: str
    tool_call_id: str
    content: Content
    error: str = ""


Message = UserMessage | ReasoningMessage | AssistantMessage | ToolMessage


# The run


class RunStarted(_Told, frozen=True, kw_only=True):
    """The first event."""

    thread_id: str
    run_id: str
    protocol_version: str


class Interrupt(_Part, frozen=True, kw_only=True):
    """A decision that people are asked for. Its id names exactly what they see, and is what an answer repeats."""

    id: str
    reason: str
    message: str
    tool_call_id: str | None = None
    response_schema: JsonObject | None = None
    expires_at: str | None = None
    metadata: JsonObject = {}


class Success(_Part, frozen=True, kw_only=True, tag_field="type", tag="success"):
    """The run came to its end."""


class Cancelled(_Part, frozen=True, kw_only=True, tag_field="type", tag="cancelled"):
    """Somebody stopped the run."""


class Interrupted(_Part, frozen=True, kw_only=True, tag_field="type", tag="interrupt"):
    """The run waits for people."""

    interrupts: list[Interrupt]


class TokenUsage(_Part, frozen=True, kw_only=True):
    """Tokens of the model calls that this stream told."""

    input_tokens: int
    output_tokens: int
    cached_input_tokens: int = 0
    reasoning_tokens: int = 0


class RunFinished(_Told, frozen=True, kw_only=True):
    """The last event, unless the run failed."""

    thread_id: str
    run_id: str
    outcome: Success | Cancelled | Interrupted
    usage: list[TokenUsage] = []


class RunError(_Told, frozen=True, kw_only=True):
    """The last event of a run that failed."""

    message: str
    code: str


class StepStarted(_Told, frozen=True, kw_only=True):
    """A model call began."""

    step_name: str


class StepFinished(_Told, frozen=True, kw_only=True):
    """A model call ended, or broke off."""

    step_name: str


# What is said


class TextMessageStart(_Told, frozen=True, kw_only=True):
    """Text begins, or goes on in a message that is known."""

    message_id: str
    role: Literal["assistant", "user"]
    name: str = ""


class TextMessageContent(_Told, frozen=True, kw_only=True):
    """Text goes on."""

    message_id: str
    delta: str


class TextMessageEnd(_Told, frozen=True, kw_only=True):
    """Nothing more is added for now."""

    message_id: str


class ReasoningStart(_Told, frozen=True, kw_only=True):
    """Reasoning begins."""

    message_id: str


class ReasoningMessageStart(_Told, frozen=True, kw_only=True):
    """A message of reasoning begins."""

    message_id: str
    role: Literal["reasoning"]


class ReasoningMessageContent(_Told, frozen=True, kw_only=True):
    """Reasoning goes on."""

    message_id: str
    delta: str


class ReasoningMessageEnd(_Told, frozen=True, kw_only=True):
    """Nothing more is added for now."""

    message_id: str


class ReasoningEnd(_Told, frozen=True, kw_only=True):
    """Reasoning ends."""

    message_id: str


class MessagesSnapshot(_Told, frozen=True, kw_only=True):
    """The whole chat as the room has it: it replaces what the client has."""

    messages: list[Message]


# What is done


class ToolCallStart(_Told, frozen=True, kw_only=True):
    """An agent calls a tool."""

    tool_call_id: str
    tool_call_name: str
    parent_message_id: str


class ToolCallArgs(_Told, frozen=True, kw_only=True):
    """The call's arguments, as JSON."""

    tool_call_id: str
    delta: str


class ToolCallEnd(_Told, frozen=True, kw_only=True):
    """The call is whole. It is decided and done after that."""

    tool_call_id: str


class ToolCallResult(_Told, frozen=True, kw_only=True):
    """What came of a call."""

    message_id: str
    tool_call_id: str
    content: Content
    role: Literal["tool"]
    metadata: JsonObject = {}


class ActivitySnapshot(_Told, frozen=True, kw_only=True):
    """A plan, or the output of a call that is under way, in whole."""

    message_id: str
    activity_type: str
    content: JsonObject


class ActivityDelta(_Told, frozen=True, kw_only=True):
    """More output, as a JSON patch."""

    message_id: str
    activity_type: str
    patch: list[JsonObject]


class Custom(_Told, frozen=True, kw_only=True):
    """What the protocol has no event for; names begin with `copilot.`."""

    name: str
    value: Any


Event = (
    RunStarted | RunFinished | RunError | StepStarted | StepFinished
    | TextMessageStart | TextMessageContent | TextMessageEnd
    | ReasoningStart | ReasoningMessageStart | ReasoningMessageContent | ReasoningMessageEnd | ReasoningEnd
    | MessagesSnapshot | ToolCallStart | ToolCallArgs | ToolCallEnd | ToolCallResult
    | ActivitySnapshot | ActivityDelta | Custom
)  # fmt: skip
