"""Deciding without a mouse, and never by accident."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import expect

from jupyter_copilot.testing.fault_server_thread import FaultServerThread
from jupyter_copilot.testing.replies import answer
from tests.browser.lab import Lab
from tests.browser.page import Person, Tab

INSERT = ("insert_and_run", {"after": "cell-1", "source": "print('typed')"})


@pytest.fixture
def asked(lab: Lab, notebook: str, person: Callable[[str], Person], model: FaultServerThread) -> Tab:
    """A tab in which a card has appeared while its person writes."""
    model.add(answer(calls=[INSERT]), answer("So be it."))
    tab = person("Alice").open(notebook)
    tab.ask("Print!")
    expect(tab.cards).to_have_count(1)
    return tab


def test_a_card_that_appears_takes_neither_focus_nor_what_is_typed_on(lab: Lab, asked: Tab, notebook: str) -> None:
    expect(asked.composer).to_be_focused()
    asked.page.keyboard.type("and then ")
    expect(asked.composer).to_have_value("and then ")
    asked.approve_button.focus()
    asked.page.keyboard.press("Enter")
    expect(asked.cards.get_by_role("status")).to_contain_text("to choose this")
    asked.page.keyboard.press("Space")
    assert lab.events(notebook, "confirmation_decided") == []
    asked.page.keyboard.press("Control+Enter")
    asked.sees("So be it.")
    asked.shows_output(2, "typed")


def test_the_shortcut_goes_to_what_waits_and_the_modifier_approves_it(asked: Tab) -> None:
    expect(asked.page.get_by_role("group", name=re.compile("^Change 1 of 1"))).to_be_visible()
    asked.cell(1).locator(".jp-InputArea-editor").first.click()  # the middle of the cell may be the change
    asked.page.keyboard.press("Control+Alt+d")
    expect(asked.cards).to_be_focused()
    asked.page.keyboard.press("Control+Enter")
    asked.sees(re.compile("Alice approved"))
    asked.sees("So be it.")


def test_a_denial_takes_its_reason_from_the_keyboard(lab: Lab, asked: Tab, notebook: str) -> None:
    asked.page.keyboard.press("Control+Alt+d")
    expect(asked.cards).to_be_focused()
    asked.page.keyboard.press("Control+Backspace")
    expect(asked.cards.get_by_role("textbox")).to_be_focused()
    asked.page.keyboard.type("not today")
    asked.page.keyboard.press("Enter")
    asked.sees(re.compile("Alice denied"))
    asked.sees("So be it.")
    (decided,) = lab.events(notebook, "confirmation_decided")
    assert (decided["option"], decided["comment"]) == ("deny", "not today")
    assert lab.events(notebook, "call_started") == []
