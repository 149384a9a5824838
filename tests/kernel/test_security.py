"""Code in a kernel holds the kernel's token, and tries whatever it can with it."""

from __future__ import annotations

import json
import logging
from pathlib import Path
from typing import Any

import nbformat
import pytest

from jupyter_copilot import protocol as p
from jupyter_copilot.client import Client
from jupyter_copilot.core import state as s
from jupyter_copilot.room.audit import confirmation_history

from .conftest import StartKernel

pytestmark = pytest.mark.slow

ATTACK = """
import asyncio, json, os
from tornado.httpclient import AsyncHTTPClient, HTTPRequest
from tornado.websocket import websocket_connect

URL, TOKEN = os.environ["JUPYTER_COPILOT_URL"].rstrip("/"), os.environ["JUPYTER_COPILOT_TOKEN"]
DECIDE = json.loads(DECISION)
OWN = {"X-Copilot-Kernel-Token": TOKEN}

async def rest(method, path, headers, body=None):
    request = HTTPRequest(URL + path, method=method, headers=headers, body=body, follow_redirects=False)
    answer = await AsyncHTTPClient().fetch(request, raise_error=False)
    return answer.code, answer.body.decode()[:300]

async def ws(path, headers, *frames):
    try:
        socket = await websocket_connect(HTTPRequest("ws" + (URL + path)[4:], headers=headers))
    except Exception as error:
        return [getattr(error, "code", str(error))]
    for frame in frames:
        await socket.write_message(json.dumps(frame))
    answers = []
    while True:
        message = await socket.read_message()
        if message is None:
            return answers
        frame = json.loads(message)
        if frame["type"] in ("ack", "reject"):
            answers.append([frame["type"], frame.get("code")])
            if len(answers) == len(frames) - 1:
                socket.close()
                return answers

HELLO = {"type": "hello", "protocol": 1, "client_id": "evil", "surface": "lab", "cursor": None}
"""


def _attack(decision: dict[str, Any], code: str) -> str:
    return f"DECISION = {json.dumps(json.dumps(decision))}\n{ATTACK}\n{code}"


@pytest.fixture
def decision(person: Client) -> dict[str, Any]:
    """The decision that the code wants to smuggle in; the test opens the confirmation."""
    return {"type": "decide", "confirmation_id": "q", "args_hash": "", "option": "confirm"}


async def _open(person: Client, decision: dict[str, Any]) -> None:
    await person.live()
    await person.command(p.OpenConfirmation(confirmation_id=p.ConfirmationId("q"), title="Approve the agent's call?"))
    state = await person.wait(lambda state: "q" in state.confirmations)
    decision["args_hash"] = state.confirmations["q"].args_hash


async def test_no_decision_comes_from_a_kernel_and_people_are_told(
    start_kernel: StartKernel,
    person: Client,
    decision: dict[str, Any],
    caplog: pytest.LogCaptureFixture,
    extension: Any,
) -> None:
    kernel = await start_kernel()
    async with person:
        await _open(person, decision)
        code = """
print(json.dumps([
    await ws("/api/copilot/kernel/channel", OWN, HELLO, {"type": "command", "command_id": "a", "command": DECIDE}),
    await rest("POST", "/api/copilot/kernel/commands", OWN, json.dumps({"command_id": "b", "command": DECIDE})),
]))"""
        outcome = await kernel.run(_attack(decision, code))
        assert outcome.status == "ok", outcome.error
        socket, (status, body) = json.loads(outcome.text)
        assert socket == [["reject", "forbidden"]]
        assert (
            status == 403 and json.loads(body)["code"] == "forbidden" and "cannot decide" in json.loads(body)["message"]
        )
        await person.wait(lambda _: any(notice.code == "kernel_decided" for notice in person.notices))
        assert "Kernel of one.ipynb" in person.notices[0].message
        assert len(person.notices) == 1, "told once, however often it is tried"
        assert any("tried to decide confirmation q" in record.getMessage() for record in caplog.records)
        assert person.state is not None
        asked = person.state.confirmations["q"]
        assert isinstance(asked, s.Open) and asked.tried_by is not None and asked.tried_by.id == kernel.id
        (row,) = await confirmation_history(extension.rooms.sessions()[0].room.replay)
        assert row["tried_by"] == "Kernel of one.ipynb" and row["status"] == "open"


