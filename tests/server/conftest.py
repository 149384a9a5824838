"""A real server with the extension, a notebook in it, and sockets into its room."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import nbformat
import pytest


@pytest.fixture
def jp_server_config(jp_server_config: Any, tmp_path: Path) -> Any:
    jp_server_config.ServerApp.jpserver_extensions = {"jupyter_copilot": True}
    jp_server_config.CopilotApp.store_path = str(tmp_path / "rooms.sqlite3")
    return jp_server_config


@pytest.fixture
def notebook(jp_root_dir: Path) -> str:
    """The API path of a real notebook."""
    path = jp_root_dir / "one.ipynb"
    nbformat.write(nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell("1 + 1")]), path)
    return "one.ipynb"


class Socket:
    """A raw WebSocket client: frames as dicts, one at a time."""

    def __init__(self, connection: Any) -> None:
        self.connection = connection
        self._count = 0

    async def send(self, **frame: Any) -> None:
        await self.connection.write_message(json.dumps(frame))

    async def next(self) -> dict[str, Any]:
        message = await self.connection.read_message()
        if message is None:
            raise EOFError(self.connection.close_code, self.connection.close_reason)
        frame: dict[str, Any] = json.loads(message)
        return frame

    async def until(self, *names: str) -> dict[str, Any]:
        """The next frame with one of these names; others are passed over."""
        while True:
            frame = await self.next()
            if frame["type"] in names:
                return frame

    async def hello(self, client_id: str = "tab", cursor: Any = None, surface: str = "lab") -> dict[str, Any]:
        await self.send(type="hello", protocol=1, client_id=client_id, surface=surface, cursor=cursor)
        return await self.until("welcome")

    async def command(self, type: str, command_id: str | None = None, **fields: Any) -> dict[str, Any]:
        """Give a command and return its ack or reject."""
        self._count += 1
        command_id = command_id or f"c{self._count}-{id(self)}"
        await self.send(type="command", command_id=command_id, command={"type": type, **fields})
        while True:
            frame = await self.until("ack", "reject")
            if frame["command_id"] in (command_id, None):
                return frame

    def close(self) -> None:
        self.connection.close()


Connect = Callable[..., Awaitable[Socket]]


@pytest.fixture
def connect(jp_ws_fetch: Any, notebook: str) -> Connect:
    async def connected(path: str = notebook, **options: Any) -> Socket:
        return Socket(await jp_ws_fetch("api", "copilot", "notebooks", *path.split("/"), "channel", **options))

    return connected


@pytest.fixture
def room_socket(connect: Connect, jp_asyncio_loop: Any) -> Socket:
    """A socket that has said hello and is live."""

    async def joined() -> Socket:
        socket = await connect()
        await socket.hello()
        await socket.until("live")
        return socket

    socket: Socket = jp_asyncio_loop.run_until_complete(joined())
    return socket
