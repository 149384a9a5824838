"""The client's socket over Tornado."""

from __future__ import annotations

import ssl
from urllib.parse import quote

from tornado.httpclient import HTTPClientError, HTTPRequest
from tornado.websocket import WebSocketClientConnection, WebSocketClosedError, websocket_connect

from ..protocol import MAX_FRAME_BYTES
from ..protocol.errors import ConnectionLost
from .connection import OpenSocket

CONNECT_S = 10.0
MAX_MESSAGE_BYTES = 64 * MAX_FRAME_BYTES
"""A snapshot may be much larger than what a client may send."""


def token_headers(token: str | None) -> dict[str, str]:
    """The header that carries Jupyter's token; it never stands in the URL."""
    return {"Authorization": f"token {token}"} if token else {}


def channel_url(url: str, notebook: str) -> str:
    """The WebSocket's address for a notebook on the server at `url`."""
    base = url.rstrip("/")
    if base.startswith("http"):
        base = "ws" + base.removeprefix("http")
    return f"{base}/api/copilot/notebooks/{quote(notebook.strip('/'))}/channel"


def open_websocket(url: str, notebook: str, headers: dict[str, str]) -> OpenSocket:
    """How to open a socket to the notebook's room."""
    return open_address(channel_url(url, notebook), headers)


def open_address(address: str, headers: dict[str, str], trust: ssl.SSLContext | None = None) -> OpenSocket:
    """How to open a socket at an address of its own; `trust` says which certificate is accepted there."""

    async def opened() -> TornadoSocket:
        request = HTTPRequest(
            address,
            headers=headers,
            connect_timeout=CONNECT_S,
            request_timeout=CONNECT_S,
            ssl_options=trust,
        )
        try:
            return TornadoSocket(await websocket_connect(request, max_message_size=MAX_MESSAGE_BYTES))
        except HTTPClientError as error:
            raise _refused(error) from error

    return opened


def _refused(error: HTTPClientError) -> Exception:
    match error.code:
        case 401 | 403:
            hint = "Check the token, and that you may see this notebook."
            return ConnectionLost("The server does not let this client in.", hint=hint, code="forbidden")
        case 404:
            hint = "Check the path, and that jupyter-collaborative-copilot is installed in the server's environment."
            return ConnectionLost("The server knows no such notebook.", hint=hint, code="not_found")
        case 599:  # Tornado's own number
            return OSError(f"The server does not answer: {error.message}.")
        case _:
            return OSError(f"The server answered {error.code} {error.message}.")


class TornadoSocket:
    """A Tornado WebSocket connection."""

    def __init__(self, connection: WebSocketClientConnection) -> None:
        self._connection = connection

    async def send(self, frame: bytes) -> None:
        """Write a text frame. Raises `OSError` when the socket is closed."""
        try:
            await self._connection.write_message(frame)
        except WebSocketClosedError as error:
            raise OSError("The connection is closed.") from error

    async def receive(self) -> str | bytes | None:
        """The next frame, or None once the socket is closed."""
        return await self._connection.read_message()

    @property
    def close_code(self) -> int:
        """The code that the socket was closed with."""
        return self._connection.close_code or 1006

    def close(self) -> None:
        """Close it."""
        self._connection.close()
