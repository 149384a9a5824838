"""A server is killed while code waits for people: the next server leaves no question that nobody asks any more."""

from __future__ import annotations

import json
from pathlib import Path
from urllib.request import Request, urlopen

import pytest
from jupyter_client.blocking.client import BlockingKernelClient

from tests.browser.lab import TOKEN, Lab

pytestmark = [pytest.mark.slow, pytest.mark.crash, pytest.mark.timeout(180)]


@pytest.fixture(autouse=True)
def jp_asyncio_loop() -> None:
    """No loop: the server is a process here."""


@pytest.fixture(autouse=True)
def jp_server_cleanup() -> None:
    """Nothing to clean."""


def _start_kernel(lab: Lab, folder: Path, notebook: str) -> BlockingKernelClient:
    body = {"path": notebook, "name": notebook, "type": "notebook", "kernel": {"name": "python3"}}
    headers = {"Authorization": f"token {TOKEN}"}
    with urlopen(Request(f"{lab.url}api/sessions", json.dumps(body).encode(), headers), timeout=60) as answer:
        kernel_id = json.load(answer)["kernel"]["id"]
    client = BlockingKernelClient(connection_file=str(folder / "runtime" / f"kernel-{kernel_id}.json"))
    client.load_connection_file()
    client.start_channels(hb=False)
    client.wait_for_ready(timeout=60)
    return client


def test_a_question_of_a_kernel_that_died_with_its_server_is_withdrawn(tmp_path: Path) -> None:
    lab = Lab(tmp_path, {}, rtc=False)
    lab.start()
    notebook = lab.write("a.ipynb", "1")
    kernel = _start_kernel(lab, tmp_path, notebook)
    kernel.execute("from jupyter_copilot import confirm; confirm('Go on?')")
    lab.until(notebook, lambda events: any(event["type"] == "confirmation_opened" for event in events))
    lab.kill()
    kernel.stop_channels()
    lab.start()
    try:
        lab.until(notebook, lambda events: any(event["type"] == "confirmation_withdrawn" for event in events))
        assert [event["type"] for event in (record["event"] for record in lab.records(notebook))] == [
            "confirmation_opened",
            "confirmation_withdrawn",
        ]
        assert lab.records(notebook)[-1]["actor"]["kind"] == "server"
    finally:
        lab.stop()
