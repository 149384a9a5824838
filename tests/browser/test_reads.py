"""A tab shows its notebook to the server, and after the first time only the cells that changed."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from playwright.sync_api import WebSocket, expect

from jupyter_copilot.ports.notebook import version_of
from jupyter_copilot.testing.fault_server_thread import FaultServerThread
from jupyter_copilot.testing.replies import answer
from tests.browser.lab import Lab
from tests.browser.page import Person

CELLS = 200


def test_after_the_first_time_a_tab_sends_what_changed(
    lab: Lab, person: Callable[[str], Person], model: FaultServerThread
) -> None:
    sources = [f"value_{number} = {number}" for number in range(CELLS)]
    notebook = lab.write("many.ipynb", *sources)
    alice = person("Alice").open(notebook)
    replies: list[dict[str, Any]] = []

    def sent(payload: str | bytes) -> None:
        frame = json.loads(payload) if isinstance(payload, str) else {}  # kernels speak in bytes
        if frame.get("type") == "read_reply":
            replies.append(frame)

    def opened(socket: WebSocket) -> None:
        socket.on("framesent", sent)

    alice.page.on("websocket", opened)
    alice.page.reload()
    alice.show()
    for number in (1, 2):
        version = version_of(sources[number - 1])
        edit = {"cell_id": f"cell-{number}", "expected_version": version, "source": f"edited_{number} = 0"}
        model.add(answer("An edit.", calls=[("edit_cell", edit)]), answer(f"Edit {number} is made."))
        alice.ask(f"Edit {number}!")
        alice.approve()
        alice.sees(f"Edit {number} is made.")
        expect(alice.cell(number).locator(".cm-content")).to_have_text(f"edited_{number} = 0")
    whole = [reply for reply in replies if reply.get("base") is None and reply.get("part")]
    parts = [reply for reply in replies if reply.get("base") is not None]
    assert len(whole) == 1, "once whole"
    assert parts, "then by what changed"
    assert max(len(reply["part"]) for reply in parts) < len(whole[0]["part"]) / 10
