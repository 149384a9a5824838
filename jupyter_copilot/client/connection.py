"""How a client stands to its server, and the socket that it needs."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Protocol

from msgspec import Struct

from ..protocol.errors import ConnectionLost


class Socket(Protocol):
    """A WebSocket, as the client needs it."""

    async def send(self, frame: bytes) -> None:
        """Write a text frame. Raises `OSError` when the socket is closed."""

    async def receive(self) -> str | bytes | None:
        """The next frame, or None once the socket is closed."""

    @property
    def close_code(self) -> int:
        """The code that the socket was closed with; 1006 when the network broke."""

    def close(self) -> None:
        """Close it; a waiting `receive` returns None."""


OpenSocket = Callable[[], Awaitable[Socket]]
"""Opens a socket. Raises `OSError` when it may be tried again, `ConnectionLost` when that would not help."""


class Connecting(Struct, frozen=True, tag="connecting"):
    """A socket is being opened, or is catching up; `reason` says why the try before failed, if there was one."""

    reason: str = ""


class Connected(Struct, frozen=True, tag="live"):
    """Everything that was committed is here."""


class Waiting(Struct, frozen=True, tag="waiting"):
    """The connection was lost; the next try is at `retry_at` (unix ms)."""

    retry_at: int
    reason: str


class Stopped(Struct, frozen=True, tag="stopped"):
    """The client does not come back by itself."""

    error: ConnectionLost | None


Connection = Connecting | Connected | Waiting | Stopped
