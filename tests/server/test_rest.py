"""REST and server-sent events: the same rules, the same room, the same commit."""

from __future__ import annotations

import asyncio
import csv
import io
import json
from typing import Any

import pytest
from tornado.httpclient import HTTPClientError

from jupyter_copilot.room.session import rate_limit

from .conftest import Connect, Socket

BASE = ("api", "copilot", "notebooks", "one.ipynb")


async def submit(jp_fetch: Any, command: dict[str, Any], command_id: str = "c1") -> dict[str, Any]:
    body = json.dumps({"command_id": command_id, "command": command})
    response = await jp_fetch(*BASE, "commands", method="POST", body=body)
    answer: dict[str, Any] = json.loads(response.body)
    return answer


def message(number: int = 1, **fields: Any) -> dict[str, Any]:
    return {"type": "post_message", "message_id": f"m{number}", "text": "hi", "run": False, **fields}


async def refused(awaitable: Any) -> tuple[int, dict[str, Any]]:
    with pytest.raises(HTTPClientError) as caught:
        await awaitable
    body = caught.value.response.body if caught.value.response is not None else b"{}"
    return caught.value.code, json.loads(body)


async def test_a_command_is_answered_after_the_commit_and_seen_by_sockets(
    jp_fetch: Any, notebook: str, room_socket: Socket
) -> None:
    assert await submit(jp_fetch, message()) == {"type": "ack", "command_id": "c1", "seq": 1}
    record = (await room_socket.until("records"))["records"][0]
    assert record["event"]["message_id"] == "m1" and record["actor"]["surface"] == "rest"
    assert await submit(jp_fetch, message()) == {"type": "ack", "command_id": "c1", "seq": 1}


async def test_refusals_come_with_the_status_that_fits_them(jp_fetch: Any, notebook: str) -> None:
    status, reject = await refused(submit(jp_fetch, {"type": "cancel_run", "run_id": "x"}))
    assert (status, reject["code"], reject["command_id"]) == (404, "not_found", "c1")
    status, reject = await refused(submit(jp_fetch, {"type": "sudo"}))
    assert (status, reject["code"]) == (400, "unknown_command")
    status, reject = await refused(jp_fetch(*BASE, "commands", method="POST", body="not json"))
    assert (status, reject["code"]) == (400, "bad_frame")
    await submit(jp_fetch, message())
    status, reject = await refused(submit(jp_fetch, message(), "another"))
    assert (status, reject["code"]) == (409, "already_exists")


async def test_what_is_posted_counts_by_its_bytes(
    jp_fetch: Any, notebook: str, monkeypatch: pytest.MonkeyPatch
) -> None:  # fmt: skip
    monkeypatch.setattr(rate_limit, "BYTE_BURST", 1000)
    monkeypatch.setattr(rate_limit, "BYTES_PER_S", 1)
    assert (await submit(jp_fetch, message(1)))["type"] == "ack"
    status, reject = await refused(submit(jp_fetch, message(2, text="x" * 1000), "c2"))
    assert (status, reject["code"], reject["retry"]) == (429, "rate_limited", "after")
    state = json.loads((await jp_fetch(*BASE)).body)
    assert list(state["state"]["messages"]) == ["m1"]


async def test_the_state_and_its_records_tell_the_same(jp_fetch: Any, notebook: str) -> None:
    for number in range(3):
        await submit(jp_fetch, message(number), f"c{number}")
    state = json.loads((await jp_fetch(*BASE)).body)
    assert state["head"] == 3 and len(state["state"]["messages"]) == 3
    assert state["path"] == "one.ipynb", "where the server's disk has it is nobody's business"
    page = json.loads((await jp_fetch(*BASE, "records", params={"after": 1})).body)
    assert page["log"] == state["log"] and page["head"] == 3 and page["floor"] == 0
    assert [record["seq"] for record in page["records"]] == [2, 3]
    status, _ = await refused(jp_fetch(*BASE, "records", params={"after": "-1"}))
    assert status == 400


async def test_a_stream_of_events_goes_on_live_from_where_it_was_left(jp_fetch: Any, notebook: str) -> None:
    for number in range(3):
        await submit(jp_fetch, message(number), f"c{number}")
    chunks: asyncio.Queue[bytes] = asyncio.Queue()
    stream = asyncio.ensure_future(
        jp_fetch(
            *BASE,
            "records",
            headers={"Accept": "text/event-stream", "Last-Event-ID": "1"},
            streaming_callback=chunks.put_nowait,
            request_timeout=60,
        )
    )

    async def until(text: str) -> str:
        seen = ""
        while text not in seen:
            seen += (await chunks.get()).decode()
        return seen

    seen = await until("id: 3\n")
    assert "id: 2\n" in seen and "id: 1\n" not in seen
    await submit(jp_fetch, message(4), "c4")
    data = (await until("id: 4\n")).partition("data: ")[2]
    assert json.loads(data)["event"]["message_id"] == "m4"
    stream.cancel()


async def test_the_history_of_decisions_is_exported_as_json_and_csv(
    jp_fetch: Any, notebook: str, room_socket: Socket
) -> None:
    opened = {"type": "open_confirmation", "confirmation_id": "q1", "title": "=Delete?", "body": "10,000 rows"}
    await room_socket.command(**opened)
    digest = (await room_socket_state(jp_fetch))["confirmations"]["q1"]["args_hash"]
    await room_socket.command("decide", confirmation_id="q1", args_hash=digest, option="confirm", comment="go")
    history = json.loads((await jp_fetch(*BASE, "confirmations")).body)["confirmations"]
    assert history[0]["status"] == "decided" and history[0]["option"] == "confirm" and history[0]["comment"] == "go"
    assert history[0]["surface"] == "lab" and history[0]["auth"] == "token" and history[0]["decided_by"]
    response = await jp_fetch(*BASE, "confirmations", headers={"Accept": "text/csv"})
    assert response.headers["Content-Type"].startswith("text/csv")
    row = next(csv.DictReader(io.StringIO(response.body.decode())))
    assert row["option"] == "confirm" and row["title"] == "'=Delete?", "no cell begins a formula"


async def room_socket_state(jp_fetch: Any) -> dict[str, Any]:
    state: dict[str, Any] = json.loads((await jp_fetch(*BASE)).body)["state"]
    return state


async def test_rooms_models_and_status_are_listed(jp_fetch: Any, notebook: str, connect: Connect) -> None:
    await submit(jp_fetch, message())
    rooms = json.loads((await jp_fetch("api", "copilot", "rooms")).body)["rooms"]
    assert [(room["path"], room["records"]) for room in rooms] == [("one.ipynb", 1)]
    status = json.loads((await jp_fetch("api", "copilot", "status", params={"verify": "1"})).body)
    assert status["protocol"] == 1 and status["faults"] == []
    assert "models" in json.loads((await jp_fetch("api", "copilot", "models")).body)
