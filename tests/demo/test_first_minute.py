"""The first minute of a visitor, in a real browser: the greeting, a request, two people, the plot, who approved it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect, sync_playwright

from ..patience import scaled
from .command import Demo, running_demo

pytestmark = [pytest.mark.browser, pytest.mark.timeout(240)]


@pytest.fixture
def browser(chromium: str) -> Iterator[Browser]:
    with sync_playwright() as playwright:
        opened = playwright.chromium.launch(
            executable_path=chromium, args=["--no-sandbox", "--disable-dev-shm-usage", "--disable-gpu"]
        )
        yield opened
        opened.close()


def visit(browser: Browser, demo: Demo) -> Page:
    """A person of their own at the printed address."""
    page = browser.new_context(viewport={"width": 1400, "height": 900}).new_page()
    page.set_default_timeout(scaled(60_000))
    page.goto(demo.page)
    expect(page.locator(".jp-Notebook .jp-Cell")).to_have_count(6, timeout=scaled(60_000))
    return page


def test_two_visitors_share_the_plot_that_one_asks_for_and_the_other_approves(browser: Browser, tmp_path: Path) -> None:
    with running_demo(tmp_path) as demo:
        alice, bob = visit(browser, demo), visit(browser, demo)
        for page in (alice, bob):
            panel = page.locator("#copilot-panel")
            expect(panel).to_be_visible()
            expect(panel).to_contain_text("Demo model — no language model")
            expect(panel).to_contain_text("Live")
        box = alice.locator("#copilot-panel").locator("textarea").first
        box.fill("Plot flipper length by species")
        box.press("Enter")
        expect(bob.locator("#copilot-panel")).to_contain_text("Plot flipper length by species")
        for card in ("Run cells 2 and 3", "Insert and run a cell after cell 6"):
            expect(bob.locator("#copilot-panel")).to_contain_text(card, ignore_case=True, timeout=scaled(60_000))
            bob.locator("#copilot-panel").get_by_role("button", name=re.compile("^Approve")).click()
        for page in (alice, bob):
            panel = page.locator("#copilot-panel")
            expect(panel).to_contain_text("Three groups, with Gentoo clearly apart", timeout=scaled(60_000))
            expect(panel.get_by_text(re.compile("approved"))).to_have_count(2)
            expect(panel.locator("img").first).to_be_visible()
            expect(page.locator(".jp-Notebook .jp-Cell")).to_have_count(7)
        assert demo.end() == []
