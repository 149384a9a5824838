"""axe-core in the real page: nothing serious is wrong with the panel in any of its main states, light or dark."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import closing

import pytest
from playwright.sync_api import Browser, expect

from jupyter_copilot.ports.notebook import version_of
from jupyter_copilot.testing.fault_server_thread import FaultServerThread
from jupyter_copilot.testing.replies import answer, status
from tests.browser.lab import Lab
from tests.browser.network import Network
from tests.browser.page import Person, Tab

EDIT = {"cell_id": "cell-1", "expected_version": version_of("total = 1", "code"), "source": "total = 2\nprint(total)"}
FORM = {
    "type": "object",
    "properties": {
        "column": {"title": "Column", "enum": ["mass", "length"]},
        "bins": {"title": "Bins", "type": "integer", "default": 10},
        "log": {"title": "Log scale", "type": "boolean"},
        "notes": {
            "title": "Notes",
            "type": "array",
            "items": {"type": "string"},
            "description": "Written below.",
        },
    },
    "required": ["column"],
}
QUESTION = {"question": "What shall I plot?", "schema": FORM}
TEXT = "I **found** this:\n\n```python\nprint('hello')\n```\n\n| a | b |\n|---|---|\n| 1 | 2 |\n\n$x^2$ in cell 1."


@pytest.fixture(params=["JupyterLab Light", "JupyterLab Dark"], ids=["light", "dark"])
def theme(request: pytest.FixtureRequest) -> str:
    """JupyterLab's themes."""
    return str(request.param)


@pytest.fixture
def tab(theme: str, notebook: str, person: Callable[[str], Person]) -> Tab:
    opened = person("Alice").open(notebook)
    opened.use_theme(theme)
    return opened


def test_nothing_serious_from_the_first_words_to_a_failure(lab: Lab, tab: Tab, model: FaultServerThread) -> None:
    model.add(
        answer(TEXT, reasoning="Let me think.", calls=[("edit_and_run", EDIT)]),
        answer(calls=[("ask_user", QUESTION)]),
        answer("Thank you."),
        status(401),
    )
    assert tab.accessibility_problems() == []  # first use
    tab.ask("Improve the cell!")
    expect(tab.cards).to_have_count(1)
    assert tab.accessibility_problems() == []  # a diff to approve
    tab.cards.get_by_role("button", name="Edit").click()
    assert tab.accessibility_problems() == []  # its arguments
    tab.cards.get_by_role("button", name="Cancel").click()
    tab.cards.get_by_role("button", name="Deny").click()
    assert tab.accessibility_problems() == []  # the reason of a denial
    tab.cards.get_by_role("button", name="Back").click()
    tab.approve()
    expect(tab.cards).to_contain_text("What shall I plot?")
    assert tab.accessibility_problems() == []  # a question
    tab.cards.get_by_label("Column").select_option("mass")
    tab.cards.get_by_role("button", name="Answer", exact=True).click()
    tab.sees("Thank you.")
    tab.unfold()
    tab.panel.get_by_role("button", name="Chat:").click()
    assert tab.accessibility_problems() == []  # details, and the list of conversations
    tab.page.keyboard.press("Escape")
    tab.ask("And again!")
    expect(tab.conversation.get_by_role("img", name="failed")).not_to_have_count(0)
    assert tab.accessibility_problems() == []  # a failure


def test_nothing_serious_while_the_connection_is_lost(theme: str, lab: Lab, notebook: str, browser: Browser) -> None:
    with closing(Network(lab.port)) as network, closing(Person(browser, network.url, "Alice")) as alice:
        tab = alice.open(notebook)
        tab.use_theme(theme)
        tab.has_kernel()  # else JupyterLab says in a dialog that it could not start one
        network.cut()
        tab.is_offline()
        tab.ask("Are you there?")
        expect(tab.conversation.get_by_role("article").filter(has_text="waiting to be sent")).to_be_visible()
        expect(tab.panel.get_by_role("button", name="Reconnect now")).to_be_visible()
        expect(tab.panel.get_by_role("img", name="Not connected. Last seen here: Alice")).to_be_visible()
        assert tab.accessibility_problems() == []
