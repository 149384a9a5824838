"""Who visits a room, through which socket, at whose server, and which connection a client id stands for."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Callable
from typing import Protocol
from uuid import uuid4

from msgspec import Struct

from ... import protocol as p


class Transport(Protocol):
    """A socket, as a session needs it."""

    def send(self, frame: bytes) -> None:
        """Write a text frame; it may wait in the socket's own buffer."""

    def is_writing(self) -> bool:
        """Whether an earlier frame still waits in the socket's own buffer."""

    async def flushed(self) -> None:
        """Return once the socket's own buffer is empty. Raises `ConnectionLost` when the socket is closed."""

    def close(self, code: int, reason: str) -> None:
        """Close the socket with this code."""


class Visitor(Struct, frozen=True, kw_only=True):
    """Who is at the other end, as the server found out: never from a frame."""

    actor: p.Actor
    rights: frozenset[p.Right]
    color: str | None = None
    initials: str | None = None

    @property
    def may_show_documents(self) -> bool:
        """Whether what this visitor has open may be taken for the notebook: it goes to the model, and onto cards."""
        return self.actor.kind == "person" and {"write", "decide"} <= self.rights


class Host(Struct, frozen=True, kw_only=True):
    """What sessions tell of their server: its version, what people should know, and a room's path as people know it.

    A room's key is a path of the server's disk, which is nobody's business outside.
    """

    version: str = ""
    notices: Callable[[], list[p.Problem]] = list
    shown_path: Callable[[str], str] = str


MOST_OWNERS = 10_000


class ClientIds:
    """The client ids of one room, by the session that said them first; forgotten when it is unloaded.

    A session is known by its person, its client id and the secret that its client sends with `hello`: a client that
    comes back is the same session, and nobody else can be. One without a secret is the same session as long as no other
    connection is.
    """

    def __init__(self) -> None:
        self._owners: dict[p.ClientId, str] = {}
        self._live: Counter[str] = Counter()

    def admit(self, person: p.Actor, hello: p.Hello) -> tuple[p.ClientId, str]:
        """The client id and the session of a person's new connection; an id of somebody else's is told apart."""
        session = _digest(person.kind, person.id, hello.client_id, hello.secret)
        if not hello.secret and self._live[session]:
            session = uuid4().hex[:16]
        self._live[session] += 1
        if len(self._owners) < MOST_OWNERS:
            owner = self._owners.setdefault(hello.client_id, session)
        else:
            owner = self._owners.get(hello.client_id, "")
        if owner == session:
            return hello.client_id, session
        return p.ClientId(f"{hello.client_id}~{session[:8]}"), session

    def release(self, session: str | None) -> None:
        """A connection of this session is gone."""
        if session is not None:
            self._live[session] -= 1
            if self._live[session] <= 0:
                del self._live[session]


def _digest(*parts: str) -> str:
    return hashlib.sha256("\0".join(parts).encode("utf-8", "surrogatepass")).hexdigest()[:16]
