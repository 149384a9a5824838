"""Who visits a room, through which socket, and at whose server."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

from msgspec import Struct

from .. import protocol as p


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


class Host(Struct, frozen=True, kw_only=True):
    """What sessions tell of their server: its version, what people should know, and a room's path as people know it.

    A room's key is a path of the server's disk, which is nobody's business outside.
    """

    version: str = ""
    notices: Callable[[], list[p.Problem]] = list
    shown_path: Callable[[str], str] = str
