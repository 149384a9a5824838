"""Takes the pictures of the documentation again, from the real product: `make images`.

A real JupyterLab with a real kernel, two people in Chromium, the demo's notebook and the demo model.
"""

from __future__ import annotations

import os
import re
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from playwright.sync_api import Browser, Locator, Page, expect, sync_playwright

from jupyter_copilot import demo
from jupyter_copilot.demo.choice import demo_endpoint
from jupyter_copilot.demo.place import EXAMPLE, NOTEBOOK
from jupyter_copilot.demo.process import DemoModel
from tests.browser.lab import Lab
from tests.browser.network import Network
from tests.browser.page import ARGS, Person, Tab

ROOT = Path(__file__).resolve().parent.parent
OUT = ROOT / "docs" / "images"
VIEW = {"width": 1160, "height": 720}
LIGHT, DARK = "JupyterLab Light", "JupyterLab Dark"
NARROW_PX = 240


def main() -> None:
    """Take all pictures; prints the size of each."""
    OUT.mkdir(parents=True, exist_ok=True)
    with served() as lab, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=os.environ.get("COPILOT_CHROMIUM") or None, args=ARGS)
        first_use(browser, lab)
        together(browser, lab)
        questions(browser, lab)
        in_the_cells(browser, lab)
        offline(browser, lab)
        browser.close()


@contextmanager
def served() -> Iterator[Lab]:
    """JupyterLab with the demo model."""
    with tempfile.TemporaryDirectory() as folder, DemoModel() as model:
        models = demo_endpoint(model.url, model.token)
        lab = Lab(Path(folder) / "lab", {}, rtc=True, config={"CopilotApp": {"models": models}})
        for name in EXAMPLE[1:]:
            shutil.copyfile(Path(demo.__file__).parent / "example" / name, lab.files / name)
        with lab:
            yield lab


def first_use(browser: Browser, lab: Lab) -> None:
    """What a newcomer sees."""
    with closing(Person(browser, lab.url, "Alice", viewport=VIEW)) as alice:
        tab = open_example(alice, lab, "first.ipynb")
        tab.sees("One copilot for everyone here")
        window(tab, "first-use-light")
        tab.use_theme(DARK)
        window(tab, "first-use-dark")


def together(browser: Browser, lab: Lab) -> None:
    """One confirmation from two sides, and what became of it."""
    with (
        closing(Person(browser, lab.url, "Alice", viewport=VIEW)) as alice,
        closing(Person(browser, lab.url, "Bob", viewport=VIEW)) as bob,
    ):
        one = open_example(alice, lab, NOTEBOOK)
        other = bob.open(NOTEBOOK)
        one.ask("plot flipper length by species")
        expect(one.cards).to_contain_text("Run cells 2 and 3")
        one.approve()
        for tab in (one, other):
            expect(tab.cards).to_contain_text("flipper_length_mm")
        other.cards.hover()
        one.sees(re.compile("Bob is reviewing"))
        panel(one, "shared-1-alice")
        other.approve_button.hover()
        panel(other, "shared-2-bob")
        window(one, "confirmation-light")
        one.use_theme(DARK)
        window(one, "confirmation-dark")
        one.use_theme(LIGHT)
        other.approve()
        for tab in (one, other):
            tab.sees(re.compile("Bob approved"))
            expect(tab.composer).to_be_enabled()
            expect(tab.panel.get_by_role("button", name="Stop the copilot")).to_have_count(0)
        panel(one, "shared-3-alice")
        one.output(7).get_by_role("img").scroll_into_view_if_needed()
        window(one, "plot-light")
        one.use_theme(DARK)
        window(one, "plot-dark")


