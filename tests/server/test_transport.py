"""Frames of every size arrive whole, compressed or not, and none follows the end."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Iterator
from typing import Any

import pytest
from tornado.httpclient import HTTPRequest
from tornado.httpserver import HTTPServer
from tornado.testing import bind_unused_port
from tornado.web import Application
from tornado.websocket import WebSocketClientConnection, WebSocketHandler, websocket_connect

from jupyter_copilot.protocol.errors import ConnectionLost
from jupyter_copilot.server.transport import SocketTransport

LARGE = random.Random(1).randbytes(5_000_000).hex().encode()
"""More than a socket buffers, also when it is compressed."""
SIZES = (0, 1, 125, 126, 127, 65_535, 65_536, 3_000_000)


class Handler(WebSocketHandler):
    """Hands its transport to the test."""

    def initialize(self, opened: asyncio.Queue[SocketTransport], compresses: bool) -> None:
        self._opened = opened
        self._compresses = compresses

    def get_compression_options(self) -> dict[str, Any] | None:
        return {} if self._compresses else None

    def open(self) -> None:
        self._opened.put_nowait(SocketTransport(self))

    def on_message(self, message: str | bytes) -> None:
        pass


class Pair:
    """Both ends of a socket."""

    def __init__(self, transport: SocketTransport, client: WebSocketClientConnection) -> None:
        self.transport = transport
        self.client = client


@pytest.fixture(params=[False, True], ids=["plain", "compressed"])
def pair(request: pytest.FixtureRequest, jp_asyncio_loop: asyncio.AbstractEventLoop) -> Iterator[Pair]:
    async def joined() -> tuple[HTTPServer, Pair]:
        opened: asyncio.Queue[SocketTransport] = asyncio.Queue()
        server = HTTPServer(Application([("/", Handler, {"opened": opened, "compresses": request.param})]))
        socket, port = bind_unused_port()
        server.add_socket(socket)
        options: dict[str, Any] | None = {} if request.param else None
        address = HTTPRequest(f"ws://127.0.0.1:{port}/")
        client = await websocket_connect(address, compression_options=options, max_message_size=1 << 24)
        return server, Pair(await opened.get(), client)

    async def parted(server: HTTPServer, pair: Pair) -> None:
        pair.client.close()
        server.stop()
        await server.close_all_connections()

    server, pair = jp_asyncio_loop.run_until_complete(joined())
    yield pair
    jp_asyncio_loop.run_until_complete(parted(server, pair))


async def test_frames_of_every_size_arrive_whole_and_in_order(pair: Pair) -> None:
    for size in SIZES:
        pair.transport.send(b"x" * size)
    for size in SIZES:
        message = await pair.client.read_message()
        assert isinstance(message, str) and message == "x" * size


async def test_text_is_text(pair: Pair) -> None:
    pair.transport.send("Größe 🐧".encode())
    assert await pair.client.read_message() == "Größe 🐧"


async def test_a_large_frame_waits_until_it_is_taken(pair: Pair) -> None:
    assert not pair.transport.is_writing()
    pair.transport.send(LARGE)
    assert pair.transport.is_writing()
    reading = asyncio.ensure_future(pair.client.read_message())
    await pair.transport.flushed()
    assert not pair.transport.is_writing() and await reading == LARGE.decode()


async def test_what_is_sent_after_the_end_is_dropped(pair: Pair) -> None:
    pair.transport.close(4200, "enough")
    pair.transport.send(b"too late")
    assert await pair.client.read_message() is None
    assert pair.client.close_code == 4200


async def test_a_client_that_went_away_is_a_lost_connection(pair: Pair) -> None:
    pair.transport.send(LARGE)
    waiting = asyncio.ensure_future(pair.transport.flushed())
    await asyncio.sleep(0)
    pair.client.protocol.stream.close()  # type: ignore[union-attr]
    with pytest.raises(ConnectionLost):
        await waiting
    pair.transport.send(b"nobody is there")
