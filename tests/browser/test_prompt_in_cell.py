"""A line above a cell asks for a change of it, which is proposed there; menus of the cell offer what else there is."""

from __future__ import annotations

from collections.abc import Callable

from playwright.sync_api import Locator, expect

from jupyter_copilot.ports.notebook import version_of
from jupyter_copilot.testing.fault_server_thread import FaultServerThread
from jupyter_copilot.testing.replies import answer
from tests.browser.lab import Lab
from tests.browser.page import Person, Tab


def edit(before: str, after: str) -> tuple[str, dict[str, str]]:
    return "edit_cell", {"cell_id": "cell-1", "expected_version": version_of(before), "source": after}


def field(tab: Tab) -> Locator:
    return tab.page.get_by_role("textbox", name="How should this cell change?")


def test_a_change_is_asked_for_above_the_cell_and_accepted_below_it(
    lab: Lab, person: Callable[[str], Person], model: FaultServerThread
) -> None:
    name = lab.write("prompt.ipynb", "total = 1", "1 / 0")
    tab = person("Alice").open(name)
    tab.cell(1).locator(".cm-content").click()
    tab.page.keyboard.press("Control+Alt+k")
    expect(field(tab)).to_be_focused()
    tab.page.keyboard.type("b d d")
    tab.page.keyboard.press("Escape")
    expect(field(tab)).to_have_count(0)
    expect(tab.page.locator(".jp-Notebook .jp-Cell")).to_have_count(2)
    tab.page.keyboard.press("Control+Alt+k")
    model.add(
        answer("Two.", calls=[edit("total = 1", "total = 2")]), answer("Three.", calls=[edit("total = 1", "n = 3")])
    )
    model.add(answer("Done."))
    field(tab).fill("Make it more")
    field(tab).press("Enter")
    bar = tab.cell(1).get_by_role("group", name="Ask Copilot about")
    expect(bar).to_contain_text("Review the change below")
    expect(tab.cell(1).get_by_role("group", name="Change 1 of 1")).to_contain_text("total = 2")
    bar.get_by_role("button", name="Try again").click()
    proposal = tab.cell(1).get_by_role("group", name="Change 1 of 1")
    expect(proposal).to_contain_text("n = 3")
    proposal.get_by_role("button", name="Accept").click()
    expect(bar).to_have_count(0)
    expect(tab.cell(1).locator(".cm-content")).to_have_text("n = 3")
    tab.sees("Make it more")


def test_the_menus_of_a_cell_and_the_button_at_an_error_ask_in_the_cell(
    lab: Lab, person: Callable[[str], Person], model: FaultServerThread
) -> None:
    tab = person("Alice").open(lab.write("menus.ipynb", "total = 1", "1 / 0"))
    bar = tab.cell(1).get_by_role("group", name="Ask Copilot about")
    tab.cell(1).click(button="right")
    tab.page.get_by_role("menu").get_by_text("Copilot", exact=True).hover()
    model.add(answer("It is tidy."))
    tab.page.get_by_role("menuitem", name="Tidy This Cell").click()
    expect(bar).to_contain_text("Nothing was changed")
    expect(bar).to_contain_text("It is tidy.")
    bar.get_by_role("button", name="To the sidebar").click()
    expect(tab.composer).to_be_focused()
    tab.has_kernel()
    tab.run(2)
    model.add(answer("There is no fix."))
    tab.cell(2).get_by_role("button", name="Fix").click()
    expect(tab.cell(2).get_by_role("group", name="Ask Copilot about")).to_contain_text("There is no fix.")
    assert "Fix the error in cell 2." in str(model.requests[-1].body)
    tab.cell(1).locator(".cm-content").click()
    tab.cell(1).get_by_role("button", name="Ask Copilot").click()
    tab.page.get_by_role("menuitem", name="Ask Copilot About This Cell").click()
    expect(tab.composer).to_be_focused()
