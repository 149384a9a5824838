"""An agent of others on a real server: it is offered, it has the notebook's tools, and it leaves with the server."""

from __future__ import annotations

import asyncio
import json
import sys
from pathlib import Path
from typing import Any

import nbformat
import pytest
from tornado.httpclient import AsyncHTTPClient, HTTPRequest

from jupyter_copilot.testing import acp_agent

from ..conftest import notebook as notebook
from ..mcp.conftest import Room
from ..mcp.conftest import base_url as base_url
from ..mcp.conftest import people as people

FAKE = [sys.executable, "-S", acp_agent.__file__]


@pytest.fixture
def jp_server_config(jp_server_config: Any, tmp_path: Path) -> Any:
    jp_server_config.ServerApp.jpserver_extensions = {"jupyter_copilot": True}
    jp_server_config.CopilotApp.store_path = str(tmp_path / "rooms.sqlite3")
    jp_server_config.CopilotApp.acp_agents = {
        "fake": {"command": FAKE, "name": "Fake", "mode": "ask", "confined": {"only": True}, "account": "nobody's"},
        "gone": {"command": ["no-such-agent"], "name": "Gone", "mode": "ask", "install": "npm install gone"},
        "other": {"command": FAKE, "name": "Other", "mode": "ask"},
        "broken": {"comand": "x"},
    }
    jp_server_config.CopilotApp.allowed_agents = ["fake", "fake-files", "gone"]
    return jp_server_config


async def tell(people: Room, script: str, message_id: str = "m1", agent_id: str = "fake") -> None:
    await people.do("post_message", message_id=message_id, text=script, agent_id=agent_id)


async def over(people: Room, run_id: str = "m1.r1") -> dict[str, Any]:
    def finished(state: dict[str, Any]) -> Any:
        run = state["runs"].get(run_id)
        return run if run and run["status"] == "finished" else None

    run: dict[str, Any] = await people.until(finished)
    return run


async def text(people: Room, run_id: str = "m1.r1") -> str:
    messages = (await people.state())["messages"].values()
    return "\n".join(each["text"] for each in messages if each.get("run_id") == run_id and each["text"])


async def test_people_are_offered_those_that_are_allowed_with_account_and_what_is_missing(jp_fetch: Any) -> None:
    told = json.loads((await jp_fetch("api", "copilot", "models")).body)["agents"]
    by_id = {each["agent_id"]: each for each in told}
    assert list(by_id) == ["copilot", "fake", "fake-files", "gone"]
    assert by_id["fake"]["account"] == "nobody's" and by_id["fake-files"]["name"] == "Fake with files"
    assert by_id["gone"]["missing"] == "Not installed. npm install gone"
    status = json.loads((await jp_fetch("api", "copilot", "status")).body)
    assert any("'broken' cannot be used" in notice["message"] for notice in status["notices"])


async def test_its_calls_of_the_notebooks_tools_are_calls_of_its_run_and_ask_once(
    people: Room, jp_root_dir: Path
) -> None:
    insert = json.dumps({"after": None, "source": "x = 41 + 1"})
    await tell(people, f"say a; call read_notebook; call insert_cell {insert}; say b")
    (opened,) = await people.asked()
    state = await people.state()
    assert list(state["runs"]) == ["m1.r1"] and state["calls"][opened["call_id"]]["run_id"] == "m1.r1"
    assert opened["opened_by"]["name"] == "Fake"
    await people.decide(opened, comment="Fine.")
    assert (await over(people))["outcome"] == "success"
    said = await text(people)
    assert "1 + 1" in said and "Fine." in said and said.endswith("b")
    assert [cell.source for cell in nbformat.read(jp_root_dir / "one.ipynb", 4).cells] == ["x = 41 + 1", "1 + 1"]
    assert {call["tool"] for call in (await people.state())["calls"].values()} == {"read_notebook", "insert_cell"}


async def test_its_token_opens_nothing_else_and_nothing_between_its_answers(
    people: Room, jp_serverapp: Any, base_url: str
) -> None:
    await tell(people, "say a")
    await over(people)
    (token,) = handed_out(jp_serverapp)
    body = {"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": {"name": "read_notebook", "arguments": {}}}

    async def post(path: str) -> Any:
        headers = {"Authorization": f"Bearer {token}"}
        request = HTTPRequest(base_url + path, method="POST", headers=headers, body=json.dumps(body))
        return await AsyncHTTPClient().fetch(request, raise_error=False)

    told = json.loads((await post("api/copilot/mcp/one.ipynb")).body)
    assert told["result"]["isError"] and "still to be answered" in told["result"]["content"][0]["text"]
    assert (await post("api/copilot/mcp/other.ipynb")).code == 403
    assert (await post("api/copilot/notebooks/one.ipynb/commands")).code in (302, 403)


def handed_out(serverapp: Any) -> list[str]:
    """The tokens of the sessions that there are."""
    app = serverapp.extension_manager.extension_apps["jupyter_copilot"].copy().pop()
    sessions = app.sessions._sessions.values()
    return [session._lent.token for session in sessions if session._lent is not None]


async def test_a_stop_while_its_call_waits_for_people_ends_both(people: Room) -> None:
    await tell(people, 'call insert_cell {"after": null, "source": "y"}; say b')
    (opened,) = await people.asked()
    await people.do("cancel_run", run_id="m1.r1")
    assert (await over(people))["outcome"] == "cancelled"
    state = await people.state()
    assert state["confirmations"][opened["confirmation_id"]]["status"] == "withdrawn"
    await tell(people, "say still here", "m2")
    await over(people, "m2.r1")
    assert await text(people, "m2.r1") == "still here"
    await asyncio.sleep(0)
