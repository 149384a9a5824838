"""Sockets that do not read share a large frame: each holds no copy of its own."""

from __future__ import annotations

import asyncio
from typing import Any

from jupyter_copilot.server.transport import SHARED_BYTES, SocketTransport


class Stream:
    """Keeps what was written."""

    def __init__(self) -> None:
        self.written: list[bytes] = []

    def write(self, data: bytes) -> asyncio.Future[None]:
        self.written.append(data)
        done: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        done.set_result(None)
        return done

    def writing(self) -> bool:
        return False


class Handler:
    """What a transport needs of a WebSocket that does not compress."""

    def __init__(self) -> None:
        self.ws_connection: Any = self
        self.stream = Stream()

    def is_closing(self) -> bool:
        return False

    def get_compression_options(self) -> None:
        return None


async def test_a_large_frame_is_the_same_object_in_every_sockets_buffer() -> None:
    frame = b"x" * (SHARED_BYTES + 1)
    handlers = [Handler(), Handler()]
    for handler in handlers:
        SocketTransport(handler).send(frame)  # type: ignore[arg-type]
    assert all(handler.stream.written[-1] is frame for handler in handlers)
    assert b"".join(handlers[0].stream.written)[-len(frame) :] == frame
    assert len(handlers[0].stream.written) == 2, "the head goes before it, and nothing else"


async def test_a_small_frame_goes_out_in_one_piece() -> None:
    handler = Handler()
    SocketTransport(handler).send(b"hello")  # type: ignore[arg-type]
    assert handler.stream.written == [b"\x81\x05hello"]
