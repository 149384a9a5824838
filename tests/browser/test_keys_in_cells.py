"""Keys that are pressed on what is the copilot's inside a notebook do nothing to the notebook."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from playwright.sync_api import expect

from jupyter_copilot.testing.fault_server_thread import FaultServerThread
from jupyter_copilot.testing.replies import answer
from tests.browser.lab import Lab
from tests.browser.page import Person, Tab

PANEL = "from jupyter_copilot import Panel\nPanel(height=380)"
RUN = ("run_cell", {"cell_id": "cell-3"})
KEYS = """() => {
    // What is bound to all of the page, such as saving, is none of the notebook's keys.
    const inCommandMode = /\\.jp-Notebook|jp-mod-commandMode|\\[data-jp-/;
    const found = jupyterapp.commands.keyBindings.filter(binding => inCommandMode.test(binding.selector));
    return [...new Map(found.map(({ keys }) => [keys.join(', '), keys])).values()];
}"""
WATCH = """() => {
    window.executed = [];
    const everywhere = new Set(jupyterapp.commands.keyBindings.filter(b => b.selector === 'body').map(b => b.command));
    jupyterapp.commands.commandExecuted.connect((_, { id }) => {
        if (!everywhere.has(id)) {
            window.executed.push(id);
        }
    });
    // What a key means to the copilot itself is another matter.
    WebSocket.prototype.send = () => undefined;
    for (const type of ['click', 'submit', 'beforeinput']) {
        window.addEventListener(type, event => {
            event.preventDefault();
            event.stopImmediatePropagation();
        }, true);
    }
}"""
OURS = """() => {
    const focusable = 'a[href], button, input, select, textarea, [tabindex], [contenteditable=true]';
    const ours = '.jp-Notebook :is([class^=jp-Copilot], [class*=" jp-Copilot"])';
    const isShown = element => element.checkVisibility() && !element.disabled && !element.matches('.jp-Cell');
    const all = [...document.querySelectorAll(focusable)];
    window.ours = all.filter(element => element.closest(ours) !== null && isShown(element));
    window.ours = window.ours.filter(element => !element.closest('.jp-Cell-inputArea, .jp-Collapser'));
    return window.ours.map(element => `${element.className} ${element.textContent}`);
}"""
FOCUS = """index => {
    const element = window.ours[index];
    element.focus();
    // What a key means to ourselves may have drawn something else there.
    return element.checkVisibility() && !element.disabled ? document.activeElement === element : null;
}"""
NAMES = {"Accel": "ControlOrMeta", "Ctrl": "Control", "Cmd": "Meta"}


def pressed(key: str) -> str:
    """A key as Playwright names it; JupyterLab writes `Accel Shift K`."""
    *modifiers, last = key.split()
    return "+".join([*(NAMES.get(each, each) for each in modifiers), last.lower() if len(last) == 1 else last])


def commands_of_keys(tab: Tab) -> dict[str, Any]:
    """Presses every key that means something in command mode on each thing of ours: which commands came of it."""
    tab.page.evaluate(WATCH)
    bindings = tab.page.evaluate(KEYS)
    assert ["D", "D"] in bindings and ["B"] in bindings
    found: dict[str, Any] = {}
    names = tab.page.evaluate(OURS)
    # The keys that decide come last: what is decided has no buttons any more.
    for keys in sorted(bindings, key=lambda keys: any(key.split()[-1] in ("Enter", "Delete") for key in keys)):
        for index, name in enumerate(names):
            focused = tab.page.evaluate(FOCUS, index)
            if focused is None:
                continue
            if not focused:
                found[name] = "cannot have the focus"
            for key in keys:
                tab.page.keyboard.press(pressed(key))
            if executed := tab.page.evaluate("() => window.executed.splice(0)"):
                found[name] = [*keys, *executed]
    return found


def test_no_key_of_command_mode_reaches_the_notebook_from_anything_of_ours(
    lab: Lab, person: Callable[[str], Person], model: FaultServerThread
) -> None:
    notebook = lab.write("keys.ipynb", PANEL, "1 / 0", "total = 1")
    model.add(answer("I shall run it.", calls=[RUN]))
    tab = person("Alice").open(notebook)
    tab.run(1)
    expect(tab.panel_in_notebook.get_by_role("combobox").first).to_be_visible()
    tab.run(2)
    expect(tab.cell(2).get_by_role("button", name="Fix")).to_be_visible()
    composer = tab.panel_in_notebook.get_by_role("combobox", name="Message to everybody here and the copilot")
    composer.fill("Run it!")
    composer.press("Enter")
    expect(tab.cell(3).get_by_role("group", name="Change 1 of 1, Run")).to_be_visible()
    expect(tab.panel_in_notebook.get_by_role("article", name="Waiting for")).to_be_visible()
    before = tab.page.locator(".jp-Notebook .jp-Cell .cm-content").all_inner_texts()
    found = commands_of_keys(tab)
    assert len(tab.page.evaluate(OURS)) > 8
    assert found == {}
    assert tab.page.locator(".jp-Notebook .jp-Cell .cm-content").all_inner_texts() == before
