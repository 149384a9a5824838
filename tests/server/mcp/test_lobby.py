"""The door without a notebook: agents that start from nothing, by the official clients, with a person's own rights."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path
from typing import Any

import httpx2
import nbformat
import pytest
from jupyter_server.auth import Authorizer
from mcp import Client
from mcp.client.streamable_http import streamable_http_client

from .conftest import Guest, Room, text_of
from .test_clients import visited


@pytest.fixture
def lobby(jp_fetch: Any, notebook: str, base_url: str, jp_asyncio_loop: asyncio.AbstractEventLoop) -> Guest:
    """An agent with a pass, at the address without a notebook."""
    return jp_asyncio_loop.run_until_complete(admitted(jp_fetch, base_url))


async def admitted(jp_fetch: Any, base_url: str, **wanted: Any) -> Guest:
    body = json.dumps({"name": "Claude Code", **wanted})
    told = json.loads((await jp_fetch("api", "copilot", "passes", method="POST", body=body)).body)
    return Guest({**told, "guest_id": told["pass_id"], "thread_id": ""}, base_url)


async def decide_next(people: Room) -> None:
    (opened,) = await people.asked()
    await people.decide(opened)


@pytest.mark.parametrize("mode", ["legacy", "2026-07-28"])
async def test_the_python_sdk_finds_a_notebook_makes_one_and_works_in_both(
    mode: Any, lobby: Guest, people: Room, jp_root_dir: Path
) -> None:
    async with (
        httpx2.AsyncClient(headers={"Authorization": f"Bearer {lobby.token}"}, timeout=30) as http,
        Client(streamable_http_client(lobby.url, http_client=http), mode=mode) as client,
    ):

        async def told(tool: str, **args: Any) -> str:
            result = await client.call_tool(tool, args)
            return ("✕ " if result.is_error else "") + result.content[0].text  # type: ignore[union-attr]

        names = [tool.name for tool in (await client.list_tools()).tools]
        assert names[:2] == ["list_notebooks", "open_notebook"] and "insert_cell" in names
        assert "one.ipynb" in await told("list_notebooks") and "python3" in await told("list_notebooks")
        assert "open_notebook" in await told("read_outline", notebook="one.ipynb")
        assert "Open." in await told("open_notebook", path="one.ipynb")
        made = await told("open_notebook", path="two.ipynb", kernel="python3")
        assert made.startswith("Made 'two.ipynb'")
        assert nbformat.read(jp_root_dir / "two.ipynb", 4).metadata.kernelspec.name == "python3"
        deciding = asyncio.create_task(decide_next(people))
        done = await told("insert_cell", notebook="one.ipynb", after=None, source="x = 1")
        await deciding
        assert not done.startswith("✕")
        assert "x = 1" in await told("read_notebook", notebook="one.ipynb")
        assert "x = 1" not in await told("read_notebook", notebook="two.ipynb")
    assert [cell.source for cell in nbformat.read(jp_root_dir / "one.ipynb", 4).cells] == ["x = 1", "1 + 1"]
    guests = (await people.state())["guests"].values()
    assert [(each["name"], each["scope"]) for each in guests] == [("Claude Code", "propose")]


@pytest.mark.parametrize(("sdk", "mode"), [("1", "handshake"), ("2", "2026-07-28")])
async def test_both_generations_of_the_typescript_sdk_do_the_same(
    sdk: str, mode: str, lobby: Guest, people: Room
) -> None:
    deciding = asyncio.create_task(decide_next(people))
    seen = await visited(
        lobby, sdk, mode,
        {"tool": "list_notebooks", "args": {}},
        {"tool": "open_notebook", "args": {"path": "one.ipynb"}},
        {"tool": "insert_cell", "args": {"notebook": "one.ipynb", "after": None, "source": "x = 2"}},
    )  # fmt: skip
    await deciding
    listed, opened, inserted = (text_of(result) for result in seen["results"])
    assert "one.ipynb" in listed and "Open." in opened and "Inserted cell" in inserted
    assert "none is the active one" in seen["instructions"]


async def test_nothing_is_overwritten_and_what_is_wrong_says_what_to_call(lobby: Guest, jp_root_dir: Path) -> None:
    before = (jp_root_dir / "one.ipynb").read_bytes()
    assert "Open." in text_of(await lobby.call("open_notebook", path="one.ipynb", kernel="python3"))
    for args, says in (
        ({"path": "notes.txt"}, ".ipynb"),
        ({"path": "three.ipynb", "kernel": "cobol"}, "There is no kernel 'cobol'"),
        ({"path": "nowhere/three.ipynb"}, "There is no folder 'nowhere'"),
        ({"path": "../three.ipynb"}, "Next:"),
        ({"path": ".hidden.ipynb"}, "Next:"),
    ):
        result = await lobby.call("open_notebook", **args)
        assert result["isError"] and says in text_of(result) and "Next: " in text_of(result)
    assert (jp_root_dir / "one.ipynb").read_bytes() == before
    assert [path.name for path in jp_root_dir.iterdir() if path.suffix == ".ipynb"] == ["one.ipynb"]
    assert not (jp_root_dir.parent / "three.ipynb").exists()


async def test_who_may_read_only_makes_nothing_and_is_offered_nothing_that_changes(
    jp_fetch: Any, notebook: str, base_url: str, jp_root_dir: Path
) -> None:
    reader = await admitted(jp_fetch, base_url, scope="read")
    names = [tool["name"] for tool in (await reader.ask("tools/list"))["result"]["tools"]]
    assert "read_notebook" in names and "insert_cell" not in names and "propose_together" not in names
    assert (await reader.call("open_notebook", path="two.ipynb"))["isError"]
    await reader.call("open_notebook", path="one.ipynb")
    assert "1 + 1" in text_of(await reader.call("read_notebook", notebook="one.ipynb"))
    assert not (jp_root_dir / "two.ipynb").exists()


class NoLonger(Authorizer):
    """Lets nobody make files, and nobody at all in once `closed`."""

    closed = False

    def is_authorized(self, handler: Any, user: Any, action: str, resource: str) -> bool:
        return not self.closed and (action, resource) != ("write", "contents")


async def test_it_may_no_more_than_the_person_who_made_the_pass_may_now(
    lobby: Guest, jp_serverapp: Any, monkeypatch: pytest.MonkeyPatch, jp_root_dir: Path
) -> None:
    authorizer = NoLonger(parent=jp_serverapp)
    monkeypatch.setitem(jp_serverapp.web_app.settings, "authorizer", authorizer)
    result = await lobby.call("open_notebook", path="two.ipynb")
    assert result["isError"] and "may not make notebooks" in text_of(result)
    assert not (jp_root_dir / "two.ipynb").exists()
    assert not (await lobby.call("open_notebook", path="one.ipynb"))["isError"]
    authorizer.closed = True
    for tool in ("list_notebooks", "read_notebook"):
        result = await lobby.call(tool, notebook="one.ipynb")
        assert result["isError"] and "may no longer come in" in text_of(result)


async def test_people_send_it_away_from_one_notebook_or_from_all(lobby: Guest, people: Room, jp_fetch: Any) -> None:
    await lobby.call("open_notebook", path="one.ipynb")
    (guest_id,) = (await people.state())["guests"]
    await people.do("revoke_guest", guest_id=guest_id)
    for tool, args in (("read_notebook", {"notebook": "one.ipynb"}), ("open_notebook", {"path": "one.ipynb"})):
        result = await lobby.call(tool, **args)
        assert result["isError"] and "disconnected you" in text_of(result)
    (listed,) = json.loads((await jp_fetch("api", "copilot", "passes")).body)["passes"]
    assert listed["used_at"] and lobby.token not in json.dumps(listed)
    await jp_fetch("api", "copilot", "passes", lobby.id, method="DELETE")
    response = await lobby.post({"jsonrpc": "2.0", "id": 1, "method": "ping"})
    assert response.code == 401 and response.headers["WWW-Authenticate"] == "Bearer"


async def test_no_other_token_opens_it_and_its_token_opens_no_notebooks_own_door(
    lobby: Guest, jp_serverapp: Any, jp_fetch: Any, base_url: str
) -> None:
    told = json.loads(
        (await jp_fetch("api", "copilot", "notebooks", "one.ipynb", "guests", method="POST", body="{}")).body
    )
    ping = {"jsonrpc": "2.0", "id": 1, "method": "ping"}
    for token in (jp_serverapp.identity_provider.token, told["token"], lobby.token[:-1] + "~", ""):
        assert (await lobby.post(ping, Authorization=f"Bearer {token}")).code == 401
    assert (await lobby.post(ping, Origin="https://evil.example")).code == 403
    lobby.url = f"{base_url}api/copilot/mcp/one.ipynb"
    assert (await lobby.post(ping)).code == 401
