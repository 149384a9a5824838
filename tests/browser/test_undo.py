"""What the agent changed can be taken back with one click, by whoever may edit the notebook."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Locator, expect

from jupyter_copilot.ports.notebook import version_of
from jupyter_copilot.testing.fault_server_thread import FaultServerThread
from jupyter_copilot.testing.replies import answer
from tests.browser.lab import Lab
from tests.browser.page import Person, Tab

CHANGES = [
    {"action": "edit_cell", "cell_id": "cell-1", "expected_version": version_of("one", "code"), "source": "ONE"},
    {"action": "delete_cell", "cell_id": "cell-2", "expected_version": version_of("two", "code")},
    {"action": "insert_cell", "after": "cell-3", "source": "new"},
]


@pytest.mark.parametrize("lab", ["rtc_lab", "plain_lab"], indirect=True)
def test_a_change_of_several_cells_is_taken_back_with_one_click(
    lab: Lab, person: Callable[[str], Person], model: FaultServerThread
) -> None:
    alice = with_changes(lab, person, model)
    shows(alice, "ONE", "three", "new")
    undo(alice).click()
    shows(alice, "one", "two", "three")
    expect(undo(alice)).to_have_count(0)
    alice.cell(1).click()
    alice.command("notebook:undo-cell-action")
    shows(alice, "ONE", "three", "new")
    expect(undo(alice)).to_be_visible()


def test_what_a_person_changed_since_is_not_taken_back(
    lab: Lab, person: Callable[[str], Person], model: FaultServerThread
) -> None:
    alice = with_changes(lab, person, model)
    shows(alice, "ONE", "three", "new")
    expect(undo(alice)).to_be_visible()
    alice.cell(1).locator(".cm-content").fill("mine")
    expect(undo(alice)).to_have_count(0)
    alice.cell(1).locator(".cm-content").fill("ONE")
    expect(undo(alice)).to_be_visible()


def test_without_a_shared_document_one_undo_of_the_notebook_takes_all_of_it_back(
    lab: Lab, person: Callable[[str], Person], model: FaultServerThread
) -> None:
    alice = with_changes(lab, person, model)
    shows(alice, "ONE", "three", "new")
    alice.command("notebook:undo-cell-action")
    shows(alice, "one", "two", "three")


def test_all_that_a_run_changed_is_taken_back_with_one_click(
    lab: Lab, person: Callable[[str], Person], model: FaultServerThread
) -> None:
    again = {"cell_id": "cell-1", "expected_version": version_of("ONE", "code"), "source": "One!"}
    alice = with_changes(lab, person, model, ("edit_cell", again))
    shows(alice, "One!", "three", "new")
    alice.conversation.get_by_role("button", name="Undo all 2 changes").click()
    shows(alice, "one", "two", "three")
    expect(undo(alice)).to_have_count(0)


@pytest.mark.parametrize("lab", ["rtc_lab", "plain_lab"], indirect=True)
def test_who_took_a_change_back_is_seen_by_everybody_also_after_a_reload(
    lab: Lab, person: Callable[[str], Person], model: FaultServerThread
) -> None:
    alice = with_changes(lab, person, model)
    bob = person("Bob").open(newest(lab))
    shows(bob, "ONE", "three", "new")
    undo(alice).click()
    for each in (alice, bob):
        expect(each.conversation.get_by_text("Undone by Alice")).to_be_visible()
    model.add(answer("I see."))
    bob.ask("Why?")
    bob.sees("I see.")
    assert any("Alice took back what this did" in str(message) for message in model.requests[-1].body["messages"])
    bob.page.reload()
    bob.show()
    expect(bob.conversation.get_by_text("Undone by Alice")).to_be_visible()


def with_changes(
    lab: Lab, person: Callable[[str], Person], model: FaultServerThread, *more: tuple[str, dict[str, Any]]
) -> Tab:
    """A tab in which the agent edited one cell, deleted one and added one, and made these calls then."""
    notebook = lab.write(f"{len(list(lab.files.glob('*-cells.ipynb')))}-cells.ipynb", "one", "two", "three")
    calls = [("edit_notebook", {"changes": CHANGES}), *more]
    model.add(*(answer(f"Step {n}.", calls=[call]) for n, call in enumerate(calls, 1)), answer("Tidy."))
    alice = person("Alice").open(notebook)
    alice.has_kernel()
    alice.ask("Tidy up!")
    for n in range(1, len(calls) + 1):
        alice.sees(f"Step {n}.")
        alice.approve()
    alice.sees("Tidy.")
    return alice


def newest(lab: Lab) -> str:
    """The notebook that `with_changes` made last."""
    return f"{len(list(lab.files.glob('*-cells.ipynb'))) - 1}-cells.ipynb"


def undo(tab: Tab) -> Locator:
    """The button of the call's card."""
    return tab.conversation.get_by_role("button", name=re.compile("^Undo"))


def shows(tab: Tab, *sources: str) -> None:
    """Wait until the notebook has these cells."""
    expect(tab.page.locator(".jp-Notebook .jp-Cell .cm-content")).to_have_text(list(sources))
