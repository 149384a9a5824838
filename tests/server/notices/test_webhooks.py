"""A webhook received by a real server: signed, retried after a failure, and recorded."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from jupyter_copilot import protocol as p
from jupyter_copilot.core import notices
from jupyter_copilot.ports.notifier import NotDelivered, Notice
from jupyter_copilot.server.notices.webhook import Webhook, is_public
from jupyter_copilot.server.permissions import policy_file

from ..conftest import Connect
from ..conftest import connect as connect
from ..conftest import notebook as notebook
from .receiver import SECRET, Receiver

BASE = ("api", "copilot", "notebooks", "one.ipynb")
HOOK = Notice(notice_id="q1", kind="decision", about="q1", path="one.ipynb", thread_id=p.MAIN_THREAD, at=1)


@pytest.fixture
def receiver(jp_asyncio_loop: Any) -> Iterator[Receiver]:
    async def made_in_the_loop() -> Receiver:
        return Receiver()

    made = jp_asyncio_loop.run_until_complete(made_in_the_loop())
    yield made
    made.close()


@pytest.fixture
def policy(tmp_path: Path) -> Path:
    return tmp_path / "policy.toml"


@pytest.fixture
def jp_server_config(jp_server_config: Any, policy: Path, receiver: Receiver, monkeypatch: pytest.MonkeyPatch) -> Any:
    jp_server_config.ServerApp.jpserver_extensions = {"jupyter_copilot": True}
    jp_server_config.CopilotApp.store_path = str(policy.with_name("rooms.sqlite3"))
    monkeypatch.setenv("HOOK_SECRET", SECRET)
    monkeypatch.setattr(policy_file, "LOOK_EVERY_S", 0.0)
    policy.write_text(channel(receiver.url))
    jp_server_config.CopilotApp.policy_file = str(policy)
    return jp_server_config


def channel(url: str, more: str = "") -> str:
    return f'[[channels]]\nname = "ops"\nurl = "{url}"\nsecret_env = "HOOK_SECRET"\nprivate = true\nafter_s = 0\n{more}'


async def question(connect: Connect, confirmation_id: str = "q1", title: str = "Delete 10,000 rows?") -> Any:
    socket = await connect()
    await socket.hello()
    answer = await socket.command("open_confirmation", confirmation_id=confirmation_id, title=title)
    assert answer["type"] == "ack"
    return socket


async def recorded(socket: Any, name: str) -> dict[str, Any]:
    while True:
        for record in (await socket.until("records"))["records"]:
            if record["event"]["type"] == name:
                found: dict[str, Any] = record["event"]
                return found


async def test_a_decision_that_waits_is_told_without_its_content_and_recorded(
    connect: Connect, receiver: Receiver
) -> None:
    socket = await question(connect)
    (came,) = await receiver.has(1)
    assert came["type"] == "decision.waiting" and came["id"] == "q1"
    assert came["data"]["notebook"] == "one.ipynb" and "rows" not in json.dumps(came)
    told = await recorded(socket, "notice_delivered")
    assert (told["channel"], told["about"], told["attempts"]) == ("ops", "q1", 1)


async def test_after_a_failure_it_is_tried_again_under_the_same_id(
    connect: Connect, receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(notices, "PAUSES_S", (0.01, 0.01))
    receiver.answers = [500, 503]
    socket = await question(connect)
    first, second, third = await receiver.has(3)
    assert first["id"] == second["id"] == third["id"] == "q1"
    failed = await recorded(socket, "notice_failed")
    assert failed["reason"] == "HTTP 500" and failed["retry_at"] is not None
    told = await recorded(socket, "notice_delivered")
    assert told["attempts"] == 3


async def test_who_never_takes_it_is_given_up(
    connect: Connect, receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(notices, "PAUSES_S", (0.01,))
    receiver.answers = [500, 500]
    socket = await question(connect)
    await recorded(socket, "notice_failed")
    assert (await recorded(socket, "notice_failed"))["retry_at"] is None


async def test_a_person_who_is_named_is_told_and_a_channel_that_wants_content_gets_it(
    connect: Connect, receiver: Receiver, policy: Path
) -> None:
    policy.write_text(channel(receiver.url, 'content = true\nnotices = ["mention"]'))
    socket = await connect()
    await socket.hello()
    await socket.command("open_confirmation", confirmation_id="q1", title="Not wanted there")
    message: dict[str, Any] = {"message_id": "m1", "text": "@Carol, look", "run": False, "mentions": ["carol"]}
    await socket.command("post_message", **message)
    (came,) = await receiver.has(1)
    assert came["type"] == "person.mentioned" and came["id"] == "m1@carol"
    assert came["data"]["to"] == ["carol"] and came["data"]["content"]["body"] == "@Carol, look"


async def test_a_private_address_is_refused_unless_the_administrator_allows_it(receiver: Receiver) -> None:
    with pytest.raises(ValueError, match="https"):
        Webhook(receiver.url, b"secret")
    guarded = Webhook(receiver.url.replace("http://127.0.0.1", "https://localhost"), b"secret")
    with pytest.raises(NotDelivered) as refused:
        await guarded.deliver(HOOK)
    assert not refused.value.retry and "private" in refused.value.reason and not receiver.came


async def test_a_channel_without_a_secret_is_a_problem_that_people_are_told(
    connect: Connect, policy: Path, receiver: Receiver, jp_fetch: Any, notebook: str
) -> None:
    policy.write_text(channel(receiver.url).replace("HOOK_SECRET", "NOT_SET"))
    await question(connect)
    status = json.loads((await jp_fetch("api", "copilot", "status")).body)
    assert any(notice["code"] == "bad_channel" and "'ops'" in notice["message"] for notice in status["notices"])


@pytest.mark.parametrize(
    ("address", "public"),
    [
        ("93.184.216.34", True),
        ("2606:2800:220:1:248:1893:25c8:1946", True),
        ("127.0.0.1", False),
        ("10.1.2.3", False),
        ("169.254.169.254", False),
        ("100.64.0.1", False),
        ("0.0.0.0", False),
        ("224.0.0.1", False),
        ("::1", False),
        ("fe80::1%eth0", False),
        ("fd00::1", False),
        ("::ffff:127.0.0.1", False),
        ("::ffff:10.0.0.1", False),
    ],
)
def test_what_counts_as_open_to_the_world(address: str, public: bool) -> None:
    assert is_public(address) is public
