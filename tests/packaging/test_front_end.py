"""JupyterLab in a browser runs cells and saves a notebook as it does where our extension is switched off."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import nbformat
import pytest
from playwright.sync_api import Browser, sync_playwright

from ..patience import scaled
from .environment import TOKEN, Environment

pytestmark = [pytest.mark.browser, pytest.mark.slow]

CELLS = ["print('out')\n1 + 1", "1 / 0"]
KERNEL = {"kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"}}
OFF = {
    "labconfig/page_config.json": {"disabledExtensions": {"jupyter-collaborative-copilot": True}},
    "jupyter_server_config.json": {"ServerApp": {"jpserver_extensions": {"jupyter_copilot": False}}},
}
RUN_AND_SAVE = """async () => {
    const app = window.jupyterapp;
    await app.restored;
    const { revealed, sessionContext } = app.shell.currentWidget;
    await revealed;
    await sessionContext.ready;
    await app.commands.execute('notebook:run-all-cells');
    await app.commands.execute('docmanager:save');
    return app.commands.listCommands().filter(name => name.startsWith('copilot:'));
}"""


@pytest.fixture(scope="module")
def browser(chromium: str) -> Iterator[Browser]:
    with sync_playwright() as playwright:
        launched = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox", "--disable-gpu"])
        yield launched
        launched.close()


@pytest.fixture(autouse=True)
def jp_asyncio_loop() -> None:
    """No loop: the servers are processes here, and Playwright brings an event loop of its own."""


@pytest.fixture(autouse=True)
def jp_server_cleanup() -> None:
    """Nothing to clean."""


def test_cells_run_and_notebooks_are_saved_byte_for_byte_as_without_us(browser: Browser, tmp_path: Path) -> None:
    commands, without = run_and_save(browser, tmp_path / "without", OFF)
    assert commands == []
    commands, with_us = run_and_save(browser, tmp_path / "with", {})
    assert commands != []
    cells = nbformat.reads(without.decode(), as_version=4).cells
    assert [len(cell.outputs) for cell in cells] == [2, 1]
    assert with_us == without


def run_and_save(browser: Browser, home: Path, config: dict[str, Any]) -> tuple[list[str], bytes]:
    """Run all cells of a new notebook and save it; our commands in the page, and the file."""
    for name, content in config.items():
        (home / ".jupyter" / name).parent.mkdir(parents=True, exist_ok=True)
        (home / ".jupyter" / name).write_text(json.dumps(content))
    home.mkdir(exist_ok=True)
    cells = [nbformat.v4.new_code_cell(source, id=f"cell-{n}") for n, source in enumerate(CELLS)]
    nbformat.write(nbformat.v4.new_notebook(cells=cells, metadata=KERNEL), home / "one.ipynb")
    own = Environment(root=Path(sys.prefix), home=home)
    with own.server("--LabApp.expose_app_in_browser=True", "--YDocExtension.disable_rtc=True") as server:
        page = browser.new_page()
        page.goto(f"{server.url}lab/tree/one.ipynb?token={TOKEN}")
        page.locator(".jp-Notebook .jp-CodeCell").first.wait_for(timeout=scaled(60_000))
        commands: list[str] = page.evaluate(RUN_AND_SAVE)
        page.close()
    return commands, (home / "one.ipynb").read_bytes()
