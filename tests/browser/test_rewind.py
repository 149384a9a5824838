"""Going back to before a message: what goes is shown first, all see who took it back, and it can be brought back."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import expect

from jupyter_copilot.ports.notebook import version_of
from jupyter_copilot.testing.fault_server_thread import FaultServerThread
from jupyter_copilot.testing.replies import answer
from tests.browser.lab import Lab
from tests.browser.page import Person, Tab


def edit(number: int, before: str, source: str) -> tuple[str, dict[str, str]]:
    return "edit_cell", {"cell_id": f"cell-{number}", "expected_version": version_of(before, "code"), "source": source}


@pytest.mark.parametrize("lab", ["rtc_lab", "plain_lab"], indirect=True)
def test_a_rewind_over_the_work_of_another_is_decided_by_people_and_its_chat_comes_back(
    lab: Lab, person: Callable[[str], Person], model: FaultServerThread
) -> None:
    name = lab.write(f"rewound-{lab.files.name}.ipynb", "one = 1", "two = 2")
    model.add(
        answer("For Alice.", calls=[edit(1, "one = 1", "one = 'A'")]),
        answer("Done for her."),
        answer("For Bob.", calls=[edit(2, "two = 2", "two = 'B'")]),
        answer("Done for him."),
    )
    alice, bob = person("Alice").open(name), person("Bob").open(name)
    for each in (alice, bob):
        each.has_kernel()
    asks(alice, "Change one!", "Done for her.")
    asks(bob, "Change two!", "Done for him.")
    rewind(alice, "Change one!", "Rewind notebook and chat to here…")
    for each in (alice, bob):
        expect(each.cards).to_contain_text("Rewind the notebook")
        expect(each.cards).to_contain_text("what was changed for Alice and Bob")
        shows(each, "one = 'A'", "two = 'B'")
    # It is done all or none: where one part is accepted, all of it is, and the button says so.
    first = bob.page.get_by_role("group", name="Change 1 of 2")
    first.get_by_role("button", name="Accept all 2").click()
    for each in (alice, bob):
        shows(each, "one = 1", "two = 2")
        each.sees(re.compile("^Alice took back"))
        each.sees("Done for him.", times=0)
    # The notebook is brought back by itself, as a change of Alice's own; and so is the chat, for both.
    alice.conversation.get_by_role("button", name="Undo").click()
    shows(alice, "one = 'A'", "two = 'B'")
    bob.conversation.get_by_role("button", name="Bring back").click()
    for each in (alice, bob):
        each.sees("Done for him.")
        each.sees(re.compile("^Alice took back"), times=0)
    shows(alice, "one = 'A'", "two = 'B'")


def asks(tab: Tab, text: str, said: str) -> None:
    """Ask for a change, approve it, and wait until both are said and done."""
    tab.ask(text)
    tab.approve()
    tab.sees(said)


def rewind(tab: Tab, text: str, what: str) -> None:
    """Choose from the menu beside a message."""
    message = tab.conversation.get_by_role("article").filter(has_text=text)
    message.hover()
    message.get_by_role("button", name="Rewind to here…").click()
    message.get_by_role("menuitem", name=what).click()


def shows(tab: Tab, *sources: str) -> None:
    """Wait until the notebook has these cells."""
    expect(tab.page.locator(".jp-Notebook .jp-Cell .jp-InputArea-editor .cm-content")).to_have_text(list(sources))
