"""Ten tabs, one confirmation."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import expect

from jupyter_copilot.testing.fault_server_thread import FaultServerThread
from jupyter_copilot.testing.replies import answer
from tests.browser.lab import Lab
from tests.browser.page import Person

COUNT = "with open('effects', 'a') as file:\n    print(file.write('x'))"


@pytest.mark.timeout(300)
def test_of_ten_that_approve_at_the_same_moment_one_wins_and_nine_are_told_who(
    lab: Lab, notebook: str, person: Callable[[str], Person], model: FaultServerThread
) -> None:
    model.add(answer(calls=[("insert_and_run", {"after": "cell-1", "source": COUNT})]), answer("Done."))
    alice, bob = person("Alice"), person("Bob")
    tabs = [who.open(notebook) for who in (alice, bob) for _ in range(5)]
    tabs[0].ask("Do it once!")
    for tab in tabs:
        expect(tab.approve_button).to_be_enabled()
    with lab.frozen():
        for tab in tabs:
            tab.approve()
        for tab in tabs:
            expect(tab.cards.get_by_role("button", name="Sending")).to_be_disabled()
    for tab in tabs:
        tab.sees("Done.")  # what the server told this tab about its decision came before
    (winner,) = [r["actor"]["name"] for r in lab.records(notebook) if r["event"]["type"] == "confirmation_decided"]
    for tab in tabs:
        tab.sees(re.compile(f"{winner} approved"))
    told = [tab.conversation.get_by_role("alert").filter(has_text=winner) for tab in tabs]
    assert sorted(alert.count() for alert in told) == [0] + [1] * 9
    assert (lab.files / "effects").read_text() == "x"