def questions(browser: Browser, lab: Lab) -> None:
    """A fix as a diff, in a wide and a narrow panel, and a question with a form."""
    with asked(browser, lab, "fix.ipynb", "fix cell 6") as tab:
        expect(tab.cards).to_contain_text("flipper_length_mm")
        panel(tab, "fix-light")
        narrow(tab.page)
        panel(tab, "narrow-light")
        tab.use_theme(DARK)
        panel(tab, "narrow-dark")
    with asked(browser, lab, "ask.ipynb", "clean up the missing values") as tab:
        expect(tab.cards).to_contain_text("a question to everybody here")
        panel(tab, "question-light")


def in_the_cells(browser: Browser, lab: Lab) -> None:
    """A proposal where the code is, and what it says of itself once it is done."""
    with asked(browser, lab, "review.ipynb", "fix cell 6") as tab:
        expect(tab.cards).to_contain_text("flipper_length_mm")
        tab.page.get_by_role("button", name="Next change").click()
        expect(tab.page.locator(".jp-Copilot-proposal:focus")).to_be_in_viewport()
        for theme, name in ((DARK, "dark"), (LIGHT, "light")):
            tab.use_theme(theme)
            window(tab, f"review-{name}")
        tab.page.keyboard.press("Control+Enter")
        changed = tab.cell(6)
        expect(changed).not_to_contain_text("Traceback")
        changed.hover()
        expect(tab.page.get_by_text(re.compile("^Edited by"))).to_be_visible()
        for theme, name in ((DARK, "dark"), (LIGHT, "light")):
            tab.use_theme(theme)
            changed.hover()
            window(tab, f"changed-{name}")


@contextmanager
def asked(browser: Browser, lab: Lab, name: str, question: str) -> Iterator[Tab]:
    """A new example in which this was asked, and the data that it needs were loaded."""
    with closing(Person(browser, lab.url, "Alice", viewport=VIEW)) as alice:
        tab = open_example(alice, lab, name)
        tab.ask(question)
        expect(tab.cards).to_contain_text("Run cells 2 and 3")
        tab.approve()
        yield tab


def offline(browser: Browser, lab: Lab) -> None:
    """No network, and a message that waits for one."""
    with (
        closing(Network(lab.port)) as network,
        closing(Person(browser, network.url, "Alice", viewport=VIEW)) as alice,
    ):
        tab = open_example(alice, lab, "offline.ipynb")
        tab.ask("explain cell 3")
        expect(tab.conversation.get_by_role("button", name="Copy this answer")).to_be_visible()
        network.cut()
        alice.context.set_offline(True)
        tab.is_offline()
        tab.ask("and what is in cell 4?")
        expect(tab.conversation).to_contain_text("waiting to be sent")
        panel(tab, "offline-light")


def open_example(person: Person, lab: Lab, name: str) -> Tab:
    """A fresh copy of the example, open, with its kernel and without the file browser."""
    shutil.copyfile(Path(demo.__file__).parent / "example" / NOTEBOOK, lab.files / name)
    tab = person.open(name)
    tab.has_kernel()
    tab.use_theme(LIGHT)
    tab.command("application:toggle-left-area")
    return tab


def narrow(page: Page) -> None:
    """Drag the panel's edge until it is as narrow as it may get used."""
    box = page.locator("#copilot-panel").bounding_box()
    assert box is not None
    edge, middle = box["x"] - 2, box["y"] + box["height"] / 2
    page.mouse.move(edge, middle)
    page.mouse.down()
    page.mouse.move(box["x"] + box["width"] - NARROW_PX, middle, steps=5)
    page.mouse.up()


def window(tab: Tab, name: str) -> None:
    """A picture of the whole page."""
    save(tab.page, name)


def panel(tab: Tab, name: str) -> None:
    """A picture of the panel alone."""
    save(tab.page.locator("#copilot-panel"), name)


def save(what: Page | Locator, name: str) -> None:
    """Write the picture, and say how large it is."""
    path = OUT / f"{name}.png"
    what.screenshot(path=path, animations="disabled")
    print(f"{path.relative_to(ROOT)}: {path.stat().st_size // 1000} kB")


if __name__ == "__main__":
    main()
