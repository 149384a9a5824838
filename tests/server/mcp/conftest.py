"""A real server with a guest that was let into its notebook, and people who decide."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from tornado.httpclient import AsyncHTTPClient, HTTPRequest, HTTPResponse

from ..conftest import Socket
from ..conftest import connect as connect
from ..conftest import jp_server_config as jp_server_config
from ..conftest import notebook as notebook
from ..conftest import room_socket as room_socket

BASE = ("api", "copilot", "notebooks", "one.ipynb")


class Guest:
    """What a person gets who lets an agent in: its token and its address."""

    def __init__(self, told: dict[str, Any], base: str) -> None:
        self.id: str = told["guest_id"]
        self.token: str = told["token"]
        self.thread: str = told["thread_id"]
        self.url: str = base + told["address"]

    async def post(self, body: object, **headers: str) -> HTTPResponse:
        """One HTTP request with this body; refusals are answers as well."""
        given = {"Authorization": f"Bearer {self.token}", "Accept": "application/json, text/event-stream", **headers}
        data = body if isinstance(body, str) else json.dumps(body)
        request = HTTPRequest(self.url, method="POST", headers=given, body=data, request_timeout=30)
        return await AsyncHTTPClient().fetch(request, raise_error=False)

    async def ask(self, method: str, **params: Any) -> dict[str, Any]:
        """The response to one request, of the handshake generation."""
        response = await self.post({"jsonrpc": "2.0", "id": 1, "method": method, "params": params})
        return last(response)

    async def call(self, tool: str, **args: Any) -> dict[str, Any]:
        """The result of a call."""
        result: dict[str, Any] = (await self.ask("tools/call", name=tool, arguments=args))["result"]
        return result


def last(response: HTTPResponse) -> dict[str, Any]:
    """The response in a body: itself, or the last event of a stream."""
    text = response.body.decode()
    if "text/event-stream" in response.headers.get("Content-Type", ""):
        text = text.rstrip().rpartition("data: ")[2]
    found: dict[str, Any] = json.loads(text)
    return found


def text_of(result: dict[str, Any]) -> str:
    return "\n".join(part["text"] for part in result["content"] if part["type"] == "text")


Admit = Callable[..., Awaitable[Guest]]


@pytest.fixture
def base_url(jp_serverapp: Any, jp_fetch: Any) -> str:
    return f"http://localhost:{jp_serverapp.port}{jp_serverapp.base_url}"


@pytest.fixture
def admit(jp_fetch: Any, notebook: str, base_url: str) -> Admit:
    async def admitted(path: str = notebook, **wanted: Any) -> Guest:
        body = json.dumps({"name": "Claude Code", **wanted})
        response = await jp_fetch("api", "copilot", "notebooks", *path.split("/"), "guests", method="POST", body=body)
        return Guest(json.loads(response.body), base_url)

    return admitted


class Room:
    """The room as a person sees it, who decides over REST."""

    def __init__(self, jp_fetch: Any) -> None:
        self._fetch = jp_fetch
        self._count = 0

    async def state(self) -> dict[str, Any]:
        state: dict[str, Any] = json.loads((await self._fetch(*BASE)).body)["state"]
        return state

    async def until(self, predicate: Callable[[dict[str, Any]], Any]) -> Any:
        for _ in range(400):
            found = predicate(await self.state())
            if found:
                return found
            await asyncio.sleep(0.02)
        raise AssertionError(f"did not come about: {await self.state()}")

    async def asked(self, count: int = 1) -> list[dict[str, Any]]:
        """The open confirmations, once there are so many."""

        def open_ones(state: dict[str, Any]) -> list[dict[str, Any]] | None:
            found = [c for c in state["confirmations"].values() if c["status"] == "open"]
            return found if len(found) == count else None

        found: list[dict[str, Any]] = await self.until(open_ones)
        return found

    async def do(self, type: str, **fields: Any) -> dict[str, Any]:
        self._count += 1
        command = {"type": type, **fields}
        body = json.dumps({"command_id": f"person.{self._count}.{id(self)}", "command": command})
        return dict(json.loads((await self._fetch(*BASE, "commands", method="POST", body=body)).body))

    async def decide(self, opened: dict[str, Any], option: str = "approve", **fields: Any) -> None:
        chosen = {"confirmation_id": opened["confirmation_id"], "args_hash": opened["args_hash"], "option": option}
        await self.do("decide", **chosen, **fields)


@pytest.fixture
def people(jp_fetch: Any, notebook: str) -> Room:
    return Room(jp_fetch)


__all__ = ["Socket"]
