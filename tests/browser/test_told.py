"""Two browsers: somebody is needed in a notebook that is not before their eyes, and is told."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import expect

from jupyter_copilot.testing.fault_server_thread import FaultServerThread
from jupyter_copilot.testing.replies import answer
from tests.browser.lab import Lab
from tests.browser.page import OPEN, Person, Tab

HIDE = """() => {
    window.shown = [];
    window.Notification = class { constructor(words) { window.shown.push(words); } };
    window.Notification.permission = 'granted';
    Object.defineProperty(document, 'hidden', { get: () => true, configurable: true });
    document.dispatchEvent(new Event('visibilitychange'));
}"""


@pytest.fixture(scope="module")
def lab(tmp_path_factory: pytest.TempPathFactory, model_environ: dict[str, str]) -> Iterator[Lab]:
    """A server of its own: what other tests left open would be told, too."""
    with Lab(tmp_path_factory.mktemp("told"), model_environ, rtc=False) as lab:
        yield lab


@pytest.fixture(autouse=True)
def told(lab: Lab) -> Iterator[None]:
    """Tell people as they are by default."""
    lab.tell("desktop")
    yield
    lab.tell("off")


def look_at(tab: Tab, notebook: str) -> None:
    """Open another notebook beside the one that is open, and look at it."""
    tab.page.evaluate(OPEN, notebook)
    expect(tab.panel.get_by_role("heading", name=notebook)).to_be_visible()


def test_a_decision_in_another_notebook_is_told_and_the_bar_leads_there(
    lab: Lab, newcomer: Callable[[str], Person], model: FaultServerThread
) -> None:
    cleaning, other = lab.write("Cleaning.ipynb", "total = 1"), lab.write("Other.ipynb", "x = 1")
    model.add(answer("I will run it.", gate="wait", calls=[("run_cell", {"cell_id": "cell-1"})]), answer("It ran."))
    alice = newcomer("Alice").open(cleaning)
    alice.ask("Run it!")
    look_at(alice, other)
    model.open("wait")
    expect(alice.panel.get_by_role("status").filter(has_text="1 decision waits in Cleaning")).to_be_visible()
    expect(alice.page.get_by_text("A decision waits in Cleaning")).to_be_visible()
    alice.page.wait_for_function("document.title.startsWith('(1) ')")
    told = lab.events(cleaning, "notice_delivered")
    assert [(event["kind"], event["channel"]) for event in told] == [("decision", "page")]
    alice.panel.get_by_role("button", name="Go there").click()
    expect(alice.panel.get_by_role("heading", name=cleaning)).to_be_visible()
    alice.approve()
    alice.sees("It ran.")
    alice.page.wait_for_function("!document.title.startsWith('(')")


def test_who_is_named_is_told_on_the_desktop_while_the_page_is_hidden_and_sees_it_later(
    lab: Lab, newcomer: Callable[[str], Person], model: FaultServerThread
) -> None:
    sheet, other = lab.write("Sheet.ipynb", "total = 1"), lab.write("Beside.ipynb", "x = 1")
    model.add(answer("Hello, both."))
    alice, bob = newcomer("Alice").open(sheet), newcomer("Bob").open(sheet)
    look_at(alice, other)
    alice.page.evaluate(HIDE)
    bob.composer.fill("@Ali")
    bob.page.get_by_role("option", name="Alice").click()
    expect(bob.composer).to_have_value("@Alice ")
    bob.ask("@Alice please look at the total")
    alice.page.wait_for_function("window.shown.length > 0")
    assert alice.page.evaluate("window.shown") == ["Bob mentioned you in Sheet"]
    (posted, *_) = lab.events(sheet, "message_posted")
    (told,) = lab.events(sheet, "notice_delivered")
    assert told["to"] == posted["mentions"] and (told["kind"], told["channel"]) == ("mention", "desktop")
    assert lab.events(sheet, "mentions_seen") == []
    alice.page.evaluate("() => { delete document.hidden; document.dispatchEvent(new Event('visibilitychange')); }")
    alice.panel.get_by_role("button", name="Go there").click()
    alice.sees("please look at the total")
    lab.until(sheet, lambda events: any(event["type"] == "mentions_seen" for event in events))
