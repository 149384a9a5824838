"""Panel() in a real kernel: its traits follow the room, and it can be read where nothing draws it."""

from __future__ import annotations

import json
import subprocess
import sys

import nbformat
import pytest
from nbconvert import HTMLExporter

from jupyter_copilot import protocol as p
from jupyter_copilot.client import Client

from ..patience import scaled
from .conftest import StartKernel

MODEL = "CopilotPanelModel"
MAKE = "from jupyter_copilot import Panel\npanel = Panel(height=300)\n"
UNTIL = f"""
import time
def until(check):
    end = time.monotonic() + {scaled(20)}
    while not check():
        assert time.monotonic() < end, (panel.connection, panel.messages, panel.pending)
        time.sleep(0.01)
"""


@pytest.mark.slow
async def test_traits_follow_the_room_while_the_cell_runs(start_kernel: StartKernel, person: Client) -> None:
    kernel = await start_kernel()
    async with person:
        await person.live()
        await person.post("first", run=False)
        code = f"""{MAKE}{UNTIL}
changes = []
panel.observe(lambda change: changes.append(change.name), ["messages", "pending", "state"])
until(lambda: panel.messages)
print(panel.messages[0].text, panel.connection)
until(lambda: panel.pending)
print(panel.pending[0].title, panel.pending[0].options, panel.state)
until(lambda: not panel.pending)
print(panel.state, sorted(set(changes)))
print([x.kind for x in panel.participants if x.kind != "agent"])
"""
        cell = kernel.begin(code)
        await person.wait(lambda _: any(one.kind == "kernel" for one in person.participants))
        await person.command(p.OpenConfirmation(confirmation_id=p.ConfirmationId("q"), title="Which?"))
        await person.wait(lambda state: "q" in state.confirmations)
        await kernel.heard("Which?", cell)
        await person.decide("q", "confirm")
        outcome = await cell
        assert outcome.status == "ok", outcome.error
        assert outcome.text.splitlines() == [
            "first connected",
            "Which? {'confirm': 'Confirm', 'cancel': 'Cancel'} waiting",
            "idle ['messages', 'pending', 'state']",
            "['person', 'kernel']",
        ]


@pytest.mark.slow
async def test_a_failing_observer_ends_nothing(start_kernel: StartKernel, person: Client) -> None:
    kernel = await start_kernel()
    async with person:
        await person.live()
        code = f"""{MAKE}{UNTIL}
panel.observe(lambda change: 1 / 0, "messages")
until(lambda: len(panel.messages) == 2)
print(len(panel.messages))
"""
        cell = kernel.begin(code)
        await person.wait(lambda _: any(one.kind == "kernel" for one in person.participants))
        await person.post("one", run=False)
        await person.post("two", run=False)
        text = (await cell).text
        assert "2" in text.splitlines() and "An observer of the copilot failed" in text


@pytest.mark.slow
async def test_the_display_can_be_drawn_and_read(start_kernel: StartKernel, person: Client) -> None:
    kernel = await start_kernel()
    async with person:
        await person.live()
        await person.post("<b>bold</b>", run=False)
        assert "<b>bold</b>" in (await kernel.run("from jupyter_copilot import Panel\nPanel()")).shown[0]
        code = f"""{MAKE}{UNTIL}
import json
until(lambda: panel.messages)
bundle = panel._repr_mimebundle_()
print(json.dumps(bundle))
"""
        bundle = json.loads((await kernel.run(code)).text)
        assert bundle["application/vnd.jupyter-collaborative-copilot.panel+json"] == {
            "thread_id": "main",
            "height": "300px",
            "compact": False,
            "composer": True,
        }
        assert "<b>bold</b>" in bundle["text/plain"]
        assert "&lt;b&gt;bold&lt;/b&gt;" in bundle["text/html"] and "<b>bold" not in bundle["text/html"]


def test_without_a_server_a_panel_says_what_to_do() -> None:
    code = "import ipykernel; from jupyter_copilot import Panel; print(Panel().connection)"
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert "install it there" in result.stdout and "restart this kernel" in result.stdout


def test_an_exported_notebook_shows_readable_text() -> None:
    exporter = HTMLExporter()
    code = "import json; from jupyter_copilot import Panel; print(json.dumps(Panel()._repr_mimebundle_()))"
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    shown = nbformat.v4.new_output("display_data", data=json.loads(result.stdout))
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell("Panel()", outputs=[shown])])
    html, _ = exporter.from_notebook_node(notebook)
    assert ">Copilot</h4>" in html and "Open it in JupyterLab" in html and MODEL not in html


@pytest.mark.slow
async def test_options_that_change_later_change_what_is_drawn(start_kernel: StartKernel, person: Client) -> None:
    kernel = await start_kernel()
    outcome = await kernel.run(MAKE + "panel")
    assert outcome.shown[0].startswith("Copilot")
    await kernel.run("panel.compact = True\npanel.height = '200px'")
    mime = "application/vnd.jupyter-collaborative-copilot.panel+json"
    assert kernel.bundle(outcome)[mime] == {
        "thread_id": "main",
        "height": "200px",
        "compact": True,
        "composer": True,
    }
