"""Servers of others, as the configuration names them and people see them."""

from __future__ import annotations

import asyncio
import json
import sys
from pathlib import Path
from typing import Any

import pytest
from tornado.httpclient import HTTPClientError

from .test_security import ReadOnly

ODD = str(Path(__file__).parents[1] / "tools" / "mcp" / "odd_server.py")


@pytest.fixture
def jp_server_config(jp_server_config: Any, tmp_path: Path) -> Any:
    jp_server_config.ServerApp.jpserver_extensions = {"jupyter_copilot": True}
    jp_server_config.CopilotApp.store_path = str(tmp_path / "rooms.sqlite3")
    jp_server_config.CopilotApp.mcp_servers = {
        "odd": {"command": sys.executable, "args": [ODD]},
        "dead": {"command": str(tmp_path / "nothing")},
        "broken": {"comand": "x"},
    }
    return jp_server_config


async def servers(jp_fetch: Any, **wish: Any) -> dict[str, Any]:
    """The servers by name; with a wish, after it was done."""
    options = {"method": "POST", "body": json.dumps(wish)} if wish else {}
    told = json.loads((await jp_fetch("api", "copilot", "mcp_servers", **options)).body)["servers"]
    return {each["name"]: each for each in told}


async def ready(jp_fetch: Any) -> dict[str, Any]:
    for _ in range(600):
        told = await servers(jp_fetch)
        if told["odd"]["state"] == "ready" and told["dead"]["state"] == "failed":
            return told
        await asyncio.sleep(0.05)
    raise AssertionError(told)


async def test_people_see_each_server_its_tools_and_what_is_wrong(jp_fetch: Any) -> None:
    told = await ready(jp_fetch)
    assert list(told) == ["dead", "odd"] and told["dead"]["problem"]
    (tool,) = [each for each in told["odd"]["tools"] if each["title"] == "environment"]
    assert tool["says_read_only"] and not tool["trusted"] and not tool["changed"]
    status = json.loads((await jp_fetch("api", "copilot", "status")).body)
    assert any("'broken' cannot be used" in notice["message"] for notice in status["notices"])


async def test_a_person_trusts_a_tool_as_they_saw_it(jp_fetch: Any) -> None:
    told = await ready(jp_fetch)
    (tool,) = [each for each in told["odd"]["tools"] if each["title"] == "environment"]
    wish = {"type": "trust", "server": "odd", "tool": tool["name"], "pin": tool["pin"], "trusted": True}
    now = await servers(jp_fetch, **wish)
    assert [each["title"] for each in now["odd"]["tools"] if each["trusted"]] == ["environment"]
    with pytest.raises(HTTPClientError) as caught:
        await servers(jp_fetch, **{**wish, "pin": "old"})
    assert caught.value.code == 409
    with pytest.raises(HTTPClientError) as caught:
        await servers(jp_fetch, type="reconnect", server="nobody")
    assert caught.value.code == 404
    assert (await servers(jp_fetch, type="reconnect", server="dead"))["dead"]["state"] in ("failed", "connecting")


async def test_who_may_only_read_changes_nothing_and_sees_no_log(
    jp_fetch: Any, jp_serverapp: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(jp_serverapp.web_app.settings, "authorizer", ReadOnly(parent=jp_serverapp))
    assert {each["log"] for each in (await servers(jp_fetch)).values()} == {""}
    with pytest.raises(HTTPClientError) as caught:
        await servers(jp_fetch, type="reconnect", server="dead")
    assert caught.value.code == 403
