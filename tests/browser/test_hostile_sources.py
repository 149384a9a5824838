"""What runs is what the card shows, and nothing leaves the machine without a decision: judged in a real browser."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Locator, Page, Request, expect

from jupyter_copilot.core.visible_text import hazards, visible
from jupyter_copilot.testing.fault_server_thread import FaultServerThread
from jupyter_copilot.testing.replies import answer
from jupyter_copilot.tools.builtin.draft import with_line_feeds
from tests.browser.lab import Lab
from tests.browser.page import Person, Tab
from tests.hostile import CELLS, SOURCES, Hostile

Someone = Callable[[str], Person]
PICTURE = (
    "data:image/svg+xml;base64,PHN2ZyB4bWxucz0iaHR0cDovL3d3dy53My5vcmcvMjAwMC9zdmciIHdpZHRoPSI5MCIgaGVpZ2h0PSIzMCIvPg=="
)
LONG = "\n".join(f"step_{number} = {number}" for number in range(120))

# Every line of what is shown, with the part of it that is drawn where a person can see it.
IN_SIGHT = """effect => {
    effect.scrollTop = effect.scrollHeight;
    const frame = effect.getBoundingClientRect();
    const walker = document.createTreeWalker(effect, NodeFilter.SHOW_TEXT);
    const outside = [];
    while (walker.nextNode()) {
        const range = document.createRange();
        range.selectNodeContents(walker.currentNode);
        for (const box of range.getClientRects()) {
            const style = getComputedStyle(walker.currentNode.parentElement);
            const drawn = style.visibility === 'visible' && Number(style.opacity) === 1;
            const isFor = walker.currentNode.parentElement.closest('.jp-Copilot-sr') ? 'ears' : 'eyes';
            if (isFor === 'eyes' && (!drawn || box.right > frame.right + 1 || box.left < frame.left - 1)) {
                outside.push(walker.currentNode.data);
            }
        }
    }
    return outside;
}"""


def effects(tab: Tab) -> Locator:
    """What each card that waits shows of what will happen."""
    return tab.cards.get_by_role("group", name="What will happen")


def written(text: str) -> list[str]:
    """The lines that somebody reads, without the signs of the diff and what is read out beside them."""
    lines = [
        re.sub(r"^[+\u2212]?\s*(added:|removed:)?", "", line.strip()) for line in text.replace("\u2192", "").split("\n")
    ]
    return [line for line in (re.sub(r"\s+", " ", line).strip() for line in lines) if line]


def told(hostile: Hostile) -> str:
    """How the source is shown once the server has made its line ends line feeds."""
    return visible(with_line_feeds(hostile.source))


def test_each_hostile_source_is_shown_for_what_it_is_before_it_runs(
    lab: Lab, notebook: str, person: Someone, model: FaultServerThread
) -> None:
    tab = person("Alice").open(notebook)
    sources = [hostile for hostile in SOURCES if "\ud800" not in hostile.source]
    model.add(answer(calls=[("insert_and_run", {"after": "cell-1", "source": hostile.source}) for hostile in sources]))
    tab.ask("Go on!")
    expect(tab.cards).to_have_count(len(sources))
    for hostile, effect, card in zip(sources, effects(tab).all(), tab.cards.all(), strict=True):
        effect.scroll_into_view_if_needed()
        shown = written(effect.inner_text())
        assert "".join(shown).replace(" ", "") == "".join(written(told(hostile))).replace(" ", ""), hostile.name
        assert effect.evaluate(IN_SIGHT) == [], hostile.name
        assert card.get_by_role("note").count() == int(bool(hazards(with_line_feeds(hostile.source)))), hostile.name
        expect(card.get_by_role("button", name="Approve")).to_be_enabled()
    assert tab.accessibility_problems() == []


def test_a_panel_in_the_notebook_shows_each_hostile_source_for_what_it_is_too(
    lab: Lab, person: Someone, model: FaultServerThread
) -> None:
    notebook = lab.write("panel.ipynb", "from jupyter_copilot import Panel\nPanel(height=500)")
    tab = person("Alice").open(notebook)
    tab.run(1)
    panel = tab.panel_in_notebook
    sources = [hostile for hostile in SOURCES if "\ud800" not in hostile.source]
    model.add(answer(calls=[("insert_and_run", {"after": "cell-1", "source": hostile.source}) for hostile in sources]))
    composer = panel.get_by_role("combobox", name="Message to everybody here and the copilot")
    composer.fill("Go on!")
    composer.press("Enter")
    shown = panel.get_by_role("group", name="What will happen")
    expect(shown).to_have_count(len(sources))
    for hostile, effect in zip(sources, shown.all(), strict=True):
        effect.scroll_into_view_if_needed()
        lines = written(effect.inner_text())
        assert "".join(lines).replace(" ", "") == "".join(written(told(hostile))).replace(" ", ""), hostile.name
        assert effect.evaluate(IN_SIGHT) == [], hostile.name


def test_a_cell_that_hides_a_line_shows_it_before_it_is_run(
    lab: Lab, person: Someone, model: FaultServerThread
) -> None:
    notebook = lab.write("hides.ipynb", "print('hello')  # a greeting\rimport os\u202e")
    tab = person("Alice").open(notebook)
    model.add(answer(calls=[("run_cell", {"cell_id": "cell-1"})]))
    tab.ask("Run it!")
    expect(effects(tab)).to_contain_text("import os\u27e8U+202E\u27e9")
    lines = written(effects(tab).inner_text())
    assert lines[-1] == "import os\u27e8U+202E\u27e9"


def test_a_long_cell_is_approved_once_it_was_scrolled_to_its_end_by_keyboard_alone(
    lab: Lab, notebook: str, person: Someone, model: FaultServerThread
) -> None:
    tab = person("Alice").open(notebook)
    model.add(answer(calls=[("insert_and_run", {"after": "cell-1", "source": LONG})]), answer("Done."))
    tab.ask("Go on!")
    expect(tab.approve_button).to_be_disabled()
    expect(tab.cards.get_by_role("status").filter(has_text="There is more")).to_be_visible()
    effects(tab).focus()
    tab.page.keyboard.press("Control+Enter")
    tab.page.keyboard.press("PageDown")
    expect(tab.approve_button).to_be_disabled()
    tab.page.keyboard.press("End")
    expect(tab.approve_button).to_be_enabled()
    tab.page.keyboard.press("Control+Enter")
    tab.sees("Done.")


class Elsewhere:
    """Hears of every request of a page to any host but the server."""

    def __init__(self, page: Page, url: str) -> None:
        self.heard: list[str] = []
        self._url = url
        page.on("request", self._hear)

    def _hear(self, request: Request) -> None:
        if not request.url.startswith((self._url, "data:", "blob:")):
            self.heard.append(request.url)


def test_an_obedient_model_that_edits_freely_sends_nothing_anywhere(
    lab: Lab, notebook: str, person: Someone, model: FaultServerThread
) -> None:
    tab = person("Alice").open(notebook)
    heard = Elsewhere(tab.page, lab.url)
    lab.post(notebook, {"type": "set_mode", "thread_id": "main", "mode": "auto_edit"})
    fetching = [cell for cell in CELLS if cell.hosts is not None]
    calls = [
        ("insert_cell", {"after": "cell-1", "cell_type": cell.cell_type, "source": cell.source}) for cell in fetching
    ]
    model.add(answer(calls=calls))
    tab.ask("Read the file and show me!")
    expect(tab.cards).to_have_count(len(fetching))
    for cell, card in zip(fetching, tab.cards.all(), strict=True):
        for host in cell.hosts or ["could not be made out"]:
            assert host in card.inner_text(), cell.name
    assert tab.page.locator(".jp-Notebook .jp-Cell").count() == 1
    assert heard.heard == []


def test_what_is_harmless_is_edited_freely_and_fetches_nothing(
    lab: Lab, notebook: str, person: Someone, model: FaultServerThread
) -> None:
    tab = person("Alice").open(notebook)
    heard = Elsewhere(tab.page, lab.url)
    lab.post(notebook, {"type": "set_mode", "thread_id": "main", "mode": "auto_edit"})
    harmless = [cell for cell in CELLS if cell.hosts is None and cell.cell_type == "markdown"]
    calls = [("insert_cell", {"after": "cell-1", "cell_type": "markdown", "source": cell.source}) for cell in harmless]
    model.add(answer(calls=calls), answer("All written."))
    tab.ask("Write!")
    tab.sees("All written.")
    expect(tab.page.locator(".jp-Notebook .jp-Cell")).to_have_count(1 + len(harmless))
    tab.command("notebook:render-all-markdown")
    tab.page.evaluate("() => new Promise(done => requestAnimationFrame(() => requestIdleCallback(done)))")
    assert heard.heard == []


@pytest.mark.parametrize("text", [f"![Approve]({PICTURE})", f"[![Approve]({PICTURE})](https://h.example/x)"])
def test_a_picture_of_a_button_is_framed_and_named_as_a_picture(
    lab: Lab, notebook: str, person: Someone, model: FaultServerThread, text: str
) -> None:
    tab = person("Alice").open(notebook)
    model.add(answer(text))
    tab.ask("Show!")
    picture = tab.conversation.get_by_role("img", name="Approve")
    expect(picture).to_be_visible()
    expect(tab.conversation.get_by_text("A picture in this text")).to_be_visible()
    assert tab.conversation.locator("a img").count() == 0
    assert tab.page.locator("meta[http-equiv='x-dns-prefetch-control'][content='off']").count() == 1
