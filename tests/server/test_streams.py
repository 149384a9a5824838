"""A stream of records that nobody reads is let go, with what waits for it."""

from __future__ import annotations

import asyncio
import socket
from typing import Any

import pytest

from jupyter_copilot import protocol as p
from jupyter_copilot.room.options import RoomOptions
from jupyter_copilot.server.app import CopilotApp

from ..builders import ALICE, ALL, post


@pytest.fixture
def jp_server_config(jp_server_config: Any, monkeypatch: pytest.MonkeyPatch) -> Any:
    monkeypatch.setattr(CopilotApp, "room_options", RoomOptions(stalled_s=0.5))
    return jp_server_config


async def test_a_stream_that_nobody_reads_is_let_go(
    jp_serverapp: Any, jp_http_port: int, jp_base_url: str, http_server_client: Any, notebook: str
) -> None:
    (app,) = jp_serverapp.extension_manager.extension_apps["jupyter_copilot"]
    connections = app.copilot_services.connections
    deaf = socket.socket()
    deaf.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    deaf.setblocking(False)
    await asyncio.get_running_loop().sock_connect(deaf, ("localhost", jp_http_port))
    request = (
        f"GET {jp_base_url}api/copilot/notebooks/{notebook}/records HTTP/1.1\r\nHost: localhost:{jp_http_port}\r\n"
        f"Authorization: token {jp_serverapp.identity_provider.token}\r\nAccept: text/event-stream\r\n\r\n"
    )
    await asyncio.get_running_loop().sock_sendall(deaf, request.encode())

    async def becomes(count: int) -> None:
        while len(connections._streams) != count:
            await asyncio.sleep(0.01)

    await asyncio.wait_for(becomes(1), 10)
    (room,) = app.rooms.loaded()
    for number in range(100):
        text = "x" * p.MAX_TEXT_CHARS
        await room.submit(post(text, message_id=f"m{number}", run=False), ALICE, ALL, p.CommandId(f"c{number}"))
    await asyncio.wait_for(becomes(0), 20)
    deaf.close()
