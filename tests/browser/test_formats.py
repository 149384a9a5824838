"""Notebooks as most people have them, of nbformat 4.0 to 4.4: their files keep no ids. In tabs of JupyterLab."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import expect

from jupyter_copilot.notebooks.cell_ids import CellIds
from jupyter_copilot.ports.notebook import version_of
from jupyter_copilot.testing.fault_server_thread import FaultServerThread
from jupyter_copilot.testing.replies import answer
from tests.browser.lab import Lab
from tests.browser.page import Person, Tab

SOURCES = ("one = 1", "a = 1\r\nb = 2", "print('three')")


def write(lab: Lab, minor: int) -> tuple[str, list[str]]:
    """A notebook of this format with `SOURCES`, and what its cells are called."""
    name = lab.write(f"format-{minor}-{len(list(lab.files.iterdir()))}.ipynb", *SOURCES)
    notebook = raw(lab, name)
    notebook["nbformat_minor"] = minor
    ids = [cell["id"] for cell in notebook["cells"]]
    if minor < 5:
        ids = CellIds().named([version_of(source) for source in SOURCES])
        for cell in notebook["cells"]:
            del cell["id"]
    (lab.files / name).write_text(json.dumps(notebook))
    return name, ids


def raw(lab: Lab, name: str) -> Any:
    return json.loads((lab.files / name).read_text())


def shows(tab: Tab, *sources: str) -> None:
    expect(tab.page.locator(".jp-Notebook .jp-Cell .cm-content")).to_have_text(list(sources))


IDS = "() => [...jupyterapp.shell.currentWidget.content.widgets].map(cell => cell.model.id)"


def agreed(tab: Tab, expected: list[str] | None) -> list[str]:
    """What the tab calls its cells, once that is what everybody calls them."""
    if expected is not None:
        tab.page.wait_for_function(f"ids => JSON.stringify(({IDS})()) === JSON.stringify(ids)", arg=expected)
    found: list[str] = tab.page.evaluate(IDS)
    return found


@pytest.mark.parametrize("minor", [0, 4, 5])
@pytest.mark.parametrize("lab", ["plain_lab", "rtc_lab"], indirect=True)
def test_it_is_edited_run_moved_and_taken_back_in_two_tabs(
    lab: Lab, minor: int, person: Callable[[str], Person], model: FaultServerThread, request: pytest.FixtureRequest
) -> None:
    is_shared = request.node.callspec.params["lab"] == "rtc_lab"
    name, made = write(lab, minor)
    alice, bob = person("Alice").open(name), person("Bob").open(name)
    alice.has_kernel()
    ids = agreed(alice, None if is_shared else made)
    assert agreed(bob, ids) == ids
    one, wide, three = ids
    changes = [
        {"action": "edit_cell", "cell_id": one, "expected_version": version_of("one = 1"), "source": "one = 11"},
        {"action": "insert_cell", "after": one, "source": "new = 1"},
        {"action": "move_cell", "cell_id": three, "after": None},
    ]
    run = {"cell_id": three, "expected_version": version_of("print('three')"), "source": "print('drei')"}
    part = {"cell_id": wide, "expected_version": version_of(SOURCES[1])}
    part |= {"old_text": "a = 1\nb = 2", "new_text": "a = 1\nb = 3"}
    model.add(
        answer("First.", calls=[("edit_notebook", {"changes": changes})]),
        answer("Second.", calls=[("edit_and_run", run)]),
        answer("Third.", calls=[("edit_cell", part)]),
        answer("Done."),
        answer("Fourth.", calls=[("run_cell", {"cell_id": three})]),
        answer("Again."),
    )
    alice.ask("Tidy up!")
    for step in ("First.", "Second.", "Third."):
        alice.sees(step)
        alice.approve()
    alice.sees("Done.")
    for tab in (alice, bob):
        shows(tab, "print('drei')", "one = 11", "new = 1", "a = 1b = 3")
        assert agreed(tab, None)[:2] == [three, one]
    alice.shows_output(1, "drei")
    bob.ask("Once more!")
    bob.sees("Fourth.")
    bob.approve()
    bob.sees("Again.")
    lab.until(name, lambda events: [event["type"] for event in events].count("run_finished") == 2)
    stored = raw(lab, name)
    # JupyterLab's own model knows nothing below 4.4.
    assert stored["nbformat_minor"] == (minor if is_shared else max(minor, 4))
    assert all(("id" in cell) == (minor == 5) for cell in stored["cells"])
    assert "exec_id" not in json.dumps(stored)
    assert "".join(stored["cells"][-1]["source"]) == "a = 1\r\nb = 3"
    alice.conversation.get_by_role("button", name="Undo all 3 changes").click()
    shows(alice, "one = 1", "a = 1b = 2", "print('three')")
