"""Two people, two browsers, one notebook, one copilot."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import expect

from jupyter_copilot.ports.notebook import version_of
from jupyter_copilot.testing.fault_server_thread import FaultServerThread
from jupyter_copilot.testing.replies import answer
from tests.browser.lab import METADATA, Lab
from tests.browser.page import Person

COUNT = "count = globals().get('count', 0) + 1\nprint('ran', count)"
EDIT = {"cell_id": "cell-1", "expected_version": version_of("total = 1", "code"), "source": COUNT}


@pytest.mark.parametrize("lab", ["rtc_lab", "plain_lab"], indirect=True)
def test_what_one_asks_and_another_approves_is_done_once_and_seen_by_both(
    lab: Lab, notebook: str, person: Callable[[str], Person], model: FaultServerThread
) -> None:
    model.add(
        answer("I shall count the runs of this cell.", gate="half", calls=[("edit_and_run", EDIT)]),
        answer("It ran once."),
    )
    alice, bob = person("Alice").open(notebook), person("Bob").open(notebook)
    alice.ask("Count the runs!")
    for each in (alice, bob):
        each.sees("I shall count")
        each.sees("runs of this cell", times=0)
    model.open("half")
    for each in (alice, bob):
        each.sees("I shall count the runs of this cell.")
        expect(each.cards).to_have_count(1)
    bob.approve()
    for each in (alice, bob):
        each.sees(re.compile("Bob approved"))
        each.sees("It ran once.")
        expect(each.cards).to_have_count(0)
        each.shows_output(1, "ran 1")
        expect(each.cell(1)).to_contain_text("count = globals()")
    (decided,) = lab.events(notebook, "confirmation_decided")
    assert decided["option"] == "approve"
    assert len(lab.events(notebook, "call_started")) == 1


def test_a_notebook_that_no_kernel_described_is_loaded_again_in_the_other_tabs(
    lab: Lab, person: Callable[[str], Person], model: FaultServerThread
) -> None:
    notebook = lab.write("fresh.ipynb", "total = 1", metadata={"kernelspec": METADATA["kernelspec"]})
    model.add(answer("I shall count.", calls=[("edit_and_run", EDIT)]), answer("It ran."))
    alice, bob = person("Alice").open(notebook), person("Bob").open(notebook)
    for each in (alice, bob):
        each.has_kernel()
    alice.ask("Count!")
    alice.approve()
    for each in (alice, bob):
        each.sees("It ran.")
        each.shows_output(1, "ran 1")
    expect(bob.page.get_by_text("changed this notebook elsewhere")).to_have_count(0)
