"""The page of tool servers: how they are, what they offer, and whom people trust."""

from __future__ import annotations

import re
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.browser.lab import Lab
from tests.browser.page import Person, Tab

ODD = str(Path(__file__).parents[1] / "tools" / "mcp" / "odd_server.py")


@pytest.fixture(scope="module")
def serving_lab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lab]:
    """JupyterLab with a server of tools that lives, and one that does not."""
    folder = tmp_path_factory.mktemp("servers")
    servers = {"odd": {"command": sys.executable, "args": [ODD]}, "dead": {"command": str(folder / "nothing")}}
    with Lab(folder, {}, rtc=False, config={"CopilotApp": {"mcp_servers": servers}}) as lab:
        yield lab


@pytest.fixture
def lab(serving_lab: Lab) -> Lab:
    return serving_lab


def show_servers(tab: Tab) -> None:
    """Turn to the page of tool servers."""
    tab.panel.get_by_role("button", name=re.compile("^Chat: ")).click()
    tab.page.get_by_role("menuitem", name="Tool servers…").click()


def test_people_see_each_server_trust_a_tool_and_connect_anew(lab: Lab, newcomer: Callable[..., Person]) -> None:
    tab = newcomer("Alice").open(lab.write("servers.ipynb", "x = 1"))
    tab.show()
    show_servers(tab)
    page = tab.page.get_by_role("region", name="Tool servers")
    expect(page.get_by_text(re.compile(r"Connected, \d+ tools"))).to_be_visible(timeout=60_000)
    expect(page.get_by_text("Not connected")).to_be_visible()
    page.get_by_text("Tools", exact=True).click()
    trust = page.get_by_label("Trust environment to only read")
    trust.click()
    expect(trust).to_be_checked()
    assert tab.accessibility_problems() == []
    page.get_by_role("button", name="Reconnect dead").click()
    expect(page.get_by_role("alert")).to_have_count(0)
    page.get_by_role("button", name="Back to the chat").click()
    show_servers(tab)
    page.get_by_text("Tools", exact=True).click()
    expect(trust).to_be_checked()
    page.get_by_role("button", name="Back to the chat").click()
    expect(tab.panel.get_by_role("button", name=re.compile("^Chat: "))).to_be_visible()
