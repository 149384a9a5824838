"""The door for agents from outside: how a call comes to people and back."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path
from typing import Any

import nbformat
import pytest
from tornado.httpclient import AsyncHTTPClient, HTTPRequest

from jupyter_copilot.server.guests import requests as following
from jupyter_copilot.server.mcp import answers, handler

from .conftest import Admit, Guest, Room, last, text_of

CELL = {"after": None, "source": "x = 41 + 1"}


def cells(root: Path) -> list[str]:
    return [cell.source for cell in nbformat.read(root / "one.ipynb", 4).cells]


async def test_a_read_is_answered_at_once_and_stands_in_the_log_under_the_guests_name(
    admit: Admit, people: Room
) -> None:  # fmt: skip
    guest = await admit()
    result = await guest.call("read_notebook")
    assert "1 + 1" in text_of(result) and not result["isError"]
    state = await people.state()
    (run,) = state["runs"].values()
    assert run["agent"]["kind"] == "guest" and run["agent"]["name"].startswith("Claude Code, guest of ")
    assert [call["tool"] for call in state["calls"].values()] == ["read_notebook"]


async def test_an_edit_waits_for_people_and_is_in_the_notebook_once_they_approve(
    admit: Admit, people: Room, jp_root_dir: Path
) -> None:
    guest = await admit()
    calling = asyncio.create_task(guest.call("insert_cell", **CELL))
    (opened,) = await people.asked()
    assert cells(jp_root_dir) == ["1 + 1"]
    await people.decide(opened, comment="Good idea.")
    result = await calling
    assert not result["isError"] and "Good idea." in text_of(result)
    assert cells(jp_root_dir) == ["x = 41 + 1", "1 + 1"]


async def test_what_people_change_before_they_approve_is_what_is_done_and_told(
    admit: Admit, people: Room, jp_root_dir: Path
) -> None:
    guest = await admit()
    calling = asyncio.create_task(guest.call("insert_cell", **CELL))
    (opened,) = await people.asked()
    await people.decide(opened, edited_args={"after": None, "source": "x = 43"})
    assert "x = 43" in text_of(await calling)
    assert cells(jp_root_dir)[0] == "x = 43"


async def test_a_denial_is_an_error_with_the_comment_and_what_to_do_next(
    admit: Admit, people: Room, jp_root_dir: Path
) -> None:
    guest = await admit()
    calling = asyncio.create_task(guest.call("insert_cell", **CELL))
    (opened,) = await people.asked()
    await people.decide(opened, "deny", comment="Not here.")
    result = await calling
    assert result["isError"] and "Not here." in text_of(result) and "ask_user" in text_of(result)
    assert cells(jp_root_dir) == ["1 + 1"]


async def test_calls_that_belong_together_are_one_answer_of_the_guest(admit: Admit, people: Room) -> None:
    guest = await admit()
    calls = [{"tool": "insert_cell", "args": CELL}, {"tool": "insert_cell", "args": {"after": None, "source": "y"}}]
    calling = asyncio.create_task(guest.call("propose_together", calls=calls))
    await people.until(lambda state: len(state["calls"]) == 2)
    state = await people.state()
    assert len({call["message_id"] for call in state["calls"].values()}) == 1
    await people.do("cancel_run", run_id=next(iter(state["runs"])))
    assert (await calling)["isError"]


async def test_waiting_is_told_as_progress_in_a_stream(
    admit: Admit, people: Room, monkeypatch: pytest.MonkeyPatch
) -> None:  # fmt: skip
    monkeypatch.setattr(handler, "AT_ONCE_S", 0.01)
    monkeypatch.setattr(handler, "PROGRESS_S", 0.05)
    guest = await admit()
    params = {"name": "insert_cell", "arguments": CELL, "_meta": {"progressToken": "t"}}
    body = {"jsonrpc": "2.0", "id": 7, "method": "tools/call", "params": params}
    calling = asyncio.create_task(guest.post(body))
    (opened,) = await people.asked()
    await asyncio.sleep(0.2)
    await people.decide(opened)
    response = await calling
    events = [json.loads(line[6:]) for line in response.body.decode().splitlines() if line.startswith("data: ")]
    told = [event["params"] for event in events if event.get("method") == "notifications/progress"]
    assert {each["progressToken"] for each in told} == {"t"}
    assert [each["progress"] for each in told] == sorted({each["progress"] for each in told})
    assert any("Waits for a person to decide: Insert" in each["message"] for each in told)
    assert events[-1]["id"] == 7 and not events[-1]["result"]["isError"]


async def test_what_is_not_decided_after_long_goes_on_and_is_found_again(
    admit: Admit, people: Room, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(answers, "SHORT_PATIENCE_S", 0.1)
    guest = await admit()
    result = await guest.call("insert_cell", **CELL)
    assert not result["isError"] and "Not decided yet" in text_of(result)
    call_id = text_of(result).split("'")[1]
    for wait_s in (0, -1, -(10**400)):
        assert "Not decided yet" in text_of(await guest.call("call_status", call_id=call_id, wait_s=wait_s))
    (opened,) = await people.asked()
    await people.decide(opened)
    monkeypatch.setattr(answers, "SHORT_PATIENCE_S", 20)
    result = await guest.call("call_status", call_id=call_id, wait_s=20)
    assert not result["isError"] and "Inserted" in text_of(result)


async def test_call_status_knows_only_the_guests_own_calls(
    admit: Admit, people: Room, monkeypatch: pytest.MonkeyPatch
) -> None:  # fmt: skip
    monkeypatch.setattr(answers, "SHORT_PATIENCE_S", 0.1)
    guest, other = await admit(), await admit(name="Codex")
    call_id = text_of(await guest.call("insert_cell", **CELL)).split("'")[1]
    assert (await other.call("call_status", call_id=call_id))["isError"]


async def test_a_repeated_call_attaches_to_the_open_one_and_is_proposed_once(
    admit: Admit, people: Room, jp_root_dir: Path
) -> None:
    guest = await admit()
    first = asyncio.create_task(guest.call("insert_cell", **CELL))
    (opened,) = await people.asked()
    second = asyncio.create_task(guest.call("insert_cell", **CELL))
    await asyncio.sleep(0.1)
    await people.asked(1)
    await people.decide(opened)
    assert text_of(await first) == text_of(await second)
    assert cells(jp_root_dir) == ["x = 41 + 1", "1 + 1"]


async def leaving(guest: Guest, people: Room) -> dict[str, Any]:
    """Make a call, and go away while people think about it."""
    body = json.dumps(
        {"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": {"name": "insert_cell", "arguments": CELL}}
    )
    host, _, path = guest.url.removeprefix("http://").partition("/")
    name, _, port = host.partition(":")
    _, writer = await asyncio.open_connection(name, int(port))
    head = f"POST /{path} HTTP/1.1\r\nHost: {host}\r\nAuthorization: Bearer {guest.token}\r\n"
    writer.write(f"{head}Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n{body}".encode())
    await writer.drain()
    (opened,) = await people.asked()
    writer.close()
    return opened


async def test_a_client_that_goes_away_takes_its_proposal_back(
    admit: Admit, people: Room, monkeypatch: pytest.MonkeyPatch, jp_root_dir: Path
) -> None:
    monkeypatch.setattr(following, "GRACE_S", 0.05)
    opened = await leaving(await admit(), people)
    withdrawn = await people.until(
        lambda state: (
            state["confirmations"][opened["confirmation_id"]]["status"] == "withdrawn"
            and state["confirmations"][opened["confirmation_id"]]
        )
    )
    assert withdrawn["by"]["kind"] == "guest" and "went away" in withdrawn["reason"]
    assert cells(jp_root_dir) == ["1 + 1"]


async def test_a_client_that_comes_back_soon_with_the_same_call_finds_it_still_open(
    admit: Admit, people: Room, jp_root_dir: Path
) -> None:
    guest = await admit()
    opened = await leaving(guest, people)
    calling = asyncio.create_task(guest.call("insert_cell", **CELL))
    await asyncio.sleep(0.1)
    await people.decide(opened)
    assert not (await calling)["isError"]
    assert cells(jp_root_dir) == ["x = 41 + 1", "1 + 1"]


async def test_what_people_approved_just_as_the_client_went_is_told_to_who_repeats_it_and_not_done_again(
    admit: Admit, people: Room, jp_root_dir: Path
) -> None:
    guest = await admit()
    opened = await leaving(guest, people)
    await people.decide(opened)
    await people.until(lambda state: all(call["status"] == "finished" for call in state["calls"].values()))
    assert "Inserted" in text_of(await guest.call("insert_cell", **CELL))
    assert cells(jp_root_dir) == ["x = 41 + 1", "1 + 1"]
    again = asyncio.create_task(guest.call("insert_cell", **CELL))
    (opened,) = await people.asked()
    await people.decide(opened, "deny")
    assert (await again)["isError"]


async def test_a_client_may_say_that_it_no_longer_waits(
    admit: Admit, people: Room, monkeypatch: pytest.MonkeyPatch
) -> None:  # fmt: skip
    monkeypatch.setattr(following, "GRACE_S", 0.01)
    guest = await admit()
    calling = asyncio.create_task(guest.call("insert_cell", **CELL))
    (opened,) = await people.asked()
    response = await guest.post(
        {"jsonrpc": "2.0", "method": "notifications/cancelled", "params": {"requestId": 1, "reason": "timeout"}}
    )
    assert response.code == 202 and response.body == b""
    await people.until(lambda state: state["confirmations"][opened["confirmation_id"]]["status"] == "withdrawn")
    calling.cancel()


async def test_a_changed_cell_is_not_overwritten_and_the_error_says_which_tool_to_call(
    admit: Admit, people: Room, jp_root_dir: Path
) -> None:
    guest = await admit()
    nb = nbformat.read(jp_root_dir / "one.ipynb", 4)
    result = await guest.call("edit_cell", cell_id=nb.cells[0].id, expected_version="old", source="2")
    assert result["isError"] and "read_cell" in text_of(result)


@pytest.mark.parametrize(
    ("tool", "args"),
    [
        ("no_such_tool", {}),
        ("read_cell", {"cell_id": "nowhere"}),
        ("read_cell", {}),
        ("edit_cell", {"cell_id": "nowhere", "expected_version": "v", "source": ""}),
        ("run_cell", {"cell_id": "nowhere"}),
        ("read_file", {"path": "one.ipynb"}),
        ("go_to_cell", {"cell_id": "a"}),
        ("call_status", {"call_id": "nothing"}),
        ("call_status", {}),
        ("propose_together", {"calls": []}),
        ("propose_together", {"calls": [{"tool": "propose_together", "args": {}}]}),
        ("ask_user", {"question": ""}),
    ],
)
async def test_every_error_says_which_tool_to_call_next(admit: Admit, tool: str, args: dict[str, Any]) -> None:
    guest = await admit()
    known = {tool["name"] for tool in (await guest.ask("tools/list"))["result"]["tools"]}
    result = await guest.call(tool, **args)
    next_step = text_of(result).rpartition("Next:")[2]
    assert result["isError"] and any(name in next_step for name in known), result


async def test_people_are_asked_and_their_answer_is_the_result(admit: Admit, people: Room) -> None:
    guest = await admit()
    calling = asyncio.create_task(guest.call("ask_user", question="Which year?", options=["2024", "2025"]))
    (opened,) = await people.asked()
    assert opened["kind"] == "question" and opened["opened_by"]["kind"] == "guest"
    await people.decide(opened, "option_2")
    assert "2025" in text_of(await calling)


async def test_the_notebook_and_its_cells_are_resources(admit: Admit, jp_root_dir: Path) -> None:
    guest = await admit()
    (resource,) = (await guest.ask("resources/list"))["result"]["resources"]
    read = (await guest.ask("resources/read", uri=resource["uri"]))["result"]["contents"]
    assert "1 + 1" in read[0]["text"]
    (template,) = (await guest.ask("resources/templates/list"))["result"]["resourceTemplates"]
    cell_id = nbformat.read(jp_root_dir / "one.ipynb", 4).cells[0].id
    uri = template["uriTemplate"].replace("{cell_id}", cell_id)
    assert "1 + 1" in (await guest.ask("resources/read", uri=uri))["result"]["contents"][0]["text"]
    assert (await guest.ask("resources/read", uri="notebook:///other.ipynb"))["error"]["code"] == -32002


async def test_a_guest_that_may_only_read_sees_no_tool_that_proposes(admit: Admit) -> None:
    guest = await admit(scope="read")
    tools = (await guest.ask("tools/list"))["result"]["tools"]
    assert all(tool["annotations"]["readOnlyHint"] for tool in tools)
    assert {"read_outline", "call_status"} <= {tool["name"] for tool in tools}
    assert "ask_user" not in {tool["name"] for tool in tools}
    assert (await guest.call("insert_cell", **CELL))["isError"]


# Both generations


async def test_the_handshake_agrees_on_a_version_and_says_never_to_write_the_file(admit: Admit) -> None:
    guest = await admit()
    for wanted, agreed in [("2025-11-25", "2025-11-25"), ("2025-03-26", "2025-03-26"), ("1999-01-01", "2025-11-25")]:
        result = (await guest.ask("initialize", protocolVersion=wanted, capabilities={}, clientInfo={}))["result"]
        assert result["protocolVersion"] == agreed
    assert "one.ipynb" in result["instructions"] and "Never write the .ipynb file" in result["instructions"]
    assert (await guest.post({"jsonrpc": "2.0", "method": "notifications/initialized"})).code == 202


def modern(method: str, version: str = "2026-07-28", **params: Any) -> dict[str, Any]:
    meta = {
        "io.modelcontextprotocol/protocolVersion": version,
        "io.modelcontextprotocol/clientCapabilities": {},
    }
    return {"jsonrpc": "2.0", "id": "a", "method": method, "params": {**params, "_meta": meta}}


def heads(method: str, version: str = "2026-07-28", name: str | None = None) -> dict[str, str]:
    named = {} if name is None else {"Mcp-Name": name}
    return {"MCP-Protocol-Version": version, "Mcp-Method": method, **named}


async def test_the_stateless_generation_needs_no_handshake(admit: Admit) -> None:
    guest = await admit()
    found = last(await guest.post(modern("server/discover"), **heads("server/discover")))["result"]
    assert found["supportedVersions"][0] == "2026-07-28" and found["resultType"] == "complete"
    listed = last(await guest.post(modern("tools/list"), **heads("tools/list")))["result"]
    assert listed["cacheScope"] == "private" and listed["ttlMs"] >= 0
    body = modern("tools/call", name="read_notebook", arguments={})
    called = last(await guest.post(body, **heads("tools/call", name="read_notebook")))["result"]
    assert called["resultType"] == "complete" and "1 + 1" in text_of(called)


@pytest.mark.parametrize(
    ("body", "headers", "status", "code"),
    [
        ("not json", {}, 400, -32700),
        ("[]", {}, 400, -32600),
        ({"jsonrpc": "1.0", "id": 1, "method": "ping"}, {}, 400, -32600),
        ({"jsonrpc": "2.0", "id": None, "method": "ping"}, {}, 400, -32600),
        ({"jsonrpc": "2.0", "id": 1, "method": "ping", "params": []}, {}, 400, -32600),
        ({"jsonrpc": "2.0", "id": 1, "method": "sudo"}, {}, 200, -32601),
        ({"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": {"name": 3}}, {}, 200, -32602),
        (modern("sudo"), heads("sudo"), 404, -32601),
        (modern("tools/list", "2030-01-01"), heads("tools/list", "2030-01-01"), 400, -32022),
        (modern("tools/list"), heads("tools/call"), 400, -32020),
        (modern("tools/list"), {}, 400, -32020),
        (modern("tools/call", name="read_notebook"), heads("tools/call", name="insert_cell"), 400, -32020),
        ({"jsonrpc": "2.0", "id": 1, "method": "ping"}, {"MCP-Protocol-Version": "2030-01-01"}, 400, -32022),
    ],
)
async def test_what_is_malformed_is_told_as_the_specification_says(
    admit: Admit, body: object, headers: dict[str, str], status: int, code: int
) -> None:
    response = await (await admit()).post(body, **headers)
    assert (response.code, json.loads(response.body)["error"]["code"]) == (status, code)


async def test_there_is_no_stream_and_no_session_beside_the_requests(admit: Admit) -> None:
    guest = await admit()
    for method in ("GET", "DELETE"):
        request = HTTPRequest(guest.url, method=method, headers={"Authorization": f"Bearer {guest.token}"})
        assert (await AsyncHTTPClient().fetch(request, raise_error=False)).code == 405
