"""What agents changed is shown once and stays marked until each person has looked at it; the log says who let it."""

from __future__ import annotations

from collections.abc import Callable

from playwright.sync_api import Locator, expect

from jupyter_copilot.ports.notebook import version_of
from jupyter_copilot.testing.fault_server_thread import FaultServerThread
from jupyter_copilot.testing.replies import answer
from tests.browser.lab import Lab
from tests.browser.page import Person, Tab

CELLS = [f"value_{n} = {n}" for n in range(60)]


def edit(number: int, source: str) -> tuple[str, dict[str, str]]:
    before = CELLS[number - 1]
    return "edit_cell", {"cell_id": f"cell-{number}", "expected_version": version_of(before), "source": source}


def changed(tab: Tab) -> Locator:
    return tab.page.locator(".jp-Cell.jp-Copilot-changedCell")


def test_what_was_changed_is_led_to_and_new_to_whom_it_was_out_of_sight(
    lab: Lab, newcomer: Callable[[str], Person], model: FaultServerThread
) -> None:
    name = lab.write("changed.ipynb", *CELLS)
    model.add(answer("I shall.", calls=[edit(50, "value_49 = 'x'")]), answer("Done."))
    alice, bob = newcomer("Alice").open(name), newcomer("Bob").open(name)
    alice.ask("Change cell 50!")
    bob.page.get_by_role("button", name="Next change").click()
    bob.page.get_by_role("group", name="Change 1 of 1").get_by_role("button", name="Accept").click()
    alice.sees("Done.")
    # Who approved it has seen it; to Alice, who has looked elsewhere, it is new until it was in sight.
    expect(bob.cell(50)).to_contain_text("value_49 = 'x'")
    expect(bob.page.get_by_text("Edited by Copilot for Alice, approved by Bob")).to_have_count(1)
    expect(changed(bob)).to_have_count(0)
    expect(changed(alice)).to_have_attribute("data-copilot-news", "new")
    changed(alice).scroll_into_view_if_needed()
    expect(changed(alice)).to_have_count(0)
