"""What agents changed is shown once and stays marked until each person has looked at it; the log says who let it."""

from __future__ import annotations

import json
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


def test_what_was_changed_is_led_to_marked_and_told_of(
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
    # What nobody was asked about is marked for both, until they say that they reviewed it.
    lab.post(name, {"type": "set_mode", "thread_id": "main", "mode": "auto_edit"})
    model.add(answer("I do.", calls=[edit(3, "value_2 = 'y'")]), answer("Also done."))
    alice.ask("Change cell 3!")
    alice.sees("Also done.")
    for each in (alice, bob):
        expect(changed(each)).to_have_attribute("data-copilot-news", "unreviewed")
    changed(alice).scroll_into_view_if_needed()
    changed(alice).hover()
    expect(alice.page.get_by_text("Edited by Copilot for Alice, without asking")).to_be_visible()
    alice.page.get_by_role("button", name="Reviewed").click()
    expect(changed(alice)).to_have_count(0)
    alice.page.reload()
    alice.show()
    expect(alice.page.get_by_text("Edited by Copilot for Alice, without asking")).to_have_count(1)
    expect(changed(alice)).to_have_count(0)
    expect(changed(bob)).to_have_count(1)
    alice.begin("copilot:list-changes")
    dialog = alice.page.locator(".jp-Dialog").filter(has_text="What did agents do here?")
    expect(dialog.get_by_role("row")).to_have_count(3)  # with the one of the headings
    expect(dialog.get_by_role("row").nth(1)).to_contain_text("nobody had to")
    expect(dialog.get_by_role("row").nth(2)).to_contain_text("Bob")
    with alice.page.expect_download() as saved:
        dialog.get_by_role("link", name="Save as CSV").click()
    assert "cell 50" in saved.value.path().read_text()
    dialog.get_by_role("button", name="cell 50").click()
    expect(dialog).to_have_count(0)
    assert "jp-Copilot" not in json.dumps(json.loads((lab.files / name).read_text()))
