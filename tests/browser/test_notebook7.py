"""The same copilot in Jupyter Notebook 7."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import expect

from jupyter_copilot.ports.notebook import version_of
from jupyter_copilot.testing.fault_server_thread import FaultServerThread
from jupyter_copilot.testing.replies import answer
from tests.browser.lab import Lab
from tests.browser.page import Person


@pytest.fixture(scope="module")
def notebook_lab(tmp_path_factory: pytest.TempPathFactory, model_environ: dict[str, str]) -> Iterator[Lab]:
    """A server that shows notebooks one by one."""
    with Lab(tmp_path_factory.mktemp("notebook"), model_environ, rtc=False, command="notebook") as lab:
        yield lab


@pytest.fixture
def lab(notebook_lab: Lab) -> Lab:
    return notebook_lab


def test_the_sidebar_is_there_answers_and_acts(
    lab: Lab, newcomer: Callable[[str], Person], model: FaultServerThread
) -> None:
    insert = ("insert_and_run", {"after": "cell-1", "source": "print('in', 'notebook 7')"})
    better = ("edit_cell", {"cell_id": "cell-1", "expected_version": version_of("total = 1"), "source": "total = 7"})
    model.add(answer("Certainly.", calls=[insert]), answer("It is printed."))
    tab = newcomer("Alice").open_classic(lab.write("classic.ipynb", "total = 1"))
    tab.ask("Print!")
    tab.sees("Certainly.")
    tab.approve()
    tab.sees("It is printed.")
    tab.shows_output(2, "in notebook 7")
    # What is proposed is drawn in the cell here, too, and accepted there.
    model.add(answer("Better so.", calls=[better]), answer("It is seven."))
    tab.ask("Improve it!")
    proposal = tab.cell(1).get_by_role("group", name="Change 1 of 1")
    expect(proposal).to_contain_text("total = 7")
    tab.page.get_by_role("button", name="Next change").click()
    expect(proposal).to_be_focused()
    tab.page.keyboard.press("Control+Enter")
    tab.sees("It is seven.")
    expect(tab.cell(1).locator(".jp-InputArea-editor .cm-content")).to_have_text("total = 7")


def test_a_panel_in_the_notebook_decides_what_code_asks(lab: Lab, newcomer: Callable[[str], Person]) -> None:
    ask = "from jupyter_copilot import confirm\nprint('decided by', confirm('Delete 10,000 rows?').by)"
    notebook = lab.write("panel.ipynb", "from jupyter_copilot import Panel\nPanel(compact=True)", ask)
    tab = newcomer("Alice").open_classic(notebook)
    tab.page.locator(".jp-Notebook-ExecutionIndicator[data-status=idle]").wait_for()  # else nothing runs
    tab.page.get_by_role("menuitem", name="Run", exact=True).click()
    tab.page.get_by_role("menuitem", name="Run All Cells", exact=True).click()
    waiting = tab.panel_in_notebook.get_by_role("article", name="Waiting for a decision")
    expect(waiting).to_contain_text("Delete 10,000 rows?")
    waiting.get_by_role("button", name="Confirm").click()
    tab.shows(2, "decided by Alice")
