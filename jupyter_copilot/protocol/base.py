"""Ids, limits, and the two bases of every value."""

from __future__ import annotations

import re
from typing import NewType

from msgspec import Meta, Struct

PROTOCOL_VERSION = 1

# Limits that are published in `welcome` and enforced by the session and the room.
MAX_FRAME_BYTES = 1 << 20
MAX_ARGS_BYTES = 256 << 10
MAX_TEXT_CHARS = 100_000
COMMANDS_PER_S = 20
COMMAND_BURST = 40
SESSIONS_PER_ROOM = 200

RoomId = NewType("RoomId", str)
LogId = NewType("LogId", str)
ClientId = NewType("ClientId", str)
CommandId = NewType("CommandId", str)
ThreadId = NewType("ThreadId", str)
MessageId = NewType("MessageId", str)
RunId = NewType("RunId", str)
CallId = NewType("CallId", str)
ConfirmationId = NewType("ConfirmationId", str)
RuleId = NewType("RuleId", str)
AgentId = NewType("AgentId", str)
GuestId = NewType("GuestId", str)

MAIN_THREAD = ThreadId("main")
COPILOT = AgentId("copilot")
"""Our own agent."""

REWIND = AgentId("rewind")
"""The agent id of runs that put a notebook back; no model answers in them."""
GUESTS = "guest:"
"""Begins the agent id of a guest; its guest id follows."""

_ID = Meta(min_length=1, max_length=160, pattern=r"^[A-Za-z0-9._:\-]+$")
_TITLE = Meta(min_length=1, max_length=200)
_TEXT = Meta(max_length=MAX_TEXT_CHARS)
_COMMENT = Meta(max_length=4000)


def _snake(name: str) -> str:
    return re.sub(r"(?<!^)(?=[A-Z])", "_", name).lower()


class Tagged(Struct, frozen=True, kw_only=True, tag_field="type", tag=_snake):
    """Base of every value that says its name in `type`."""


class Value(Struct, frozen=True, kw_only=True):
    """Base of every value whose kind is plain from where it stands."""
