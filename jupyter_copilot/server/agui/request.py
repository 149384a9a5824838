"""What a client asks for: its `RunAgentInput`, read as far as the room does not know better."""

from __future__ import annotations

import hashlib
from typing import Any

import msgspec
from msgspec import Struct

from ... import protocol as p
from ...protocol import JsonObject
from ...protocol.errors import Rejected
from .decisions import Resume


class Asked(Struct, frozen=True, kw_only=True):
    """A message that the client has as its last one."""

    message_id: p.MessageId
    content: Any


class Request(Struct, frozen=True, kw_only=True):
    """A request to run, to go on, or to look: which chat, what is new, and what was decided.

    `ignored` are the names of tools that the client would run itself.
    """

    thread_id: p.ThreadId
    run_id: str
    asked: Asked | None
    resume: list[Resume]
    ignored: list[str]
    model: str | None
    agent_id: p.AgentId | None

    def command_id(self, actor: p.Actor, command: p.Command) -> p.CommandId:
        """The id of a command of this request: the same for the same of the same person, sent again."""
        said = p.encode([actor.kind, actor.id, self.run_id, command])
        return p.CommandId(f"agui.{hashlib.sha256(said).hexdigest()[:40]}")


class _Tool(Struct, frozen=True):
    name: str


class _Wishes(Struct, frozen=True, kw_only=True, rename="camel"):
    model: str | None = None
    agent_id: p.AgentId | None = None


class _Input(Struct, frozen=True, kw_only=True, rename="camel"):
    thread_id: str
    run_id: str
    messages: list[JsonObject]
    tools: list[_Tool] = []
    resume: list[Resume] = []
    forwarded_props: Any = None


def read(body: bytes) -> Request:
    """The request in a body. Raises `Rejected`."""
    try:
        given = msgspec.json.decode(body, type=_Input)
        wishes = msgspec.convert(given.forwarded_props or {}, _Wishes)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise Rejected("invalid_value", f"This is no RunAgentInput: {error}.") from None
    last = given.messages[-1] if given.messages else {}
    asked = Asked(message_id=p.MessageId(str(last.get("id"))), content=last.get("content"))
    return Request(
        thread_id=p.ThreadId(given.thread_id),
        run_id=given.run_id,
        asked=asked if last.get("role") == "user" else None,
        resume=given.resume,
        ignored=[tool.name for tool in given.tools],
        model=wishes.model,
        agent_id=wishes.agent_id,
    )


def message_of(request: Request, asked: Asked) -> p.PostMessage:
    """The client's last message as the command that posts it. Raises `Rejected` for what cannot be taken along."""
    parts: list[Any] = asked.content if isinstance(asked.content, list) else [{"type": "text", "text": asked.content}]
    texts: list[str] = []
    images: list[p.Image] = []
    for part in parts:
        match part:
            case {"type": "text", "text": str(text)}:
                texts.append(text)
            case {"type": "image", "source": {"type": "data", "value": str(value), "mimeType": str(mime)}}:
                images.append(p.Image(mime=mime, data=value))
            case _:
                raise Rejected("invalid_value", "A message here has text, and pictures as data.")
    return p.PostMessage(
        message_id=asked.message_id,
        thread_id=request.thread_id,
        text="\n".join(texts),
        context=p.MessageContext(images=images),
        model=request.model,
        agent_id=request.agent_id,
    )
