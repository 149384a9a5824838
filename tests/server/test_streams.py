"""A stream of records, or an answer, that nobody reads is let go, with what waits for it."""

from __future__ import annotations

import asyncio
import json
import socket
from collections.abc import Callable
from typing import Any

import pytest
from tornado.httpclient import HTTPClientError

from jupyter_copilot import protocol as p
from jupyter_copilot.room.options import RoomOptions
from jupyter_copilot.room.room import Room
from jupyter_copilot.server import transport
from jupyter_copilot.server.app import CopilotApp
from jupyter_copilot.server.transport import MOST_UNREAD_BYTES, Unread

from ..builders import ALICE, ALL, post
from ..patience import scaled


@pytest.fixture
def jp_server_config(jp_server_config: Any, monkeypatch: pytest.MonkeyPatch) -> Any:
    monkeypatch.setattr(CopilotApp, "room_options", RoomOptions(stalled_s=0.5))
    monkeypatch.setattr(transport, "SLOWEST_BYTES_PER_S", 4 << 20)
    return jp_server_config


async def deaf_request(port: int, path: str, token: str, accept: str = "*/*") -> socket.socket:
    """Ask for something, and read nothing of the answer."""
    deaf = socket.socket()
    deaf.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    deaf.setblocking(False)
    await asyncio.get_running_loop().sock_connect(deaf, ("localhost", port))
    request = (
        f"GET {path} HTTP/1.1\r\nHost: localhost:{port}\r\nAuthorization: token {token}\r\nAccept: {accept}\r\n\r\n"
    )
    await asyncio.get_running_loop().sock_sendall(deaf, request.encode())
    return deaf


async def becomes(condition: Callable[[], bool]) -> None:
    while not condition():
        await asyncio.sleep(0.01)


async def filled(room: Room, messages: int) -> None:
    """Post so many messages of 64,000 characters."""
    for number in range(messages):
        text = "x" * p.MAX_TEXT_CHARS
        await room.submit(post(text, message_id=f"m{number}", run=False), ALICE, ALL, p.CommandId(f"c{number}"))


async def test_a_stream_that_nobody_reads_is_let_go(
    jp_serverapp: Any, jp_http_port: int, jp_base_url: str, http_server_client: Any, notebook: str
) -> None:
    (app,) = jp_serverapp.extension_manager.extension_apps["jupyter_copilot"]
    connections = app.copilot_services.connections
    path = f"{jp_base_url}api/copilot/notebooks/{notebook}/records"
    deaf = await deaf_request(jp_http_port, path, jp_serverapp.identity_provider.token, "text/event-stream")
    await asyncio.wait_for(becomes(lambda: len(connections._streams) == 1), scaled(10))
    (room,) = app.rooms.loaded()
    await filled(room, 100)
    await asyncio.wait_for(becomes(lambda: not connections._streams), scaled(20))
    deaf.close()


async def test_who_reads_no_answers_gets_no_further_ones_and_is_let_go(
    jp_fetch: Any, jp_serverapp: Any, jp_http_port: int, jp_base_url: str, notebook: str
) -> None:
    (app,) = jp_serverapp.extension_manager.extension_apps["jupyter_copilot"]
    unread: Unread = app.copilot_services.unread
    state = ("api", "copilot", "notebooks", notebook)
    await jp_fetch(*state)
    (room,) = app.rooms.loaded()
    await filled(room, 55)
    token, path = jp_serverapp.identity_provider.token, f"{jp_base_url}{'/'.join(state)}"
    deaf = []
    while sum(unread._bytes.values()) < MOST_UNREAD_BYTES:
        deaf.append(await deaf_request(jp_http_port, path, token))
        await asyncio.wait_for(becomes(lambda: sum(unread._bytes.values()) >= len(deaf) * 3_000_000), scaled(10))
    assert len(deaf) <= 6
    with pytest.raises(HTTPClientError) as refused:
        await jp_fetch(*state)
    assert refused.value.code == 429
    assert refused.value.response is not None
    assert json.loads(refused.value.response.body)["retry"] == "after"
    await asyncio.wait_for(becomes(lambda: not unread._bytes), scaled(20))
    assert (await jp_fetch(*state)).code == 200
    for each in deaf:
        each.close()
