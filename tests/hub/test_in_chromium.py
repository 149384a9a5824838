"""The sidebar in two people's browsers, who come through the Hub's sign-in to one shared server."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any
from urllib.parse import quote

import pytest
import requests
from playwright.sync_api import Browser, expect, sync_playwright

from tests.browser.page import ARGS, PATIENCE_MS, Tab
from tests.hub.hub import PASSWORD, Hub

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def browser(chromium: str) -> Iterator[Browser]:
    """A real Chromium without a window."""
    with sync_playwright() as playwright:
        launched = playwright.chromium.launch(executable_path=chromium, args=ARGS)
        yield launched
        launched.close()


@pytest.fixture(autouse=True)
def jp_asyncio_loop() -> None:
    """No loop: Playwright brings an event loop of its own."""


@pytest.fixture(autouse=True)
def jp_server_cleanup() -> None:
    """Nothing to clean."""


def arrive(browser: Browser, hub: Hub, name: str, notebook: str) -> Tab:
    """Sign in at the Hub as somebody, and open Alice's notebook with the copilot beside it."""
    context = browser.new_context(viewport={"width": 1400, "height": 900})
    context.set_default_timeout(PATIENCE_MS)
    page = context.new_page()
    page.goto(f"{hub.url}hub/login?next={quote(f'/user/alice/lab/tree/{notebook}')}")
    page.get_by_label("Username").fill(name)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    if name != "alice":
        page.get_by_role("button", name="Authorize").click()
    tab = Tab(page)
    tab.show()
    return tab


def test_both_are_here_and_what_one_confirms_the_other_sees_under_their_name(
    shared: None, hub: Hub, notebook: str, browser: Browser
) -> None:
    alice, bob = (arrive(browser, hub, name, notebook) for name in ("alice", "bob"))
    for each in (alice, bob):
        expect(each.people).to_have_accessible_name(re.compile("alice.*bob|bob.*alice"))
    room = f"{hub.server('alice')}api/copilot/notebooks/{notebook}"
    headers = {"Authorization": f"token {hub.token('alice')}"}
    question = {"type": "open_confirmation", "confirmation_id": "q", "title": "Delete 10,000 rows?"}
    body: dict[str, Any] = {"command_id": "c", "command": question}
    assert requests.post(f"{room}/commands", json=body, headers=headers, timeout=30).ok
    expect(alice.cards).to_have_count(1)
    bob.cards.get_by_role("button", name="Confirm").click()
    for each in (alice, bob):
        expect(each.cards).to_have_count(0)
        each.sees(re.compile("bob", re.IGNORECASE))
    confirmation = requests.get(room, headers=headers, timeout=30).json()["state"]["confirmations"]["q"]
    assert (confirmation["by"]["name"], confirmation["by"]["auth"]) == ("bob", "browser")
