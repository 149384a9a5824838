"""The Python client of a room: the same fold, the same outbox and the same resume as in the browser.

::

    async with connect("http://127.0.0.1:8888/", "penguins.ipynb", token="…") as room:
        await room.post("Why is cell 4 empty?")
        await room.wait(lambda state: not any_run_is_active(state))
"""

from __future__ import annotations

from ..ports.clock import SystemClock
from .connection import Connected, Connecting, Connection, Stopped, Waiting
from .core import Client
from .sync import SyncClient

__all__ = [
    "Client",
    "Connected",
    "Connecting",
    "Connection",
    "Stopped",
    "SyncClient",
    "Waiting",
    "connect",
    "connect_sync",
]


def connect(url: str, notebook: str, token: str | None = None, *, surface: str = "client") -> Client:
    """A client for the room of `notebook` on the Jupyter server at `url`; use it with `async with`.

    It connects in the background, keeps the connection alive and comes back by itself.
    """
    from .socket import open_websocket, token_headers

    return Client(open_websocket(url, notebook, token_headers(token)), SystemClock(), surface=surface)


def connect_sync(url: str, notebook: str, token: str | None = None, *, timeout_s: float = 30.0) -> SyncClient:
    """The same for scripts without a loop; use it with `with`. Calls wait at most `timeout_s` seconds."""
    return SyncClient(lambda: connect(url, notebook, token), timeout_s=timeout_s)
