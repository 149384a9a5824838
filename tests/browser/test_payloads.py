"""What code asks of a page beside its outputs, in a tab that runs it itself: help, a next cell, the kernel's end."""

from __future__ import annotations

from collections.abc import Callable

from playwright.sync_api import expect

from jupyter_copilot.ports.notebook import KERNEL_ENDED, version_of
from jupyter_copilot.testing.fault_server_thread import FaultServerThread
from jupyter_copilot.testing.replies import answer
from tests.browser.lab import Lab
from tests.browser.page import Person


def told(model: FaultServerThread) -> str:
    """All that the model was told with its last request."""
    return str(model.requests[-1].body["messages"])


def test_help_a_next_cell_and_the_end_of_the_kernel_mean_what_they_mean_in_jupyter(
    lab: Lab, person: Callable[[str], Person], model: FaultServerThread
) -> None:
    (lab.files / "helper.py").write_text("loaded = 'from a file'\n")
    notebook = lab.write("payloads.ipynb", "len?", "%load helper.py", "exit()")
    alice = person("Alice").open(notebook)
    alice.has_kernel()
    for number in (1, 2, 3):
        model.add(answer(f"Step {number}.", calls=[("run_cell", {"cell_id": f"cell-{number}"})]))
        model.add(answer(f"Cell {number} ran."))
        alice.ask(f"Run {number}!")
        alice.approve()
        alice.sees(f"Cell {number} ran.")
        if number == 1:
            alice.shows_output(1, "Return the number of items in a container")
            assert "Return the number of items in a container" in told(model)
        elif number == 2:
            expect(alice.cell(2).locator(".cm-content")).to_contain_text("loaded = 'from a file'")
    assert KERNEL_ENDED in told(model)


def test_an_edited_proposal_keeps_its_lines(
    lab: Lab, person: Callable[[str], Person], model: FaultServerThread
) -> None:
    before, proposed = "a = 1\nb = 2\n\nc = 3", "a = 10\nb = 20\n\nc = 30"
    notebook = lab.write("lines.ipynb", before)
    alice, bob = person("Alice").open(notebook), person("Bob").open(notebook)
    edit = {"cell_id": "cell-1", "expected_version": version_of(before), "old_text": before, "new_text": proposed}
    model.add(answer("One edit.", calls=[("edit_cell", edit)]), answer("Edited."))
    alice.ask("Edit it!")
    card = bob.cards.first
    card.get_by_role("button", name="Edit", exact=True).click()
    field = card.get_by_role("textbox", name="New text")
    field.press("Control+End")
    bob.page.keyboard.type("0")
    card.get_by_role("button", name="Approve").click()
    alice.sees("Edited.")
    (decided,) = lab.events(notebook, "confirmation_decided")
    assert decided["edited_args"]["new_text"] == f"{proposed}0"
    assert decided["edited_args"]["old_text"] == before
    expect(alice.cell(1).locator(".cm-line")).to_have_count(4)
