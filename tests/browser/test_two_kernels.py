"""Two kernels with one notebook: code waits in one, and somebody decides in a panel of the other."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.browser.lab import Lab
from tests.browser.page import Person, Tab

ASK = "from jupyter_copilot import confirm\nd = confirm('Delete 10,000 rows?')\nprint('decided by', d.by)"
PANEL = "from jupyter_copilot import Panel, wait_for\npanel = Panel(height=300)\npanel"
WAIT = "print('here it is', wait_for(panel.pending[0].id).by)"


@pytest.fixture
def second_lab(lab: Lab, tmp_path: Path) -> Iterator[Lab]:
    """Another server of the same person, with the same notebooks."""
    with Lab(tmp_path / "second", {}, rtc=False, beside=lab) as second:
        yield second


def kernel_of(lab: Lab, notebook: str) -> str:
    """The id of the kernel that a path of a notebook has."""
    (found,) = [session["kernel"]["id"] for session in lab.get("api/sessions") if session["path"] == notebook]
    return str(found)


def decide_in_the_second_kernels_panel(asker: Tab, decider: Tab, name: str) -> None:
    """`confirm()` in cell 1 of one kernel, while the other shows a panel in cell 2 and waits along in cell 3."""
    decider.run(2)
    panel = decider.panel_in_notebook
    expect(panel).to_be_visible()
    asker.run(1)
    waiting = panel.get_by_role("article")
    expect(waiting).to_contain_text("Delete 10,000 rows?")
    decider.run(3)
    decider.is_busy(3)
    waiting.get_by_role("button", name="Confirm").click()
    asker.shows(1, f"decided by {name}")
    decider.shows(3, f"here it is {name}")
    expect(panel.get_by_role("article")).to_have_count(0)


def test_a_notebook_that_is_reached_by_two_paths_has_two_kernels_and_one_room(
    lab: Lab, person: Callable[[str], Person]
) -> None:
    notebook = lab.write("two-paths.ipynb", ASK, PANEL, WAIT)
    (lab.files / "linked.ipynb").symlink_to(notebook)
    alice, bob = person("Alice").open(notebook), person("Bob").open("linked.ipynb")
    decide_in_the_second_kernels_panel(alice, bob, "Bob")
    assert kernel_of(lab, notebook) != kernel_of(lab, "linked.ipynb")
    (decided,) = [record for record in lab.records(notebook) if record["event"]["type"] == "confirmation_decided"]
    assert decided["actor"]["name"] == "Bob" and decided["actor"]["kind"] == "person"


def test_two_servers_with_one_folder_have_a_kernel_each_and_one_room(
    lab: Lab, second_lab: Lab, newcomer: Callable[..., Person]
) -> None:
    notebook = lab.write("two-servers.ipynb", ASK, PANEL, WAIT)
    alice, bob = newcomer("Alice").open(notebook), newcomer("Bob", second_lab).open(notebook)
    decide_in_the_second_kernels_panel(alice, bob, "Bob")
    assert kernel_of(lab, notebook) != kernel_of(second_lab, notebook)
