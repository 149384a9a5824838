"""The model server for tests: scripts, gates, threads, a process of its own."""

from __future__ import annotations

import asyncio
import json
import signal
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from jupyter_copilot.models.openai import OpenAIModelClient
from jupyter_copilot.models.settings import ModelSettings
from jupyter_copilot.testing.fault_server import FaultServer, decode_script, encode_script
from jupyter_copilot.testing.fault_server_thread import FaultServerThread
from jupyter_copilot.testing.faults import FAULTS
from jupyter_copilot.testing.replies import answer, status

from .conftest import conversation, hear

Connect = Callable[[ModelSettings], OpenAIModelClient]


def ask(base_url: str, text: str = "Hi") -> Any:
    """Ask without a client, and return the status and what was sent."""
    body = json.dumps({"messages": [{"role": "user", "content": text}]}).encode()
    request = urllib.request.Request(f"{base_url}/chat/completions", body)
    with urllib.request.urlopen(request) as response:
        return response.read().decode()


async def test_a_script_refuses_to_be_half_used() -> None:
    with pytest.raises(AssertionError, match="left over: 1"):
        async with FaultServer([answer("Hi")]):
            pass


async def test_a_script_refuses_a_request_that_it_has_no_reply_for() -> None:
    with pytest.raises(AssertionError, match="No reply of the script was for"):
        async with FaultServer([]) as server:
            with pytest.raises(urllib.error.HTTPError):
                await asyncio.to_thread(ask, server.base_url)


async def test_a_failing_test_is_not_hidden_by_its_half_used_script() -> None:
    with pytest.raises(ZeroDivisionError):
        async with FaultServer([answer("Hi")]):
            raise ZeroDivisionError


async def test_replies_are_told_apart_by_what_is_asked(connect: Connect) -> None:
    script = [answer("pear").only("pear?"), answer("apple").only("apple?"), answer("other").always()]
    async with FaultServer(script) as server:
        client = connect(server.settings())
        asked = [
            conversation(messages=[{"role": "user", "content": f"{word}?"}]) for word in ("apple", "x", "pear", "y")
        ]
        assert [(await hear(client, request)).text for request in asked] == ["apple", "other", "pear", "other"]


async def test_an_answer_holds_what_it_was_given(connect: Connect) -> None:
    given = answer("It is 4.", "2 + 2", calls=[("run_cell", {"cell_id": "a1"})], usage={"prompt_tokens": 5})
    async with FaultServer([given]) as server:
        heard = await hear(connect(server.settings()), conversation())
    assert (heard.text, heard.reasoning) == ("It is 4.", "2 + 2")
    assert [(call.tool, call.args) for call in heard.end.calls] == [("run_cell", {"cell_id": "a1"})]
    assert (heard.end.finish_reason, heard.end.usage.prompt) == ("tool_calls", 5)


def test_a_script_travels_as_json() -> None:
    script = [answer("Hi", gate="middle").only("x"), status(429, retry_after=2).always(), *FAULTS["tcp_drop"]()]
    assert decode_script(encode_script(script)) == script


def test_a_script_can_be_written_by_hand() -> None:
    written = [{"use": "answer", "text": "Hi", "when": "x", "repeat": True}, {"fault": "stall"}]
    assert decode_script(json.dumps(written)) == [answer("Hi").only("x").always(), *FAULTS["stall"]()]


def test_in_a_thread_it_serves_tests_without_a_loop() -> None:
    with FaultServerThread([answer("one two", gate="middle")]) as server:
        asking = subprocess.Popen(
            [sys.executable, "-c", f"from {__name__} import ask; print(ask({server.base_url!r}))"],
            stdout=subprocess.PIPE,
            text=True,
            cwd=Path(__file__).parents[2],
        )
        server.reached("middle")
        server.open("middle")
        assert '"two"' in asking.communicate(timeout=30)[0]
        assert server.requests[0].body["messages"][0]["content"] == "Hi"


@pytest.fixture
def process(tmp_path: Path) -> Iterator[Callable[..., tuple[subprocess.Popen[str], str]]]:
    started: list[subprocess.Popen[str]] = []

    def start(*script: Any) -> tuple[subprocess.Popen[str], str]:
        file, port_file = tmp_path / "script.json", tmp_path / "port"
        file.write_bytes(encode_script(script))
        command = [sys.executable, "-m", "jupyter_copilot.testing.fault_server", "--script", str(file)]
        started.append(
            subprocess.Popen(
                [*command, "--port-file", str(port_file)], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
            )
        )
        assert started[-1].stdout is not None
        url = started[-1].stdout.readline().strip()
        assert url == f"http://127.0.0.1:{port_file.read_text()}/v1"
        return started[-1], url

    yield start
    for each in started:
        each.kill()
        each.communicate()


def test_as_a_process_it_is_steered_over_http(process: Callable[..., tuple[subprocess.Popen[str], str]]) -> None:
    server, url = process(answer("one two", gate="middle"))
    control = url.removesuffix("/v1") + "/control"
    urllib.request.urlopen(f"{control}/open/middle", b"").close()
    assert '"two"' in ask(url)
    with urllib.request.urlopen(f"{control}/state") as response:
        state = json.load(response)
    assert (len(state["requests"]), state["left"], state["waiting"]) == (1, 0, [])
    server.send_signal(signal.SIGTERM)
    assert server.wait(30) == 0


def test_as_a_process_it_fails_when_its_script_is_half_used(
    process: Callable[..., tuple[subprocess.Popen[str], str]],
) -> None:
    server, _ = process(answer("Hi"))
    server.send_signal(signal.SIGTERM)
    _, complaint = server.communicate(timeout=30)
    assert (server.returncode, complaint.strip()) == (1, "Replies of the script that were left over: 1")


async def test_words_can_be_paced(connect: Connect) -> None:
    async with FaultServer([answer("one two three four five", tokens_per_s=50)]) as server:
        began = time.monotonic()
        await hear(connect(server.settings()), conversation())
        assert time.monotonic() - began >= 5 / 50
