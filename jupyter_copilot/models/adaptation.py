"""What a refused request teaches about a model: each lesson reads the complaint as a refusal of one thing in it."""

from __future__ import annotations

from collections.abc import Callable

from msgspec.structs import replace

from ..protocol import JsonObject
from .capabilities import Capabilities, images_of
from .errors.error_parser import Complaint
from .roles import STRICTER, strict
from .schemas import bare_tool
from .stream.assembler import ECHOED_IN_MESSAGES
from .stream.tool_calls import ECHOED_IN_CALLS

_LIMIT_NAMES = {"max_tokens": "max_completion_tokens", "max_completion_tokens": "max_tokens"}
_REFUSES = (
    *("unsupported", "not support", "unknown", "unrecognized", "unexpected", "not permitted", "not allowed"),
    *("extra inputs", "extra_forbidden", "additional propert", "invalid parameter", "invalid field"),
)
_NO_TOOLS = ("support tool", "tool choice requires", "tools param requires", "param: tools")
_SPEAKS_OF_IMAGES = ("image", "multimodal", "multi-modal", "vision", "mmproj")
_REFUSES_IMAGES = (
    *("not support", "unsupported", "only supported", "not a multi", "unknown variant", "mmproj", "text-only"),
    *("no endpoints found", "invalid content type", "not have vision", "cannot", "can't"),
)
_WANTS_STRINGS = ("valid string", "must be a string", "expected a string")
_REFUSES_NULL = ("null", "none", "content is required", "missing field")
_REFUSES_EMPTY = ("empty", "at least 1 character")
_REFUSES_SYSTEM = (
    *("system role not", "system role is not", "system messages are not", "system message is not"),
    *("not support system", "support the system role", "role: system", "role 'system' is not"),
    "developer instruction is not",
)
_SPEAKS_OF_ROLES = (
    *("must alternate", "be alternating", "alternate between", "roles must", "conversation roles", "consecutive"),
    *("unexpected role", "after role", "last role", "invalid role", "unsupported role", "unknown role", "role order"),
    *("message order", "order of messages", "roles are supported", "start with a user", "begin with a user"),
    *("first message", "last message", "tool role", "role tool", "role: tool", "role 'tool'", 'role "tool"'),
    *("role `tool`", "same number of function calls", "tool messages", "role of the message", "incorrect role"),
    *("jinja", "chat template", "chat_template", "raise_exception", "template rendering", "rendering template"),
)
_TAKES_TOOLS = (
    *("except for tool", "after role 'tool'", 'after role "tool"', "after role tool", "unexpected role"),
    *("expected last role", "same number of function calls"),
)
_SPEAKS_OF_SCHEMAS = (
    *("schema", "grammar", "unmarshal", "unknown name", "additionalproperties", "exclusiveminimum", "minlength"),
    *("function_declarations", "tools.function.parameters", "json: cannot"),
)


def learn(can: Capabilities, body: JsonObject, said: Complaint) -> Capabilities | None:
    """What the refusal of this request body teaches; None when repeating the request would be in vain.

    Every lesson changes one fact for good, so that repeating comes to an end.
    """
    if said.status not in (None, 400, 404, 415, 422, 500):
        return None
    lessons = (lesson(can, body, said) for lesson in _LESSONS)
    return next((learned for learned in lessons if learned not in (None, can)), None)


def _limit(can: Capabilities, body: JsonObject, said: Complaint) -> Capabilities | None:
    """The token limit goes by its other name; refused under both, it is left out."""
    if can.limit_name not in body or not _names(said, can.limit_name):
        return None
    if can.limit_switched:
        return _refusing(can, can.limit_name)
    return replace(can, limit_name=_LIMIT_NAMES[can.limit_name], limit_switched=True)


def _parameter(can: Capabilities, body: JsonObject, said: Complaint) -> Capabilities | None:
    """A parameter that can be left out."""
    needed = {"model", "messages", "stream", "tools", can.limit_name}
    return next((_refusing(can, name) for name in body if name not in needed and _names(said, name)), None)


