"""A real server with a scripted model, and a front end that speaks AG-UI by its official client."""

from __future__ import annotations

import asyncio
import json
import os
import sys
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from jupyter_copilot.testing.fault_server import MODEL, FaultServer

from ..conftest import notebook as notebook
from ..mcp.conftest import Room
from ..mcp.conftest import base_url as base_url
from ..mcp.conftest import people as people

CLIENTS = Path(sys.prefix, "lib", "mcp-clients")
SCRIPT = Path(__file__).with_name("front_end.mjs")


@pytest.fixture
def model(jp_asyncio_loop: asyncio.AbstractEventLoop) -> Iterator[FaultServer]:
    """The model server, whose script has to be used up."""
    server = FaultServer([])
    jp_asyncio_loop.run_until_complete(server.start())
    yield server
    jp_asyncio_loop.run_until_complete(server.close())


@pytest.fixture
def jp_server_config(jp_server_config: Any, model: FaultServer, tmp_path: Path) -> Any:
    jp_server_config.ServerApp.jpserver_extensions = {"jupyter_copilot": True}
    jp_server_config.CopilotApp.store_path = str(tmp_path / "rooms.sqlite3")
    jp_server_config.CopilotApp.models = {"test": {"base_url": model.base_url, "models": [MODEL]}}
    return jp_server_config


class FrontEnd:
    """What the official client does and sees, a run at a time."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self._process = process

    async def run(self, **wanted: Any) -> dict[str, Any]:
        """What a run told; the client found nothing wrong with it."""
        assert self._process.stdin is not None and self._process.stdout is not None
        self._process.stdin.write(json.dumps(wanted).encode() + b"\n")
        told: dict[str, Any] = json.loads(await self._process.stdout.readline())
        assert told["warnings"] == []
        return told

    async def post(self, id: str, text: str, **more: Any) -> dict[str, Any]:
        return await self.run(post={"id": id, "text": text}, **more)

    async def answer(self, asked: dict[str, Any], *, cancel: bool = False, **payload: Any) -> dict[str, Any]:
        status = {"status": "cancelled"} if cancel else {"status": "resolved", "payload": payload}
        return await self.run(resume={asked["id"]: status})


FrontEnds = Callable[..., AbstractAsyncContextManager[FrontEnd]]


@pytest.fixture
def front_end(base_url: str, jp_serverapp: Any, notebook: str) -> FrontEnds:
    @asynccontextmanager
    async def opened(thread: str = "main") -> AsyncIterator[FrontEnd]:
        told = {
            "CLIENTS": str(CLIENTS),
            "URL": f"{base_url}api/copilot/agui/{notebook}",
            "TOKEN": jp_serverapp.identity_provider.token,
            "THREAD": thread,
        }
        process = await asyncio.create_subprocess_exec(
            "node", str(SCRIPT), env={**os.environ, **told}, stdin=-1, stdout=-1, limit=1 << 24
        )  # fmt: skip
        try:
            yield FrontEnd(process)
        finally:
            process.stdin.close()  # type: ignore[union-attr]
            await process.wait()

    return opened


def types(told: dict[str, Any]) -> list[str]:
    return [event["type"] for event in told["events"]]


def customs(told: dict[str, Any], name: str) -> list[dict[str, Any]]:
    return [event["value"] for event in told["events"] if event["type"] == "CUSTOM" and event["name"] == name]


def said(told: dict[str, Any]) -> list[str]:
    """What agents said in the chat, as the client has it now."""
    return [each["content"] for each in told["messages"] if each["role"] == "assistant" and each.get("content")]


__all__ = ["Room"]
