"""The room as code in a kernel sees it: small immutable values, made from the folded state."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Literal, NamedTuple

from .. import protocol as p
from ..core import state as s

Activity = Literal["idle", "answering", "waiting"]
"""Whether nothing happens, the agent works, or something waits for a person."""


@dataclass(frozen=True)
class Pending:
    """A confirmation that waits for a person; `wait_for(id)` waits along."""

    id: str
    kind: str
    title: str
    details: str
    options: dict[str, str] = field(hash=False)
    asked_by: str
    opened_at: int
    expires_at: int | None


@dataclass(frozen=True)
class Message:
    """Something that a person, a kernel or the agent said; `status` is posted, streaming, complete or struck."""

    id: str
    author: str
    text: str
    status: str
    at: int


@dataclass(frozen=True)
class Person:
    """A participant: a person's tab, a kernel or the agent."""

    name: str
    kind: str
    surface: str


class Seen(NamedTuple):
    """One moment of a thread."""

    pending: tuple[Pending, ...]
    messages: tuple[Message, ...]
    state: Activity


def seen(state: s.RoomState, thread_id: str) -> Seen:
    """What a thread shows now."""
    waiting = tuple(_pending(opened) for opened in s.open_confirmations(state))
    thread = state.threads.get(thread_id)
    items = thread.items if thread is not None else []
    found = (state.messages.get(item.id) for item in items if item.type == "message")
    messages = tuple(_message(message) for message in found if message is not None)
    is_active = s.active_run(state, p.ThreadId(thread_id)) is not None
    return Seen(waiting, messages, "waiting" if waiting else "answering" if is_active else "idle")


def people(participants: list[p.Participant]) -> tuple[Person, ...]:
    """Who is here."""
    return tuple(Person(one.name, one.kind, one.surface) for one in participants)


def _pending(opened: s.Open) -> Pending:
    return Pending(
        id=opened.confirmation_id,
        kind=opened.kind,
        title=opened.title,
        details=opened.body,
        options={option.id: option.label for option in opened.options},
        asked_by=opened.opened_by.name,
        opened_at=opened.opened_at,
        expires_at=opened.expires_at,
    )


def _message(message: s.Message) -> Message:
    posted: Any = message
    if isinstance(message, s.Posted):
        return Message(message.message_id, message.author.name, message.text, "posted", message.at)
    status = str(posted.__struct_config__.tag)
    return Message(message.message_id, p.AGENT.name, message.text, status, message.at)