def _echo(can: Capabilities, body: JsonObject, said: Complaint) -> Capabilities | None:
    """A field that another provider hung on a message or a call."""
    carriers = [*body["messages"], *(call for m in body["messages"] for call in m.get("tool_calls") or ())]
    fields = sorted({*ECHOED_IN_MESSAGES, *ECHOED_IN_CALLS} & {key for carrier in carriers for key in carrier})
    return next((_refusing(can, name) for name in fields if _names(said, name)), None)


def _signatures(can: Capabilities, body: JsonObject, said: Complaint) -> Capabilities | None:
    """Gemini wants a thought signature on every step's first call, also where another model made it."""
    return replace(can, wants_signatures=True) if said.says("thought_signature") else None


def _reasoning(can: Capabilities, body: JsonObject, said: Complaint) -> Capabilities | None:
    """DeepSeek and Kimi want the reasoning back that led to a call."""
    return replace(can, wants_reasoning=True) if said.says("reasoning_content") else None


def _tools(can: Capabilities, body: JsonObject, said: Complaint) -> Capabilities | None:
    refuses = said.says(*_NO_TOOLS) or (said.param == "tools" and said.says("unsupported", "not support"))
    return replace(can, tools=False) if "tools" in body and refuses else None


def _images(can: Capabilities, body: JsonObject, said: Complaint) -> Capabilities | None:
    if not any(any(images_of(message)) for message in body["messages"]):
        return None
    refuses = said.says(*_SPEAKS_OF_IMAGES) and said.says(*_REFUSES_IMAGES)
    return replace(can, images=False) if refuses or said.says(*_WANTS_STRINGS) else None


def _content(can: Capabilities, body: JsonObject, said: Complaint) -> Capabilities | None:
    """Some templates fail on a call's `content: null`, others on `""`: say the other one, once."""
    refused = _REFUSES_NULL + _WANTS_STRINGS if can.empty_content is None else _REFUSES_EMPTY
    at_stake = any(m.get("tool_calls") and not m.get("content") for m in body["messages"])
    if can.content_switched or not at_stake or not said.says("content") or not said.says(*refused):
        return None
    return replace(can, empty_content="" if can.empty_content is None else None, content_switched=True)


def _turns(can: Capabilities, body: JsonObject, said: Complaint) -> Capabilities | None:
    """A template that wants roles in another order: the strictest, unless its words are known to mean less."""
    if can.system and said.says(*_REFUSES_SYSTEM):
        return replace(can, system=False)
    if not said.says(*_SPEAKS_OF_ROLES):
        return None
    turns = STRICTER.get(can.turns) if said.says(*_TAKES_TOOLS) else "alternating"
    while turns is not None and strict(body["messages"], turns) == body["messages"]:
        turns = STRICTER.get(turns)
    return None if turns is None else replace(can, turns=turns)


def _lone_calls(can: Capabilities, body: JsonObject, said: Complaint) -> Capabilities | None:
    """Older Mistral templates take either a text or calls in a message."""
    refused = said.says("tool_calls", "tool calls") and said.says("not both", "either content or")
    return replace(can, lone_calls=True) if refused else None


def _schemas(can: Capabilities, body: JsonObject, said: Complaint) -> Capabilities | None:
    """A schema that the server cannot read, or make a grammar of."""
    tools = body.get("tools", [])
    richer = any(bare_tool(tool) != tool for tool in tools)
    return replace(can, bare_schemas=True) if richer and said.says(*_SPEAKS_OF_SCHEMAS) else None


_Lesson = Callable[[Capabilities, JsonObject, Complaint], "Capabilities | None"]
_LESSONS: tuple[_Lesson, ...] = (
    *(_limit, _parameter, _echo, _signatures, _reasoning, _lone_calls),
    *(_content, _turns, _tools, _images, _schemas),
)


def _refusing(can: Capabilities, name: str) -> Capabilities:
    return replace(can, refused=can.refused | {name})


def _names(said: Complaint, name: str) -> bool:
    """Whether the complaint is about this name: as its `param`, or in words that refuse it."""
    return said.param == name or (said.says(name) and said.says(*_REFUSES))
