"""What a visitor of `jupyter copilot demo` sees first."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from tests.browser.page import PATIENCE_MS, Tab
from tests.demo.command import running_demo


@pytest.fixture
def visitor(tmp_path: Path, browser: Browser) -> Iterator[Tab]:
    """Somebody who just opened the address that the command printed."""
    with running_demo(tmp_path, f"--dir={tmp_path / 'demo'}") as demo:
        context = browser.new_context(viewport={"width": 1400, "height": 900})
        context.set_default_timeout(PATIENCE_MS)
        page = context.new_page()
        page.goto(demo.page)
        yield Tab(page)
        context.close()
        demo.end()


def test_greeting_plot_approval_and_who_approved(visitor: Tab) -> None:
    visitor.is_live()
    visitor.sees("One copilot for everyone here")
    expect(visitor.conversation).to_contain_text("Demo model — no language model.")
    visitor.ask("plot flipper length by species")
    expect(visitor.cards).to_contain_text("Run cells 2 and 3")
    visitor.approve()
    expect(visitor.cards).to_contain_text("flipper_length_mm")
    pictures = visitor.page.locator(".jp-Notebook .jp-OutputArea-output img")
    before = pictures.count()
    visitor.approve()
    visitor.sees(re.compile("^Anonymous .* approved$"), times=2)
    expect(pictures).to_have_count(before + 1)
    expect(visitor.conversation.get_by_role("img", name="done")).not_to_have_count(0)
