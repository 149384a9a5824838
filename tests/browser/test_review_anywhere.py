"""Proposals are reviewed wherever their cells are: far away, folded, without outputs, from the keyboard."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from playwright.sync_api import Locator, expect

from jupyter_copilot.ports.notebook import version_of
from jupyter_copilot.testing.fault_server_thread import FaultServerThread
from jupyter_copilot.testing.replies import answer
from tests.browser.lab import Lab
from tests.browser.page import Person, Tab
from tests.browser.test_review_in_cells import proposals, sources

FOLD = """() => {
    const { content } = jupyterapp.shell.currentWidget;
    content.widgets[1].inputHidden = true;
    content.widgets[2].outputHidden = true;
    content.widgets[2].outputsScrolled = true;
}"""


def edit(number: int, before: str, after: str) -> tuple[str, dict[str, Any]]:
    return "edit_cell", {"cell_id": f"cell-{number}", "expected_version": version_of(before), "source": after}


def focused(tab: Tab) -> Locator:
    return tab.page.locator(".jp-Copilot-proposal:focus")


@pytest.fixture
def windowed(lab: Lab) -> Iterator[None]:
    """Notebooks have only those cells in the page that are in sight."""
    lab.prefer("@jupyterlab/notebook-extension:tracker", windowingMode="full")
    yield
    lab.prefer("@jupyterlab/notebook-extension:tracker")


def test_a_change_at_the_end_of_a_thousand_cells_is_gone_to_and_accepted(
    lab: Lab, windowed: None, person: Callable[[str], Person], model: FaultServerThread
) -> None:
    tab = person("Alice").open(lab.write("thousand.ipynb", *[f"v{n} = {n}" for n in range(1, 1001)]))
    model.add(answer("Far away.", calls=[edit(900, "v900 = 900", "v900 = 0")]), answer("Done."))
    tab.ask("Change cell 900!")
    tab.page.get_by_role("button", name="Next change").click()
    expect(focused(tab)).to_be_in_viewport()
    # JupyterLab's own cells between are not there, and nobody sees what is below the bar.
    expect(tab.page.locator(".jp-Notebook .jp-Cell:visible").first).not_to_contain_text("v1 =")
    assert sources(tab)[899] == "v900 = 900"
    tab.page.keyboard.press("Control+Enter")
    tab.sees("Done.")
    expect(proposals(tab)).to_have_count(0)
    assert sources(tab)[899] == "v900 = 0"


def test_several_proposals_on_folded_cells_are_reviewed_by_keys_alone(
    lab: Lab, person: Callable[[str], Person], model: FaultServerThread
) -> None:
    tab = person("Alice").open(lab.write("folded.ipynb", "a = 1", "b = 1", "c = 1", "d = 1"))
    tab.page.evaluate(FOLD)
    move = ("move_cell", {"cell_id": "cell-4", "after": "cell-1"})
    calls = [edit(2, "b = 1", "b = 2"), edit(3, "c = 1", "c = 2"), move]
    model.add(answer("Three.", calls=calls), answer("So it is."))
    tab.ask("Change them!")
    expect(proposals(tab)).to_have_count(3)
    assert tab.accessibility_problems(".jp-Copilot-proposal", ".jp-Copilot-reviewBar") == []
    # From the notebook: to the first, which is left alone by keys without a modifier, and then accepted.
    tab.cell(1).locator(".cm-content").click()
    tab.page.keyboard.press("Escape")
    tab.page.keyboard.press("F7")
    expect(focused(tab)).to_contain_text("b = 2")
    tab.page.keyboard.press("F7")
    expect(focused(tab)).to_contain_text("c = 2")
    tab.page.keyboard.press("F7")
    expect(focused(tab)).to_contain_text("below cell 1 a = 1")
    tab.page.keyboard.press("Shift+F7")
    expect(focused(tab)).to_contain_text("c = 2")
    for key in ("d", "d", " ", "y", "Shift+Enter"):
        tab.page.keyboard.press(key)
    expect(proposals(tab)).to_have_count(3)
    tab.page.keyboard.press("Enter")
    expect(proposals(tab).locator(".cm-content:focus")).to_have_count(1)
    tab.page.keyboard.press("End")
    tab.page.keyboard.type("3")
    tab.page.keyboard.press("Control+Enter")
    # What is decided gives the focus to the next one, and the last one to the first.
    expect(proposals(tab)).to_have_count(2)
    expect(focused(tab)).to_contain_text("below cell 1 a = 1")
    tab.page.keyboard.press("Delete")
    expect(proposals(tab)).to_have_count(1)
    expect(focused(tab)).to_contain_text("b = 2")
    tab.page.keyboard.press("Control+Enter")
    tab.sees("So it is.")
    assert sources(tab) == ["a = 1", "b = 2", "c = 23", "d = 1"]
    assert len(lab.events("folded.ipynb", "confirmation_decided")) == 3


def test_who_writes_in_a_cell_that_is_reviewed_loses_nothing(
    lab: Lab, person: Callable[[str], Person], model: FaultServerThread
) -> None:
    tab = person("Alice").open(lab.write("meanwhile.ipynb", "a = 1", "b = 1"))
    model.add(answer("One.", calls=[edit(1, "a = 1", "a = 2")]), answer("It was rejected."))
    tab.ask("Change it!")
    proposal = tab.cell(1).get_by_role("group", name="Change 1 of 1")
    proposal.get_by_role("button", name="Show current").click()
    tab.cell(1).locator(".jp-Cell-inputWrapper .cm-content").click()
    tab.page.keyboard.press("End")
    tab.page.keyboard.type("00")
    expect(proposal).to_contain_text("The cell has changed since this was proposed")
    expect(proposal.get_by_role("button", name="Accept")).to_be_disabled()
    proposal.get_by_role("button", name="Reject").click()
    tab.sees("It was rejected.")
    assert sources(tab) == ["a = 100", "b = 1"]
