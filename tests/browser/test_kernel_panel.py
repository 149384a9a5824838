"""The panel and confirm() inside a notebook, while its kernel is busy, restarted or asked from elsewhere."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import expect

from jupyter_copilot.ports.notebook import version_of
from jupyter_copilot.testing.fault_server_thread import FaultServerThread
from jupyter_copilot.testing.replies import answer
from tests.browser.lab import Lab
from tests.browser.page import Person, Tab

PANEL = "from jupyter_copilot import Panel\nPanel(height=380)"
BUSY = "import pathlib, time\nwhile not pathlib.Path('go').exists():\n    time.sleep(0.05)\nprint('the cell ended')"
ASK = "from jupyter_copilot import confirm\nd = confirm('Delete 10,000 rows?')\nprint('decided by', d.by)"
EDIT = {"cell_id": "cell-3", "expected_version": version_of("total = 1", "code"), "source": "total = 2"}


def restart(tab: Tab) -> None:
    """Restart the notebook's kernel, without the question whether one really wants to."""
    tab.page.evaluate("window.jupyterapp.shell.currentWidget.sessionContext.session.kernel.restart()")


def test_it_streams_and_approves_while_the_kernel_is_busy(
    lab: Lab, person: Callable[[str], Person], model: FaultServerThread
) -> None:
    notebook = lab.write("busy.ipynb", PANEL, BUSY, "total = 1")
    model.add(
        answer("I shall change the total now.", gate="half", calls=[("edit_cell", EDIT)]),
        answer("It is changed."),
    )
    tab = person("Alice").open(notebook)
    tab.run(1)
    panel = tab.panel_in_notebook
    expect(panel.get_by_role("heading", name="One copilot for everyone here")).to_be_in_viewport()
    tab.run(2)
    tab.is_busy(2)
    composer = panel.get_by_role("combobox", name="Message to everybody here and the copilot")
    composer.fill("Change the total!")
    composer.press("Enter")
    conversation = panel.get_by_role("log", name="Chat")
    expect(conversation).to_contain_text("I shall")
    expect(conversation).not_to_contain_text("total now")
    model.open("half")
    expect(conversation).to_contain_text("I shall change the total now.")
    panel.get_by_role("article").get_by_role("button", name="Approve").click()
    expect(conversation).to_contain_text("It is changed.")
    expect(tab.cell(3)).to_contain_text("total = 2")
    tab.is_busy(2)
    (decided,) = [r for r in lab.records(notebook) if r["event"]["type"] == "confirmation_decided"]
    assert decided["actor"]["kind"] == "person" and decided["actor"]["name"] == "Alice"
    (lab.files / "go").touch()
    tab.shows(2, "the cell ended")


@pytest.mark.parametrize("lab", ["rtc_lab", "plain_lab"], indirect=True)
def test_code_that_asks_goes_on_with_the_name_of_who_decided(lab: Lab, person: Callable[[str], Person]) -> None:
    notebook = lab.write("ask.ipynb", ASK)
    alice, bob = person("Alice").open(notebook), person("Bob").open(notebook)
    alice.run(1)
    alice.shows(1, "Waiting for a decision")
    for each in (alice, bob):
        expect(each.cards).to_contain_text("Delete 10,000 rows?")
    bob.cards.get_by_role("button", name="Confirm").click()
    alice.shows(1, "decided by Bob")
    alice.shows(1, "Confirm, said Bob")


@pytest.mark.parametrize("lab", ["rtc_lab"], indirect=True)
def test_everybodys_panel_decides_in_their_own_name(lab: Lab, person: Callable[[str], Person]) -> None:
    notebook = lab.write("panels.ipynb", PANEL, ASK)
    alice, bob = person("Alice").open(notebook), person("Bob").open(notebook)
    alice.run(1)
    expect(bob.panel_in_notebook).to_be_visible()
    alice.run(2)
    bob.panel_in_notebook.get_by_role("article").get_by_role("button", name="Confirm").click()
    alice.shows(2, "decided by Bob")
    expect(alice.panel_in_notebook.get_by_role("log")).to_contain_text("Bob")


