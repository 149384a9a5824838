"""What is proposed is reviewed in the cells that it is about, and the notebook changes only by what is accepted."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Locator, Route, expect

from jupyter_copilot.notebooks.cell_ids import CellIds
from jupyter_copilot.ports.notebook import version_of
from jupyter_copilot.testing.fault_server_thread import FaultServerThread
from jupyter_copilot.testing.replies import answer
from tests.browser.lab import Lab
from tests.browser.page import Person, Tab

PLOT = "fig = 1\nlength = 'flipper_length'\nlabel = 'Flipper'\ntitle = 'x'\nylable = 'Count'"
BETTER = "fig = 1\nlength = 'flipper_length_mm'\nlabel = 'Flipper'\ntitle = 'y'\nylable = 'Count'\nspines = False"
SOURCES = ("import math", PLOT, "print('scratch')")


def write(lab: Lab, name: str, minor: int) -> list[str]:
    """A notebook of this format, and what its cells are called."""
    lab.write(name, *SOURCES)
    notebook = json.loads((lab.files / name).read_text())
    ids = [cell["id"] for cell in notebook["cells"]]
    if minor < 5:
        notebook["nbformat_minor"] = minor
        ids = CellIds().named([version_of(source) for source in SOURCES])
        for cell in notebook["cells"]:
            del cell["id"]
        (lab.files / name).write_text(json.dumps(notebook))
    return ids


def proposals(tab: Tab) -> Locator:
    return tab.page.locator(".jp-Notebook .jp-Copilot-proposal")


def sources(tab: Tab) -> list[str]:
    """The sources in the notebook's own model."""
    found: list[str] = tab.page.evaluate(
        "() => [...jupyterapp.shell.currentWidget.content.model.cells].map(cell => cell.sharedModel.getSource())"
    )
    return found


def has_sources(tab: Tab, *wanted: str) -> None:
    """Wait until these are the sources in the notebook's own model."""
    tab.page.wait_for_function(
        "wanted => JSON.stringify([...jupyterapp.shell.currentWidget.content.model.cells]"
        ".map(cell => cell.sharedModel.getSource())) === JSON.stringify(wanted)",
        arg=list(wanted),
    )


def is_dirty(tab: Tab) -> bool:
    return bool(tab.page.evaluate("() => jupyterapp.shell.currentWidget.content.model.dirty"))


def three_changes(ids: list[str]) -> list[tuple[str, dict[str, Any]]]:
    return [
        ("edit_cell", {"cell_id": ids[1], "expected_version": version_of(PLOT), "source": BETTER}),
        ("insert_cell", {"after": ids[1], "source": "chart = 1"}),
        ("delete_cell", {"cell_id": ids[2], "expected_version": version_of(SOURCES[2])}),
    ]


