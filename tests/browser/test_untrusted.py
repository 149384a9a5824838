"""What models, tools, notebooks and people write never becomes code in a browser, nor fetches anything unasked."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Dialog, Page, Request, expect

from jupyter_copilot.testing.fault_server_thread import FaultServerThread
from jupyter_copilot.testing.replies import answer
from tests.browser.lab import Lab
from tests.browser.page import Person, Tab

CANARY = "http://canary.invalid"
OWN = "window.__pwned = 1"
CORPUS = [
    f"<script>{OWN}</script>",
    f"<img src=x onerror='{OWN}'>",
    f'<img src="{CANARY}/html.png">',
    f"![picture]({CANARY}/markdown.png)",
    f"<a href='javascript:{OWN}'>click</a> [click](javascript:{OWN.replace(' ', '')})",
    f"<a href='data:text/html,<script>{OWN}</script>'>data</a>",
    f"<svg onload='{OWN}'><script>{OWN}</script><animate onbegin='{OWN}' attributeName='x' dur='1s'/></svg>",
    f"<math><mtext></mtext><mglyph><style><img src=x onerror='{OWN}'></style></mglyph></math>",
    f"<iframe srcdoc='<script>parent.{OWN}</script>'></iframe>",
    f"<iframe src='{CANARY}/frame'></iframe><object data='{CANARY}/object'></object><embed src='{CANARY}/embed'>",
    f"<style>@import url({CANARY}/style.css); * {{ background: url({CANARY}/all.png) }}</style>",
    f"<div style='background: url({CANARY}/style.png); position: fixed; inset: 0'>over everything</div>",
    f"<link rel=stylesheet href='{CANARY}/link.css'><meta http-equiv=refresh content='0;url={CANARY}'>",
    f"<video poster='{CANARY}/poster' src='{CANARY}/video' onerror='{OWN}'></video>",
    f"<audio src='{CANARY}/audio' onerror='{OWN}'></audio><picture><source srcset='{CANARY}/source'></picture>",
    f"<input autofocus onfocus='{OWN}'><details open ontoggle='{OWN}'>x</details><body onload='{OWN}'>",
    f"<form action='javascript:{OWN}'><button>go</button></form><base href='{CANARY}/'>",
    f"$\\href{{javascript:{OWN}}}{{x}}$ $\\unicode{{<img src=x onerror={OWN}>}}$",
    f"$\\style{{background:url({CANARY}/math)}}{{y}}$ $\\require{{html}}$",
    f'```mermaid\ngraph TD; A["<img src=x onerror=\'{OWN}\'>"] --> B; click A "javascript:{OWN}"\n```',
    f"\x1b]8;;javascript:{OWN}\x07terminal\x1b]8;;\x07 <img src=x onerror='{OWN}'>",
]
ATTACK = "\n\n".join(CORPUS)
SHORT = f"<img src=x onerror='{OWN}'><script>{OWN}</script>"

Someone = Callable[[str], Person]


class Alarm:
    """Hears of every dialog and of every request to the canary that a page makes."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.heard: list[str] = []
        page.on("dialog", self._hear_dialog)
        page.on("request", self._hear_request)
        page.on("popup", self._hear_popup)

    def end(self) -> None:
        """Hear of nothing any more."""
        self.page.remove_listener("dialog", self._hear_dialog)
        self.page.remove_listener("request", self._hear_request)
        self.page.remove_listener("popup", self._hear_popup)

    def _hear_dialog(self, dialog: Dialog) -> None:
        self.heard.append(f"dialog {dialog.message}")
        dialog.dismiss()

    def _hear_request(self, request: Request) -> None:
        if request.url.startswith(CANARY):
            self.heard.append(request.url)

    def _hear_popup(self, popup: Page) -> None:
        self.heard.append(f"popup {popup.url}")

    def is_silent(self) -> None:
        """Nothing was executed and nothing was fetched, also after the page had time to."""
        self.page.evaluate("() => new Promise(done => requestAnimationFrame(() => requestIdleCallback(done)))")
        assert self.heard == []
        assert self.page.evaluate("[window.__pwned, ...Array.from(frames).map(frame => frame.__pwned)]") == [
            None
        ] * self.page.evaluate("1 + frames.length")


@pytest.fixture
def watch() -> Iterator[Callable[[Tab], Alarm]]:
    """Sets alarms, which end with the test: the tab may serve another."""
    alarms: list[Alarm] = []

    def set_alarm(tab: Tab) -> Alarm:
        alarms.append(Alarm(tab.page))
        return alarms[-1]

    yield set_alarm
    for alarm in alarms:
        alarm.end()


@pytest.fixture
def watched(lab: Lab, notebook: str, person: Someone, watch: Callable[[Tab], Alarm]) -> tuple[Tab, Alarm]:
    """A tab, and the alarm that hears what happens in it."""
    tab = person("Alice").open(notebook)
    return tab, watch(tab)


