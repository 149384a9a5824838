"""Audit sinks and metrics at a real server: every record once and in order, and no content unless it is wanted."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path
from typing import Any

import pytest
from prometheus_client import CollectorRegistry

from jupyter_copilot import protocol as p
from jupyter_copilot.server.telemetry.auditor import AuditTable, open_sinks
from jupyter_copilot.server.telemetry.jsonl import JsonLinesSink
from jupyter_copilot.server.telemetry.metrics import Metrics

from ..conftest import Connect
from ..conftest import connect as connect
from ..conftest import notebook as notebook

SECRET_WORDS = "the salary of Anna"


@pytest.fixture
def audited(tmp_path: Path) -> Path:
    return tmp_path / "audit.jsonl"


@pytest.fixture
def jp_server_config(jp_server_config: Any, audited: Path) -> Any:
    policy = audited.with_name("policy.toml")
    policy.write_text(f'[[audit]]\nfile = "{audited}"\n')
    jp_server_config.ServerApp.jpserver_extensions = {"jupyter_copilot": True}
    jp_server_config.CopilotApp.store_path = str(audited.with_name("rooms.sqlite3"))
    jp_server_config.CopilotApp.policy_file = str(policy)
    return jp_server_config


async def lines(path: Path, count: int) -> list[dict[str, Any]]:
    while True:
        found = path.read_text().splitlines() if path.exists() else []
        if len(found) >= count:
            return [json.loads(line) for line in found]
        await asyncio.sleep(0.02)


async def test_every_record_is_audited_in_order_without_content(connect: Connect, audited: Path) -> None:
    socket = await connect()
    await socket.hello()
    await socket.command("post_message", message_id="m1", text=SECRET_WORDS, run=False)
    question = {"confirmation_id": "q1", "title": SECRET_WORDS}
    await socket.command("open_confirmation", **question)
    await socket.command("withdraw_confirmation", confirmation_id="q1", reason="Done.")
    found = await lines(audited, 3)
    assert [(line["seq"], line["event"]["type"]) for line in found] == [
        (1, "message_posted"),
        (2, "confirmation_opened"),
        (3, "confirmation_withdrawn"),
    ]
    assert found[0]["notebook"] == "one.ipynb" and found[0]["event"]["message_id"] == "m1"
    assert "salary" not in audited.read_text()


async def test_the_metrics_of_the_server_count_what_happens(connect: Connect, jp_fetch: Any) -> None:
    socket = await connect()
    await socket.hello()
    await socket.command("open_confirmation", confirmation_id="q1", title=SECRET_WORDS)
    await socket.command("withdraw_confirmation", confirmation_id="q1")
    text = (await jp_fetch("metrics")).body.decode()
    assert 'jupyter_copilot_decisions_total{end="withdrawn",kind="kernel"}' in text
    assert "salary" not in text


def record(seq: int, text: str = "hi") -> p.Record:
    actor = p.Actor(kind="person", id="anna", name="Anna")
    event = p.MessagePosted(message_id=p.MessageId(f"m{seq}"), thread_id=p.MAIN_THREAD, text=text)
    return p.Record(seq=seq, at=seq, actor=actor, event=event)


async def test_a_sink_knows_how_far_it_is_after_a_restart_and_keeps_content_when_told(tmp_path: Path) -> None:
    file = tmp_path / "deep" / "audit.jsonl"
    log = p.LogId("log")
    sink = JsonLinesSink(file, content=True)
    assert await sink.cursor(log) == 0
    await sink.write(log, "one.ipynb", [record(1), record(2)])
    again = JsonLinesSink(file, content=True)
    assert (await again.cursor(log), await again.cursor(p.LogId("other"))) == (2, 0)
    await again.write(log, "one.ipynb", [record(3, SECRET_WORDS)])
    found = await lines(file, 3)
    assert [line["seq"] for line in found] == [1, 2, 3] and found[2]["event"]["text"] == SECRET_WORDS


def test_a_sink_that_cannot_be_used_is_a_problem() -> None:
    sinks, problems = open_sinks([AuditTable(), AuditTable(kind="nobody-has-it")])
    assert sinks == [] and [problem.code for problem in problems] == ["bad_audit_sink"] * 2


def test_metrics_have_no_labels_that_people_write() -> None:
    metrics = Metrics(CollectorRegistry())
    labels = {name for each in vars(metrics).values() for name in each._labelnames}
    assert labels == {"outcome", "type", "effect", "failed", "kind", "end", "arrived"}
