"""Reloads, closed tabs, a killed server, a lost network: everything goes on by itself, and nothing happens twice."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import expect

from jupyter_copilot.testing.fault_server_thread import FaultServerThread
from jupyter_copilot.testing.replies import answer
from tests.browser.lab import Lab
from tests.browser.page import Person, Tab

WORDS = "one two three four five six seven eight"
RUN = ("run_cell", {"cell_id": "cell-1"})
WAITS = """\
import pathlib, time
with open("{name}.ran", "a") as file:
    file.write("x")
print("began", flush=True)
while not pathlib.Path("{name}.go").exists():
    time.sleep(0.05)
print("ended")"""

Someone = Callable[[str], Person]


def test_a_reload_in_the_middle_of_an_answer_loses_and_repeats_nothing(
    lab: Lab, notebook: str, person: Someone, model: FaultServerThread
) -> None:
    model.add(answer(WORDS, gate="middle"))
    tab = person("Alice").open(notebook)
    tab.ask("Count!")
    tab.sees("one two three four")
    tab.page.reload()
    tab.show()
    tab.sees("one two three four")
    tab.sees("five", times=0)
    model.open("middle")
    tab.sees(re.compile(f"^{WORDS}$"))
    tab.sees(re.compile("one"))
    assert len(lab.events(notebook, "step_started")) == 1


@pytest.mark.parametrize("lab", ["rtc_lab"], indirect=True)
def test_a_run_goes_on_while_nobody_looks(lab: Lab, person: Someone, model: FaultServerThread) -> None:
    model.add(answer(calls=[RUN]), answer("The cell ended."))
    notebook = lab.write("unseen.ipynb", WAITS.format(name="unseen"))
    alice, bob = person("Alice"), person("Bob")
    tab = alice.open(notebook)
    tab.ask("Run it!")
    tab.approve()
    tab.shows_output(1, "began")
    alice.leave()
    (lab.files / "unseen.go").touch()
    lab.until(notebook, lambda events: any(event["type"] == "run_finished" for event in events))
    late = bob.open(notebook)
    late.sees("The cell ended.")
    late.shows_output(1, "ended")
    assert (lab.files / "unseen.ran").read_text() == "x"


def test_a_killed_server_goes_on_where_it_was_and_the_page_needs_no_click(
    lab: Lab, notebook: str, person: Someone, model: FaultServerThread
) -> None:
    insert = ("insert_and_run", {"after": "cell-1", "source": "print('after', 'all')"})
    model.add(answer(WORDS, gate="never"), answer(WORDS, calls=[insert]), answer("Done."))
    tab = person("Alice").open(notebook)
    tab.ask("Count, and print!")
    tab.sees("one two three four")
    lab.kill()
    expect(tab.panel.get_by_role("status").get_by_text("Offline")).to_be_visible()
    lab.start()
    tab.is_live()
    tab.sees(re.compile(f"^{WORDS}$"))
    expect(tab.cards).to_have_count(1)
    # A second time, while somebody is asked.
    lab.kill()
    lab.start()
    tab.is_live()
    expect(tab.cards).to_have_count(1)
    tab.approve()
    tab.sees("Done.")
    tab.shows_output(2, "after all")
    assert len(lab.events(notebook, "call_started")) == 1
    assert len(lab.events(notebook, "message_posted")) == 1


@pytest.mark.parametrize("reloaded", [False, True], ids=["kept", "reloaded"])
def test_a_message_written_without_a_network_is_sent_once_when_there_is_one(
    reloaded: bool, lab: Lab, notebook: str, person: Someone, model: FaultServerThread
) -> None:
    model.add(answer("I heard you."))
    alice = person("Alice")
    tab = alice.open(notebook)
    alice.cut()
    expect(tab.panel.get_by_role("status").get_by_text("Offline")).to_be_visible()
    tab.ask("Are you there?")
    waiting = tab.conversation.get_by_role("article").filter(has_text="waiting to be sent")
    expect(waiting).to_contain_text("Are you there?")
    assert lab.events(notebook, "message_posted") == []
    if reloaded:
        _reload_without_network(tab)
    alice.join()
    if reloaded:
        tab.page.reload()
        tab.show()
    tab.sees("I heard you.")
    expect(waiting).to_have_count(0)
    tab.sees("Are you there?")
    assert [each["text"] for each in lab.events(notebook, "message_posted")] == ["Are you there?"]


def _reload_without_network(tab: Tab) -> None:
    """The browser shows that it has no network; the page is gone."""
    tab.page.evaluate("setTimeout(() => location.reload(), 0)")
    expect(tab.panel).to_have_count(0)
