"""The official clients at our door, offline: Python, and both generations of TypeScript."""

from __future__ import annotations

import asyncio
import json
import os
import sys
from pathlib import Path
from typing import Any

import httpx2
import nbformat
import pytest
from mcp import Client
from mcp.client.streamable_http import streamable_http_client

from jupyter_copilot.server.mcp import handler

from .conftest import Admit, Guest, Room

CLIENTS = Path(sys.prefix, "lib", "mcp-clients")
SCRIPT = Path(__file__).with_name("visit.mjs")
INSERT = {"after": None, "source": "x = 41 + 1"}


@pytest.fixture
def soon(monkeypatch: pytest.MonkeyPatch) -> None:
    """Progress is told sooner than people would wait for it."""
    monkeypatch.setattr(handler, "AT_ONCE_S", 0.02)
    monkeypatch.setattr(handler, "PROGRESS_S", 0.1)


async def decide_next(people: Room, option: str = "approve", **fields: Any) -> None:
    (opened,) = await people.asked()
    await asyncio.sleep(0.3)
    await people.decide(opened, option, **fields)


@pytest.mark.parametrize("mode", ["auto", "legacy", "2026-07-28"])
async def test_the_python_sdk_reads_proposes_waits_and_hears_what_people_say(
    mode: Any, admit: Admit, people: Room, soon: None, jp_root_dir: Path
) -> None:
    guest = await admit()
    told: list[str] = []

    async def progress(progress: float, total: float | None, message: str | None) -> None:
        told.append(message or "")

    headers = {"Authorization": f"Bearer {guest.token}"}
    async with (
        httpx2.AsyncClient(headers=headers, timeout=30) as http,
        Client(streamable_http_client(guest.url, http_client=http), mode=mode) as client,
    ):
        tools = (await client.list_tools()).tools
        assert next(tool for tool in tools if tool.name == "read_outline").annotations.read_only_hint  # type: ignore[union-attr]
        read = await client.call_tool("read_notebook", {})
        assert "1 + 1" in read.content[0].text  # type: ignore[union-attr]
        deciding = asyncio.create_task(decide_next(people, comment="Fine."))
        done = await client.call_tool("insert_cell", INSERT, progress_callback=progress)
        await deciding
        assert not done.is_error and "Fine." in done.content[0].text  # type: ignore[union-attr]
        deciding = asyncio.create_task(decide_next(people, "deny", comment="Enough."))
        denied = await client.call_tool("insert_cell", {"after": None, "source": "y = 1"})
        await deciding
        assert denied.is_error and "Enough." in denied.content[0].text  # type: ignore[union-attr]
        (resource,) = (await client.list_resources()).resources
        contents = (await client.read_resource(resource.uri)).contents
        assert "x = 41 + 1" in contents[0].text  # type: ignore[union-attr]
    assert any("Waits for a person to decide" in each for each in told)
    assert [cell.source for cell in nbformat.read(jp_root_dir / "one.ipynb", 4).cells] == ["x = 41 + 1", "1 + 1"]


async def visited(guest: Guest, sdk: str, mode: str, *acting: dict[str, Any]) -> dict[str, Any]:
    """What the scripted agent in JavaScript saw."""
    told = {
        "MCP_CLIENTS": str(CLIENTS),
        "NOTEBOOK_URL": guest.url,
        "NOTEBOOK_TOKEN": guest.token,
        "ACTING": json.dumps(acting),
    }
    process = await asyncio.create_subprocess_exec(
        "node", str(SCRIPT), sdk, mode, env={**os.environ, **told}, stdout=-1, stderr=-1
    )
    out, err = await process.communicate()
    assert process.returncode == 0, err.decode()
    seen: dict[str, Any] = json.loads(out)
    return seen


@pytest.mark.parametrize(("sdk", "mode"), [("1", "handshake"), ("2", "auto"), ("2", "2026-07-28")])
async def test_both_generations_of_the_typescript_sdk_do_the_same(
    sdk: str, mode: str, admit: Admit, people: Room, soon: None
) -> None:
    guest = await admit()
    edited: dict[str, Any] = {"edited_args": {"after": None, "source": "x = 43"}, "comment": "Better so."}
    deciding = asyncio.create_task(decide_next(people, **edited))
    seen = await visited(guest, sdk, mode, {"tool": "insert_cell", "args": INSERT})
    await deciding
    assert {"read_outline", "edit_cell", "run_cell", "call_status", "propose_together"} <= set(seen["tools"])
    assert "1 + 1" in seen["read"]["content"][0]["text"] and "1 + 1" in seen["text"]
    assert "Never write the .ipynb file" in seen["instructions"]
    (result,) = seen["results"]
    assert "x = 43" in result["content"][0]["text"] and "Better so." in result["content"][0]["text"]
    assert any("Waits for a person to decide" in each for each in seen["progress"])


@pytest.mark.slow
async def test_a_cell_is_run_for_an_agent_and_its_picture_comes_back(
    admit: Admit, people: Room, jp_root_dir: Path, jp_fetch: Any
) -> None:
    kernel = {"name": "python3"}
    body = json.dumps({"path": "one.ipynb", "type": "notebook", "name": "one.ipynb", "kernel": kernel})
    session = json.loads((await jp_fetch("api", "sessions", method="POST", body=body)).body)
    try:
        guest = await admit()
        drawing = "import matplotlib.pyplot as plt\nplt.plot([1, 2, 4])\nplt.show()"
        deciding = asyncio.create_task(decide_next(people))
        seen = await visited(guest, "1", "", {"tool": "insert_and_run", "args": {"after": None, "source": drawing}})
        await deciding
        (result,) = seen["results"]
        pictures = [part for part in result["content"] if part["type"] == "image"]
        assert not result.get("isError") and pictures and pictures[0]["mimeType"] == "image/png"
    finally:
        await jp_fetch("api", "sessions", session["id"], method="DELETE")