def test_an_answer_is_text_whatever_it_holds(watched: tuple[Tab, Alarm], model: FaultServerThread) -> None:
    tab, alarm = watched
    for payload in CORPUS:
        model.add(answer(payload + " and that was all"))
    for number, _ in enumerate(CORPUS, 1):
        tab.ask("Go on!")
        expect(tab.conversation.get_by_role("button", name="Copy this answer")).to_have_count(number)
    alarm.is_silent()


def test_messages_thoughts_arguments_and_outputs_are_text(watched: tuple[Tab, Alarm], model: FaultServerThread) -> None:
    tab, alarm = watched
    code = f"print({ATTACK!r})\nraise ValueError({SHORT!r})"
    model.add(
        answer(reasoning=ATTACK, calls=[("insert_and_run", {"after": "cell-1", "source": code})]),
        answer(calls=[(SHORT, {SHORT: ATTACK}), ("read_cell", {"cell_id": SHORT})]),
        answer("That was all."),
    )
    tab.ask(ATTACK)
    expect(tab.cards).to_have_count(1)
    alarm.is_silent()
    tab.approve()
    tab.sees("That was all.")
    tab.unfold()
    alarm.is_silent()


def test_what_code_draws_runs_in_the_notebook_at_most_never_in_the_panel(
    lab: Lab, notebook: str, watched: tuple[Tab, Alarm], model: FaultServerThread
) -> None:
    tab, alarm = watched
    # The notebook trusts what was run in it; so the attack goes off only where the panel is.
    mine = "(document.currentScript || this).closest('.jp-Copilot') && (window.__pwned = 1)"
    html = f'<img src="x" onerror="{mine}"><script>{mine}</script>'
    svg = f'<svg xmlns="http://www.w3.org/2000/svg" onload="{mine}"><script>{mine}</script></svg>'
    bundle = {"text/html": html, "image/svg+xml": svg, "text/markdown": html, "text/latex": f"${html}$"}
    each = "\n".join(f"display({{'{mime}': {text!r}}}, raw=True)" for mime, text in bundle.items())
    model.add(answer(calls=[("insert_and_run", {"after": "cell-1", "source": each})]), answer("Drawn."))
    tab.ask("Draw!")
    tab.approve()
    tab.sees("Drawn.")
    tab.unfold()
    expect(tab.output(2)).to_have_count(len(bundle))
    alarm.is_silent()


def test_titles_options_names_and_comments_are_text(
    lab: Lab, notebook: str, person: Someone, watched: tuple[Tab, Alarm], watch: Callable[[Tab], Alarm]
) -> None:
    tab, alarm = watched
    mallory = person(SHORT).open(notebook)
    seen = watch(mallory)
    ask = {
        "type": "open_confirmation",
        "confirmation_id": "q",
        "title": SHORT,
        "body": ATTACK,
        "options": [{"id": "one", "label": SHORT, "style": "primary"}, {"id": "two", "label": "[x](javascript:1)"}],
        "schema": {"type": "object", "properties": {SHORT: {"type": "string", "title": SHORT, "description": ATTACK}}},
    }
    lab.post(notebook, {"type": "create_thread", "thread_id": "t", "title": SHORT})
    lab.post(notebook, {"type": "rename_thread", "thread_id": "main", "title": SHORT})
    lab.post(notebook, ask)
    expect(tab.cards).to_have_count(1)
    tab.panel.get_by_role("button", name="Chat:").click()
    alarm.is_silent()
    tab.page.keyboard.press("Escape")
    mallory.cards.get_by_role("button").filter(has_text=SHORT).click()
    tab.sees("chose", times=1)
    alarm.is_silent()
    seen.is_silent()


def test_a_picture_from_elsewhere_is_fetched_when_somebody_clicks(
    watched: tuple[Tab, Alarm], model: FaultServerThread
) -> None:
    tab, alarm = watched
    model.add(answer(f"![a plot]({CANARY}/plot.png?secret=1)"))
    tab.ask("Show it!")
    button = tab.conversation.get_by_role("button", name="Show the picture from canary.invalid")
    expect(button).to_be_visible()
    alarm.is_silent()
    button.click()
    expect(tab.conversation.get_by_role("img", name="a plot")).to_have_count(1)
    assert alarm.heard == [f"{CANARY}/plot.png?secret=1"]


def test_a_notebook_with_an_evil_name_is_only_named(
    lab: Lab, person: Someone, watch: Callable[[Tab], Alarm], model: FaultServerThread
) -> None:
    model.add(answer("Hello."))
    name = lab.write("<img src=x onerror=window.__pwned=1>.ipynb", "total = 1")
    tab = person("Alice").open(name)
    alarm = watch(tab)
    expect(tab.panel.get_by_role("heading", name=name)).to_be_visible()
    tab.ask("Hello!")
    tab.sees("Hello.")
    alarm.is_silent()
