"""Reloads, closed tabs, a killed server, a lost network: everything goes on by itself, and nothing happens twice."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import closing

import pytest
from playwright.sync_api import Browser, expect

from jupyter_copilot.testing.fault_server_thread import FaultServerThread
from jupyter_copilot.testing.replies import answer
from tests.browser.lab import Lab
from tests.browser.network import Network
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


@pytest.fixture(scope="module")
def plain_lab(tmp_path_factory: pytest.TempPathFactory, model_environ: dict[str, str]) -> Iterator[Lab]:
    """A server for these tests alone, since they kill it: in every other page of it a dialog would say so."""
    with Lab(tmp_path_factory.mktemp("killed"), model_environ, rtc=False) as lab:
        yield lab


def test_a_reload_in_the_middle_of_an_answer_loses_and_repeats_nothing(
    lab: Lab, notebook: str, newcomer: Someone, model: FaultServerThread
) -> None:
    model.add(answer(WORDS, gate="middle"))
    tab = newcomer("Alice").open(notebook)
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
def test_a_run_goes_on_while_nobody_looks(lab: Lab, newcomer: Someone, model: FaultServerThread) -> None:
    model.add(answer(calls=[RUN]), answer("The cell ended."))
    notebook = lab.write("unseen.ipynb", WAITS.format(name="unseen"))
    alice, bob = newcomer("Alice"), newcomer("Bob")
    tab = alice.open(notebook)
    tab.ask("Run it!")
    tab.approve()
    tab.shows_output(1, "began")
    alice.close()
    (lab.files / "unseen.go").touch()
    lab.until(notebook, lambda events: any(event["type"] == "run_finished" for event in events))
    late = bob.open(notebook)
    late.sees("The cell ended.")
    late.shows_output(1, "ended")
    assert (lab.files / "unseen.ran").read_text() == "x"


def test_a_killed_server_goes_on_where_it_was_and_the_page_needs_no_click(
    lab: Lab, notebook: str, newcomer: Someone, model: FaultServerThread
) -> None:
    insert = ("insert_cell", {"after": "cell-1", "source": "after = 'all'"})
    model.add(answer(WORDS, gate="never"), answer(WORDS, calls=[insert]), answer("Done."))
    tab = newcomer("Alice").open(notebook)
    tab.has_kernel()  # else JupyterLab asks in a dialog which one to take, once the server is back
    tab.ask("Count, and add a cell!")
    tab.sees("one two three four")
    lab.kill()
    tab.is_offline()
    lab.start()
    tab.is_live()
    tab.sees(re.compile(f"^{WORDS}$"))
    expect(tab.cards).to_have_count(1)
    # A second time, while somebody is asked.
    lab.kill()
    tab.is_offline()
    lab.start()
    tab.is_live()
    expect(tab.cards).to_have_count(1)
    tab.approve()
    tab.sees("Done.")
    expect(tab.cell(2)).to_contain_text("after = 'all'")
    assert len(lab.events(notebook, "call_started")) == 1
    assert len(lab.events(notebook, "message_posted")) == 1


def test_a_kernel_that_died_with_the_server_is_not_said_to_have_run_the_cell(
    lab: Lab, notebook: str, newcomer: Someone, model: FaultServerThread
) -> None:
    model.add(answer(calls=[RUN]), answer("I see."))
    tab = newcomer("Alice").open(notebook)
    tab.ask("Run it!")
    expect(tab.cards).to_have_count(1)
    lab.kill()
    tab.is_offline()
    lab.start()
    tab.is_live()
    tab.approve()
    tab.sees("I see.")
    (finished,) = lab.events(notebook, "call_finished")
    assert finished["is_error"]
    assert "kernel" in finished["result"]["text"]


@pytest.mark.parametrize("reloaded", [False, True], ids=["kept", "reloaded"])
def test_a_message_written_without_a_network_is_sent_once_when_there_is_one(
    reloaded: bool, lab: Lab, notebook: str, browser: Browser, model: FaultServerThread
) -> None:
    model.add(answer("I heard you."))
    with closing(Network(lab.port)) as network, closing(Person(browser, network.url, "Alice")) as alice:
        tab = alice.open(notebook)
        tab.has_kernel()
        network.cut()
        alice.context.set_offline(True)
        tab.is_offline()
        tab.ask("Are you there?")
        waiting = tab.conversation.get_by_role("article").filter(has_text="waiting to be sent")
        expect(waiting).to_contain_text("Are you there?")
        assert lab.events(notebook, "message_posted") == []
        if reloaded:
            _reload_without_network(tab)
        network.join()
        alice.context.set_offline(False)
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
