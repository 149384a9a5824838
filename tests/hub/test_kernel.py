"""A kernel of Alice's server behind the Hub: it reaches its room by itself, and waits for what Bob decides."""

from __future__ import annotations

import json
from typing import Any
from uuid import uuid4

import requests
from tornado.httpclient import HTTPRequest
from tornado.websocket import websocket_connect

from jupyter_copilot.core.state import Open
from tests.hub.conftest import Join
from tests.hub.hub import Hub

ASKS = """
from jupyter_copilot import confirm
decision = confirm("Delete 10,000 rows?")
print("decided:", decision.by, bool(decision))
"""


class Kernel:
    """The kernel of a notebook, reached through the Hub's proxy as JupyterLab reaches it."""

    def __init__(self, url: str, notebook: str, token: str) -> None:
        self._url = url
        self._headers = {"Authorization": f"token {token}"}
        session: dict[str, Any] = {
            "path": notebook,
            "name": notebook,
            "type": "notebook",
            "kernel": {"name": "python3"},
        }
        answer = requests.post(f"{url}api/sessions", headers=self._headers, json=session, timeout=60)
        self._id = answer.json()["kernel"]["id"]

    async def begin(self, code: str) -> None:
        """Send a cell."""
        address = f"{self._url.replace('http', 'ws', 1)}api/kernels/{self._id}/channels"
        self._socket = await websocket_connect(HTTPRequest(address, headers=self._headers))
        self._cell = uuid4().hex
        message = {
            "header": {"msg_id": self._cell, "msg_type": "execute_request", "session": uuid4().hex, "version": "5.3"},
            "parent_header": {},
            "metadata": {},
            "content": {"code": code, "silent": False, "allow_stdin": False},
            "channel": "shell",
        }
        await self._socket.write_message(json.dumps(message))

    async def output(self) -> str:
        """What the cell printed, once it has ended."""
        printed = ""
        while True:
            received = await self._socket.read_message()
            assert received is not None, "the kernel's socket was closed"
            message: dict[str, Any] = json.loads(received)
            if message["parent_header"].get("msg_id") != self._cell:
                continue
            kind, content = message["msg_type"], message["content"]
            assert kind != "error", "\n".join(content["traceback"])
            if kind == "stream":
                printed += content["text"]
            if kind == "status" and content["execution_state"] == "idle":
                return printed

    def end(self) -> None:
        """Shut the kernel down."""
        requests.delete(f"{self._url}api/kernels/{self._id}", headers=self._headers, timeout=60)


async def test_code_asks_and_another_person_decides(shared: None, hub: Hub, notebook: str, join: Join) -> None:
    kernel = Kernel(hub.server("alice"), notebook, hub.token("alice"))
    try:
        async with join("bob") as bob:
            await kernel.begin(ASKS)
            state = await bob.wait(lambda state: bool(state.confirmations))
            (asked,) = state.confirmations.values()
            assert isinstance(asked, Open) and asked.title == "Delete 10,000 rows?"
            await bob.decide(asked.confirmation_id, "confirm")
            assert "decided: bob True" in await kernel.output()
    finally:
        kernel.end()
