"""What is on its way to clients: frames to a Tornado WebSocket, and answers over REST."""

from __future__ import annotations

import asyncio
import struct
from asyncio import Future
from collections import Counter
from collections.abc import Callable
from typing import Any

from tornado.iostream import StreamClosedError
from tornado.websocket import WebSocketClosedError, WebSocketHandler

from ..protocol.errors import ConnectionLost, Rejected

SHARED_BYTES = 16 << 10
"""Larger frames are handed to the socket as they are: many sockets that wait share the one frame."""
MOST_UNREAD_BYTES = 16 << 20
"""Of answers over REST that one participant asked for and did not read yet: then there are no further ones."""
SLOWEST_BYTES_PER_S = 64 << 10
"""How fast an answer has to be read, after a pause."""


class SocketTransport:
    """A Tornado WebSocket that was just opened, as a session needs it.

    Unless the server compresses, frames go straight to the socket's stream: `write_message` makes a task of each, and
    in a full room that is a third of what a frame costs.
    """

    def __init__(self, handler: WebSocketHandler) -> None:
        self._handler = handler
        self._connection = handler.ws_connection
        self._stream = getattr(self._connection, "stream", None)  # looked up once, as it is asked for every frame
        self._compresses = handler.get_compression_options() is not None
        self._last: Any = None

    def send(self, frame: bytes) -> None:
        """Write a text frame; a socket that is closing drops it, and its session ends with `on_close`."""
        try:
            if self._compresses or self._stream is None:
                self._last = self._handler.write_message(frame)
                # A socket that breaks ends its session in `on_close`; the frames that it lost need no mention each.
                self._last.add_done_callback(_heed)
            elif self._connection is not None and not self._connection.is_closing():
                if len(frame) > SHARED_BYTES:  # else every socket that does not read would hold a copy of its own
                    self._stream.write(_head(len(frame))).add_done_callback(_heed)
                    self._last = self._stream.write(frame)
                else:
                    self._last = self._stream.write(_head(len(frame)) + frame)
        except (WebSocketClosedError, StreamClosedError):
            return

    def is_writing(self) -> bool:
        """Whether an earlier frame still waits in the socket's own buffer."""
        return self._stream is not None and self._stream.writing()

    async def flushed(self) -> None:
        """Return once the socket's own buffer is empty. Raises `ConnectionLost`."""
        try:
            if self._last is not None and self.is_writing():
                await self._last
        except (WebSocketClosedError, StreamClosedError) as error:
            raise ConnectionLost("The socket is closed.") from error

    def close(self, code: int, reason: str) -> None:
        """Close the socket with this code."""
        self._handler.close(code, reason)


def _head(size: int) -> bytes:
    """What stands before a whole text frame of a server (RFC 6455, 5.2)."""
    if size < 126:
        return struct.pack("!BB", 0x81, size)
    return struct.pack("!BBH", 0x81, 126, size) if size < 1 << 16 else struct.pack("!BBQ", 0x81, 127, size)


def _heed(written: asyncio.Future[None]) -> None:
    if not written.cancelled():
        written.exception()


class Unread:
    """Answers over REST that their readers have not taken: bounded in time, and in bytes for each reader."""

    def __init__(self, stalled_s: float) -> None:
        self._stalled_s = stalled_s
        self._bytes: Counter[str] = Counter()

    def check(self, reader: str) -> None:
        """Refuse who has too much to read already. Raises `Rejected`."""
        if self._bytes[reader] >= MOST_UNREAD_BYTES:
            raise Rejected(
                "rate_limited",
                "You asked for more than you read.",
                retry="after",
                hint="Read the answers that are on their way first.",
            )

    def follow(self, reader: str, size: int, written: Future[None], close: Callable[[], None]) -> None:
        """Count an answer until it is `written`, and close the connection of who does not take it."""
        if written.done():
            return
        self._bytes[reader] += size
        timer = asyncio.get_running_loop().call_later(self._stalled_s + size / SLOWEST_BYTES_PER_S, close)

        def taken(written: Future[None]) -> None:
            timer.cancel()
            self._bytes[reader] -= size
            if self._bytes[reader] <= 0:
                del self._bytes[reader]

        written.add_done_callback(taken)
