"""A person at a browser, as tests see them: everything is found by the role and the words that they get, too."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any
from urllib.parse import quote
from uuid import uuid4

from playwright.sync_api import Browser, BrowserContext, Locator, Page, expect

from tests.browser.identity import COOKIE
from tests.browser.lab import TOKEN

from ..patience import scaled

ARGS = ["--no-sandbox", "--disable-dev-shm-usage", "--disable-gpu", "--disable-background-networking"]
AXE = Path(__file__).resolve().parents[2] / "labextension/node_modules/axe-core/axe.min.js"
PATIENCE_MS = scaled(40_000.0)
OPEN = "async path => void (await window.jupyterapp.commands.execute('filebrowser:open-path', { path }))"
expect.set_options(timeout=PATIENCE_MS)


class Person:
    """Somebody with a browser of their own: an identity, cookies, and any number of tabs."""

    def __init__(self, browser: Browser, url: str, name: str, **options: Any) -> None:
        self.name = name
        self.url = url
        options.setdefault("viewport", {"width": 1400, "height": 900})
        self.context: BrowserContext = browser.new_context(**options)
        self.context.set_default_timeout(PATIENCE_MS)
        self.context.add_cookies([{"name": COOKIE, "value": quote(name), "url": url}])

    def open(self, notebook: str) -> Tab:
        """Open the notebook in a tab of JupyterLab that shows no other, with the copilot shown."""
        tab = self.open_plain(notebook)
        tab.show()
        return tab

    def open_plain(self, notebook: str) -> Tab:
        """Open the notebook in a new tab of JupyterLab."""
        page = self.context.new_page()
        page.goto(f"{self.url}lab/workspaces/{uuid4().hex}/tree/{quote(notebook)}?token={TOKEN}&reset")
        return Tab(page)

    def open_classic(self, notebook: str) -> Tab:
        """Open the notebook in a new tab of Notebook 7, and the copilot from the menu."""
        page = self.context.new_page()
        page.goto(f"{self.url}notebooks/{quote(notebook)}?token={TOKEN}")
        tab = Tab(page)
        tab.cell(1).wait_for()
        page.get_by_role("menuitem", name="View").click()
        page.get_by_role("menuitem", name="Show the Copilot").click()
        tab.is_live()
        return tab

    def rest(self) -> None:
        """Close every tab; what the browser loaded it keeps, so that the next one opens sooner.

        A tab of JupyterLab that waited empty for the next notebook now and then never got its connections again.
        """
        for page in self.context.pages:
            page.close()

    def close(self) -> None:
        """Close every tab."""
        self.context.close()


class Tab:
    """One tab with a notebook and the copilot beside it."""

    def __init__(self, page: Page) -> None:
        self.page = page
        # JupyterLab's own words about a lost server lie over everything until somebody closes them.
        lost = page.get_by_role("dialog", name="Server Connection Error")
        page.add_locator_handler(lost, lambda dialog: dialog.get_by_role("button").last.click())
        # So do those of a shared document that takes its time, even once it is there.
        slow = page.get_by_role("dialog", name=re.compile("^Loading"))
        page.add_locator_handler(slow, lambda dialog: dialog.get_by_role("button", name="Continue waiting").click())

    # Where things are

    @property
    def panel(self) -> Locator:
        """The copilot's panel."""
        return self.page.locator("section").and_(self.page.get_by_role("region", name="Copilot"))

    @property
    def conversation(self) -> Locator:
        """What was said and done."""
        return self.panel.get_by_role("log", name="Chat")

    @property
    def composer(self) -> Locator:
        """Where a message is written."""
        return self.panel.get_by_role("combobox", name="Message to everybody here and the copilot")

    @property
    def cards(self) -> Locator:
        """The confirmations that wait."""
        return self.panel.get_by_role("article", name="Waiting for a decision")

    @property
    def approve_button(self) -> Locator:
        """The button that approves what waits."""
        return self.cards.get_by_role("button", name="Approve")

    @property
    def people(self) -> Locator:
        """Who is here."""
        return self.panel.get_by_role("img", name=re.compile("(are|is) here$"))

    def cell(self, number: int) -> Locator:
        """The notebook's cell with this number, from 1 on."""
        return self.page.locator(".jp-Notebook .jp-Cell").nth(number - 1)

    def output(self, number: int) -> Locator:
        """The output of this cell."""
        return self.cell(number).locator(".jp-OutputArea-output")

    @property
    def panel_in_notebook(self) -> Locator:
        """The panel that `Panel()` put into a cell's output."""
        return self.page.locator(".jp-OutputArea .jp-Copilot-inNotebook")

    # What a person does

    def show(self) -> None:
        """Open the panel, and wait until it is live."""
        self.cell(1).wait_for()
        # What was open before comes back by itself; until then a click would close it.
        self.page.evaluate("window.jupyterapp.restored.then(() => null)")
        side = self.page.get_by_role("tab", name="Copilot")
        if side.get_attribute("aria-selected") != "true":
            side.click()
        self.is_live()

    def ask(self, text: str) -> None:
        """Write a message and send it."""
        self.composer.fill(text)
        self.composer.press("Enter")

    def approve(self) -> None:
        """Look at all of what waits, and approve it."""
        self.approve_button.wait_for()
        for effect in self.cards.get_by_role("group", name="What will happen").all():
            effect.evaluate("effect => effect.scrollTo(0, effect.scrollHeight)")
        self.approve_button.click()

    def deny(self, why: str = "") -> None:
        """Deny what waits, and say why."""
        self.cards.get_by_role("button", name="Deny").click()
        self.cards.get_by_role("textbox", name="Why?").fill(why)
        self.cards.get_by_role("button", name="Deny").click()

    def unfold(self) -> None:
        """Open everything in the conversation that can be opened."""
        folded = self.conversation.locator("[aria-expanded=false]:not([aria-haspopup])")
        while folded.count():
            folded.first.click()

    def run(self, number: int) -> None:
        """Run a cell, once there is a kernel; before, JupyterLab would ask for one."""
        expect(self.page.get_by_text(re.compile(r"\| (Idle|Busy)$"))).to_be_visible()
        self.cell(number).locator(".cm-content").click()
        self.page.keyboard.press("Control+Enter")

    def command(self, name: str) -> None:
        """Run one of JupyterLab's commands."""
        self.page.evaluate("async name => void (await window.jupyterapp.commands.execute(name))", name)

    def begin(self, name: str) -> None:
        """Begin one of JupyterLab's commands that is not over before a person answers its dialog."""
        self.page.evaluate("name => void window.jupyterapp.commands.execute(name)", name)

    def use_theme(self, theme: str) -> None:
        """Switch JupyterLab to a theme, and wait until it is there."""
        self.page.evaluate("theme => window.jupyterapp.commands.execute('apputils:change-theme', {theme})", theme)
        self.page.locator(f"body[data-jp-theme-name='{theme}']").wait_for(state="attached")

    # What a person sees

    def is_live(self) -> None:
        """Wait until the connection is live."""
        expect(self.panel.get_by_role("status").get_by_text("Live", exact=True)).to_be_visible()

    def has_kernel(self) -> None:
        """Wait until the notebook's kernel is idle."""
        expect(self.page.get_by_role("contentinfo").get_by_text("| Idle")).to_be_visible()

    def is_offline(self) -> None:
        """Wait until the connection is noticed to be lost."""
        expect(self.panel.get_by_role("status").get_by_text("Offline")).to_be_visible()

    def sees(self, text: str | re.Pattern[str], times: int = 1) -> None:
        """Wait until the conversation shows this text so many times."""
        expect(self.conversation.get_by_text(text)).to_have_count(times)

    def is_busy(self, number: int) -> None:
        """Wait until this cell runs, or waits for its turn."""
        expect(self.cell(number).locator(".jp-InputPrompt")).to_have_text("[*]:")

    def shows(self, number: int, text: str) -> None:
        """Wait until the cell's outputs together hold this text."""
        expect(self.cell(number).locator(".jp-OutputArea")).to_contain_text(text)

    def shows_output(self, number: int, text: str) -> None:
        """Wait until the cell's output holds this text."""
        expect(self.output(number)).to_contain_text(text)

    def accessibility_problems(self, *within: str) -> list[str]:
        """What axe-core calls serious or critical inside of the panel, or of these elements."""
        self.page.add_script_tag(path=AXE)
        found = self.page.evaluate(
            "include => axe.run({include}, {resultTypes: ['violations']}).then(result => result.violations)",
            [[each] for each in within or ("section.jp-Copilot",)],
        )
        return [
            f"{violation['impact']}: {violation['id']}: {node['target'][0]}: {node['failureSummary']}"
            for violation in found
            if violation["impact"] in ("serious", "critical")
            for node in violation["nodes"]
        ]