def test_it_works_after_a_restart_and_in_a_notebook_that_is_opened_again(
    lab: Lab, person: Callable[[str], Person]
) -> None:
    notebook = lab.write("again.ipynb", PANEL, ASK)
    alice = person("Alice")
    tab = alice.open(notebook)
    tab.run(1)
    expect(tab.panel_in_notebook).to_be_visible()
    restart(tab)
    tab.run(2)
    tab.panel_in_notebook.get_by_role("article").get_by_role("button", name="Confirm").click()
    tab.shows(2, "decided by Alice")
    tab.command("docmanager:save")
    expect(tab.page.locator(".jp-mod-dirty")).to_have_count(0)
    tab.page.close()
    panel = alice.open_plain(notebook).panel_in_notebook
    expect(panel.get_by_role("log")).to_contain_text("10,000 rows")


def test_a_panel_shows_the_thread_that_the_code_names(lab: Lab, person: Callable[[str], Person]) -> None:
    notebook = lab.write("threads.ipynb", "from jupyter_copilot import Panel\nPanel(thread='plots')")
    lab.post(notebook, {"type": "create_thread", "thread_id": "plots", "title": "Plots"})
    for thread, text in (("main", "This is about everything."), ("plots", "This is about plots.")):
        lab.post(
            notebook, {"type": "post_message", "message_id": thread, "thread_id": thread, "text": text, "run": False}
        )
    tab = person("Alice").open(notebook)
    tab.run(1)
    expect(tab.panel_in_notebook.get_by_role("log")).to_contain_text("This is about plots.")
    expect(tab.panel_in_notebook).not_to_contain_text("everything")
    tab.sees("This is about everything.")


@pytest.mark.parametrize("lab", ["rtc_lab", "plain_lab"], indirect=True)
def test_a_panel_in_a_console_and_in_another_view_of_its_cell_is_the_notebooks(
    lab: Lab, person: Callable[[str], Person]
) -> None:
    notebook = lab.write("beside.ipynb", PANEL, ASK)
    tab = person("Alice").open(notebook)
    tab.run(1)
    expect(tab.panel_in_notebook).to_be_visible()
    tab.command("notebook:create-output-view")
    tab.page.get_by_role("tab", name="beside.ipynb").click()
    tab.command("notebook:create-console")
    tab.page.locator(".jp-CodeConsole-promptCell .cm-content").click()
    tab.page.keyboard.insert_text("Panel(compact=True)")
    tab.page.keyboard.press("Shift+Enter")
    console = tab.page.locator(".jp-CodeConsole-content .jp-Copilot-inNotebook")
    expect(console).to_contain_text("Nothing waits for a decision.")
    view = tab.page.locator(".jp-LinkedOutputView .jp-Copilot-inNotebook")
    expect(view.get_by_role("log", name="Chat")).to_have_count(1)
    tab.run(2)
    console.get_by_role("article").get_by_role("button", name="Confirm").click()
    tab.shows(2, "decided by Alice")
    expect(view).to_contain_text("Alice")


def test_a_panel_in_a_box_and_a_compact_one_are_drawn_too(lab: Lab, person: Callable[[str], Person]) -> None:
    box = "import ipywidgets\nfrom jupyter_copilot import Panel\nipywidgets.VBox([Panel(compact=True, composer=False)])"
    notebook = lab.write("box.ipynb", box, ASK)
    tab = person("Alice").open(notebook)
    tab.run(1)
    panel = tab.panel_in_notebook
    expect(panel).to_contain_text("Nothing waits for a decision.")
    expect(panel.get_by_role("combobox")).to_have_count(0)
    tab.run(2)
    expect(panel).to_contain_text("Delete 10,000 rows?")
    panel.get_by_role("button", name="Confirm").click()
    tab.shows(2, "decided by Alice")
    expect(panel).to_contain_text("Nothing waits for a decision.")

    restart(tab)
    tab.run(2)
    panel.get_by_role("button", name="Cancel").click()
    expect(tab.cards).to_have_count(0)
    expect(panel).to_contain_text("Nothing waits for a decision.")
    lost = tab.page.locator(".jupyter-widgets-disconnected:has(> .jp-Copilot-inNotebook)")
    assert lost.evaluate("element => getComputedStyle(element, '::before').display") == "none"
    # Closing a notebook fails if a widget in it does not go.
    tab.page.evaluate("() => [...window.jupyterapp.shell.widgets('main')].forEach(widget => widget.dispose())")
    expect(panel).to_have_count(0)
