"""Two people and an agent from outside: let in through the sidebar, seen by both, decided by one."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from urllib.error import HTTPError
from urllib.request import Request, urlopen

from playwright.sync_api import expect

from tests.browser.lab import Lab
from tests.browser.page import Person, Tab


def let_in(tab: Tab, name: str) -> tuple[str, str]:
    """The address and the token that a person is shown who lets an agent in."""
    tab.panel.get_by_role("button", name=re.compile("^Chat: ")).click()
    tab.page.get_by_role("menuitem", name="Connect an agent…").click()
    dialog = tab.page.get_by_role("dialog")
    dialog.get_by_label("Name").fill(name)
    dialog.get_by_role("button", name="Connect", exact=True).click()
    lines = dialog.locator(".jp-Copilot-lines")
    expect(lines).to_contain_text("claude mcp add")
    text = lines.inner_text()
    dialog.get_by_role("button", name="Done").click()
    url, token = re.search(r'"(http[^"]+)" --header "Authorization: Bearer ([^"]+)"', text).groups()  # type: ignore[union-attr]
    return url, token


def call(url: str, token: str, tool: str, **args: Any) -> str:
    """What a guest is told of a call."""
    body = {"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": {"name": tool, "arguments": args}}
    headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}
    with urlopen(Request(url, json.dumps(body).encode(), headers), timeout=60) as response:
        return str(json.loads(response.read())["result"]["content"][0]["text"])


def show_chat(tab: Tab, title: str) -> None:
    """Choose a chat, once the tab knows of it."""
    tab.panel.get_by_role("button", name=re.compile("^Chat: ")).click()
    entries = tab.panel.get_by_role("menu")
    entries.get_by_text(title, exact=True).click()
    expect(tab.panel.get_by_role("button", name=f"Chat: {title}")).to_be_visible()


def test_two_people_see_the_proposal_of_a_guest_and_one_of_them_decides(
    lab: Lab, notebook: str, person: Callable[[str], Person]
) -> None:
    alice, bob = person("Alice").open(notebook), person("Bob").open(notebook)
    url, token = let_in(alice, "Claude Code")
    assert url.endswith(f"/api/copilot/mcp/{notebook}") and "token" not in url
    with ThreadPoolExecutor() as threads:
        calling = threads.submit(call, url, token, "insert_cell", after=None, source="x = 42")
        for each in (alice, bob):
            each.show()
            show_chat(each, "Claude Code")
            expect(each.cards).to_have_count(1)
            expect(each.cards).to_contain_text(re.compile("Claude Code, guest of "))
        bob.approve()
        assert "Inserted" in calling.result()
    for each in (alice, bob):
        each.sees(re.compile("Bob approved"))
        expect(each.cards).to_have_count(0)
        expect(each.cell(1)).to_contain_text("x = 42")
    (decided,) = lab.events(notebook, "confirmation_decided")
    assert decided["option"] == "approve"
    (admitted,) = lab.events(notebook, "guest_admitted")
    lab.post(notebook, {"type": "revoke_guest", "guest_id": admitted["guest_id"]})
    try:
        call(url, token, "read_notebook")
    except HTTPError as error:
        assert error.code == 401
    else:
        raise AssertionError("a guest that was sent away came in")
