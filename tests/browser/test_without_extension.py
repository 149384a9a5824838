"""JupyterLab whose pages lack the extension: a panel is text there, in what is saved, and in what is exported."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from nbconvert import HTMLExporter
from playwright.sync_api import expect

from tests.browser.lab import Lab
from tests.browser.page import Person

PANEL = "from jupyter_copilot import Panel\nPanel()"
SAID = {"type": "post_message", "message_id": "m", "text": "Which rows are <b>empty</b>?", "run": False}
INSTALL = "Nothing draws the panel here."


@pytest.fixture
def bare_lab(tmp_path: Path) -> Iterator[Lab]:
    """JupyterLab where an administrator switched the extension of the pages off."""
    switched_off = {"disabledExtensions": {"jupyter-collaborative-copilot": True}}
    with Lab(tmp_path, {}, rtc=False, page_config=switched_off) as lab:
        yield lab


@pytest.mark.parametrize("lab", ["bare_lab"], indirect=True)
def test_a_panel_is_the_conversation_as_text(lab: Lab, newcomer: Callable[[str], Person]) -> None:
    notebook = lab.write("bare.ipynb", PANEL)
    lab.post(notebook, SAID)
    alice = newcomer("Alice")
    tab = alice.open_plain(notebook)
    tab.run(1)
    for words in (SAID["text"], INSTALL):
        tab.shows(1, str(words))
    expect(tab.panel_in_notebook).to_have_count(0)
    tab.command("docmanager:save")
    expect(tab.page.locator(".jp-mod-dirty")).to_have_count(0)
    tab.page.close()

    tab = alice.open_plain(notebook)
    for words in (SAID["text"], INSTALL):
        tab.shows(1, str(words))
    exported, _ = HTMLExporter().from_filename(str(lab.files / notebook))
    assert "Which rows are &lt;b&gt;empty&lt;/b&gt;?" in exported and INSTALL in exported