@pytest.mark.parametrize("minor", [0, 5])
@pytest.mark.parametrize("lab", ["plain_lab", "rtc_lab"], indirect=True)
def test_one_asks_for_three_changes_and_another_takes_part_edits_and_rejects(
    lab: Lab, minor: int, newcomer: Callable[[str], Person], model: FaultServerThread
) -> None:
    name = f"review-{minor}.ipynb"
    ids = write(lab, name, minor)
    alice, bob = newcomer("Alice").open(name), newcomer("Bob").open(name)
    for each in (alice, bob):
        each.has_kernel()
    ids = alice.page.evaluate("() => [...jupyterapp.shell.currentWidget.content.widgets].map(c => c.model.id)")
    model.add(answer("Three changes.", calls=three_changes(ids)), answer("So it is."))
    alice.ask("Tidy up!")
    for each in (alice, bob):
        expect(proposals(each)).to_have_count(3)
        expect(each.page.get_by_role("toolbar", name="3 changes to review")).to_contain_text("requested by Alice")
        assert sources(each) == list(SOURCES)
    edit = proposals(bob).nth(0)
    edit.get_by_role("button", name="Leave out part 2 of 3").click()
    expect(edit.get_by_role("button", name="Put back 1 part")).to_be_visible()
    assert sources(bob) == list(SOURCES)
    # What is drawn is nowhere in the file, though somebody saves.
    alice.command("docmanager:save")
    stored = json.loads((lab.files / name).read_text())
    assert ["".join(cell["source"]) for cell in stored["cells"]] == list(SOURCES)
    assert "chart" not in json.dumps(stored)
    bob.page.reload()
    bob.show()
    expect(proposals(bob)).to_have_count(3)
    edit = proposals(bob).nth(0)
    edit.get_by_role("button", name="Leave out part 2 of 3").click()
    edit.get_by_role("button", name="Accept").click()
    kept = BETTER.replace("'y'", "'x'")
    has_sources(bob, SOURCES[0], kept, SOURCES[2])
    added = bob.page.get_by_role("group", name="Add a new cell")
    added.get_by_role("button", name="Edit code").click()
    added.get_by_role("textbox", name="Edit the proposed code").press("End")
    bob.page.keyboard.type("23")
    added.get_by_role("button", name="Accept with edits").click()
    bob.page.get_by_role("group", name="Delete").get_by_role("button", name="Reject").click()
    for each in (alice, bob):
        each.sees("So it is.")
        expect(proposals(each)).to_have_count(0)
        has_sources(each, SOURCES[0], kept, "chart = 123", SOURCES[2])
    decided = lab.events(name, "confirmation_decided")
    assert [each["option"] for each in decided] == ["approve", "approve", "deny"]
    assert [(each.get("edited_args") or {}).get("source") for each in decided] == [kept, "chart = 123", None]
    assert len(lab.events(name, "call_started")) == 2


@pytest.mark.parametrize("minor", [0, 5])
@pytest.mark.parametrize("lab", ["plain_lab", "rtc_lab"], indirect=True)
def test_who_writes_in_a_proposal_goes_on_writing_when_another_one_is_accepted_and_the_notebook_loaded_again(
    lab: Lab, minor: int, newcomer: Callable[[str], Person], model: FaultServerThread
) -> None:
    name = f"writing-{minor}.ipynb"
    write(lab, name, minor)
    alice, bob = newcomer("Alice").open(name), newcomer("Bob").open(name)
    ids = alice.page.evaluate("() => [...jupyterapp.shell.currentWidget.content.widgets].map(c => c.model.id)")
    model.add(answer("Two changes.", calls=three_changes(ids)[:2]), answer("So it is."))
    alice.ask("Tidy up!")
    added = bob.page.get_by_role("group", name="Add a new cell")
    added.get_by_role("button", name="Edit code").click()
    added.get_by_role("textbox", name="Edit the proposed code").press("End")
    bob.page.keyboard.type("2")
    proposals(alice).nth(0).get_by_role("button", name="Accept").click()
    has_sources(bob, SOURCES[0], BETTER, SOURCES[2])
    expect(added.get_by_role("textbox", name="Edit the proposed code")).to_be_focused()
    bob.page.keyboard.type("3")
    added.get_by_role("button", name="Accept with edits").click()
    for each in (alice, bob):
        has_sources(each, SOURCES[0], BETTER, "chart = 123", SOURCES[2])
        each.sees("So it is.")


def test_proposals_are_drawn_when_the_cells_are_named_after_they_arrived(
    lab: Lab, newcomer: Callable[[str], Person], model: FaultServerThread
) -> None:
    ids = write(lab, "late-names.ipynb", 0)
    model.add(answer("Three changes.", calls=three_changes(ids)), answer("So it is."))
    alice = newcomer("Alice").open("late-names.ipynb")
    alice.has_kernel()
    alice.ask("Tidy up!")
    expect(proposals(alice)).to_have_count(3)
    bob, waiting = newcomer("Bob"), list[Route]()
    bob.context.route(re.compile("/cell_ids"), lambda route: waiting.append(route))
    tab = bob.open("late-names.ipynb")
    expect(tab.cards.first).to_be_visible()
    expect(tab.cell(3)).to_be_visible()
    assert waiting
    expect(proposals(tab)).to_have_count(0)
    for each in waiting:
        each.continue_()
    expect(proposals(tab)).to_have_count(3)
    tab.page.get_by_role("button", name="Reject all").click()
    tab.sees("So it is.")
