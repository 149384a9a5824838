"""Frames and events leave at once."""

from __future__ import annotations

import asyncio
import socket as sockets
from typing import Any, cast

import pytest
from tornado.iostream import IOStream

from jupyter_copilot.server.rest import RecordsHandler
from jupyter_copilot.server.websocket import RoomSocket

from .conftest import Connect
from .test_rest import BASE


async def test_a_frame_does_not_wait_for_the_one_before_to_be_acknowledged(
    connect: Connect, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened: list[IOStream] = []
    entered = RoomSocket.entered

    def seen(self: RoomSocket, *args: object) -> None:
        assert self.ws_connection is not None
        opened.append(cast(Any, self.ws_connection).stream)
        entered(self, *args)  # type: ignore[arg-type]

    monkeypatch.setattr("jupyter_copilot.server.websocket.ChannelHandler.entered", seen)
    socket = await connect()
    await socket.hello()
    await socket.until("live")
    assert opened[0].socket.getsockopt(sockets.IPPROTO_TCP, sockets.TCP_NODELAY) == 1


async def test_neither_does_a_server_sent_event(jp_fetch: Any, notebook: str, monkeypatch: pytest.MonkeyPatch) -> None:
    flushed: asyncio.Queue[IOStream] = asyncio.Queue()
    flush = RecordsHandler.flush

    def seen(self: RecordsHandler, *args: Any) -> Any:
        flushed.put_nowait(self.request.connection.stream)  # type: ignore[union-attr]
        return flush(self, *args)

    monkeypatch.setattr(RecordsHandler, "flush", seen)
    stream = asyncio.ensure_future(jp_fetch(*BASE, "records", headers={"Accept": "text/event-stream"}))
    server_end = await flushed.get()
    assert server_end.socket.getsockopt(sockets.IPPROTO_TCP, sockets.TCP_NODELAY) == 1
    stream.cancel()