async def test_the_token_opens_nothing_else(
    start_kernel: StartKernel, person: Client, decision: dict[str, Any], jp_root_dir: Path
) -> None:
    nbformat.write(nbformat.v4.new_notebook(), jp_root_dir / "other.ipynb")
    kernel = await start_kernel()
    async with person:
        await _open(person, decision)
        code = """
body = json.dumps({"command_id": "c", "command": DECIDE})
found = []
AS_JUPYTERS = [{"Authorization": kind + " " + TOKEN} for kind in ("token", "Bearer")]
for headers in (OWN, *AS_JUPYTERS, {"Cookie": "token=" + TOKEN}):
    for method, path, data in [
        ("GET", "/api/contents/one.ipynb", None),
        ("GET", "/api/kernels", None),
        ("GET", "/api/sessions", None),
        ("GET", "/api/copilot/rooms", None),
        ("GET", "/api/copilot/status", None),
        ("GET", "/api/copilot/notebooks/one.ipynb", None),
        ("GET", "/api/copilot/notebooks/other.ipynb", None),
        ("POST", "/api/copilot/notebooks/one.ipynb/commands", body),
        ("POST", "/api/copilot/notebooks/other.ipynb/commands", body),
        ("GET", "/api/contents/one.ipynb?token=" + TOKEN, None),
    ]:
        found.append((await rest(method, path, headers, data))[0])
    found += await ws("/api/copilot/notebooks/one.ipynb/channel", headers, HELLO)
    found += await ws("/api/copilot/notebooks/other.ipynb/channel", headers, HELLO)
print(json.dumps(found))"""
        outcome = await kernel.run(_attack(decision, code))
        assert outcome.status == "ok", outcome.error
        codes = json.loads(outcome.text)
        assert len(codes) == 48 and set(codes) <= {302, 403}, codes
        assert person.state is not None and isinstance(person.state.confirmations["q"], s.Open)


async def test_only_what_a_kernel_may_is_done_over_its_own_doors(
    start_kernel: StartKernel, person: Client, decision: dict[str, Any]
) -> None:
    kernel = await start_kernel()
    async with person:
        await _open(person, decision)
        await person.post("hello", run=False)
        code = """
commands = [
    {"type": "withdraw_confirmation", "confirmation_id": "q"},
    {"type": "cancel_run", "run_id": "r"},
    {"type": "create_thread", "thread_id": "t", "title": "T"},
    {"type": "set_mode", "thread_id": "main", "mode": "auto_edit"},
    {"type": "claim_call", "call_id": "c", "fence": 1},
    {"type": "post_message", "message_id": "m", "text": "a kernel says so", "run": False},
]
frames = [{"type": "command", "command_id": f"x{i}", "command": c} for i, c in enumerate(commands)]
answers = await ws("/api/copilot/kernel/channel", OWN, HELLO, *frames)
answers += await ws("/api/copilot/kernel/channel", OWN | {"Origin": URL}, HELLO)
answers += await ws("/api/copilot/kernel/channel", {"X-Copilot-Kernel-Token": "guess"}, HELLO)
answers += await ws("/api/copilot/kernel/channel", {}, HELLO)
answers.append((await rest("POST", "/api/copilot/kernel/commands", OWN | {"Origin": URL}, "{}"))[0])
print(json.dumps(answers))"""
        outcome = await kernel.run(_attack(decision, code))
        assert outcome.status == "ok", outcome.error
        assert json.loads(outcome.text) == [
            *[["reject", "forbidden"]] * 5,
            ["ack", None],
            *[403] * 4,
        ]
        assert person.state is not None
        said = person.state.messages["m"]
        assert isinstance(said, s.Posted) and said.author.kind == "kernel" and said.author.surface == "kernel"


async def test_a_kernel_cannot_crowd_people_out(
    start_kernel: StartKernel, person: Client, decision: dict[str, Any]
) -> None:
    kernel = await start_kernel()
    code = """
async def enter():
    try:
        request = HTTPRequest("ws" + URL[4:] + "/api/copilot/kernel/channel", headers=OWN)
        socket = await websocket_connect(request)
        await socket.write_message(json.dumps(HELLO))
        return json.loads(await socket.read_message())["type"], socket
    except Exception as error:
        return type(error).__name__, None

AT_ONCE = await asyncio.gather(*[enter() for _ in range(12)])
LATER = await enter()
print(sum(kind == "welcome" for kind, _ in AT_ONCE), LATER[0])"""
    outcome = await kernel.run(_attack(decision, code))
    assert outcome.text.strip() == "8 HTTPClientError"


async def test_the_token_is_in_no_log(
    start_kernel: StartKernel, person: Client, jp_serverapp: Any, caplog: pytest.LogCaptureFixture
) -> None:
    jp_serverapp.log.setLevel(logging.DEBUG)
    caplog.set_level(logging.DEBUG)
    kernel = await start_kernel()
    token = (await kernel.run("import os; print(os.environ['JUPYTER_COPILOT_TOKEN'])")).text.strip()
    async with person:
        await kernel.run("from jupyter_copilot import confirm\nconfirm('Go?', timeout=0.1, on_timeout='return')")
        await kernel.restart()
        await kernel.shutdown()
    assert len(token) >= 32 and len(caplog.records) > 10
    assert not any(token in record.getMessage() or token in str(record.args) for record in caplog.records)
