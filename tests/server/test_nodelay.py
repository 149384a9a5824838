"""Frames leave at once."""

from __future__ import annotations

import socket as sockets

import pytest
from tornado.iostream import IOStream

from jupyter_copilot.server.websocket import RoomSocket

from .conftest import Connect


async def test_a_frame_does_not_wait_for_the_one_before_to_be_acknowledged(
    connect: Connect, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened: list[IOStream] = []
    entered = RoomSocket.entered

    def seen(self: RoomSocket, *args: object) -> None:
        opened.append(self.ws_connection.stream)  # type: ignore[union-attr]
        entered(self, *args)  # type: ignore[arg-type]

    monkeypatch.setattr("jupyter_copilot.server.websocket.ChannelHandler.entered", seen)
    socket = await connect()
    await socket.hello()
    await socket.until("live")
    assert opened[0].socket.getsockopt(sockets.IPPROTO_TCP, sockets.TCP_NODELAY) == 1
