"""People, kernels, the agent, and who is here."""

from __future__ import annotations

from typing import Literal

from msgspec import Struct

from .base import COPILOT, ClientId, ConfirmationId, ThreadId, Value

ActorKind = Literal["person", "kernel", "agent", "server", "guest"]
"""A guest is an agent from outside, let in by a person with a token of its own kind."""
Surface = Literal["lab", "notebook", "panel", "kernel", "cli", "client", "rest", "agent", "server", "mcp"]
Right = Literal["read", "write", "execute", "decide"]


class Actor(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Who a record comes from, as the server knows it; `auth` says how a person was authenticated.

    `client_id` is the tab or process that it came through, so that people can be told which; `session` is the server's
    own name for it, by which a call prefers the tab that asked and knows the one that claimed it.
    """

    kind: ActorKind
    id: str
    name: str
    surface: Surface | None = None
    client_id: ClientId | None = None
    auth: Literal["browser", "token", "kernel", "guest"] | None = None
    session: str | None = None
    groups: tuple[str, ...] = ()
    """Those of a person's groups that the administrator's terms name."""


AGENT = Actor(kind="agent", id=COPILOT, name="Copilot")
SERVER = Actor(kind="server", id="server", name="Server")


class Participant(Value, frozen=True, kw_only=True):
    """One connected session as others see it; several may belong to one person."""

    client_id: ClientId
    kind: ActorKind
    id: str
    name: str
    surface: Surface
    color: str | None = None
    initials: str | None = None
    thread_id: ThreadId | None = None
    typing: bool = False
    reviewing: ConfirmationId | None = None
    document: Literal["open", "dirty"] | None = None
    focused: bool = False
