"""A panel where nothing of ours can draw it: Voilà's visitors read a sentence, in a box of widgets, too."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from tests.browser.lab import ROOT, TOKEN, Lab, until_it_listens

PANEL = "from jupyter_copilot import Panel\nPanel()"
BOX = "import ipywidgets\nipywidgets.VBox([ipywidgets.Label('a label'), Panel(compact=True)])"
ASK = "from jupyter_copilot import confirm\nprint('it is', confirm('Go on?', default='cancel').option)"


@pytest.fixture(scope="module")
def voila(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with Voilà. In the environment itself, it would be a button in everybody's JupyterLab."""
    target = tmp_path_factory.mktemp("voila")
    install = [sys.executable, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-deps"]
    subprocess.run([*install, "--target", str(target), "voila>=0.5.8,<0.6", "websockets"], check=True)
    return target


@pytest.fixture
def by_itself(voila: Path, tmp_path: Path) -> Iterator[str]:
    """The address of a notebook that Voilà serves, without a server of Jupyter's."""
    lab = Lab(tmp_path, {}, rtc=False)  # for its folders; it does not start
    notebook = lab.files / lab.write("dashboard.ipynb", PANEL, BOX, ASK)
    environ = os.environ | {"PYTHONPATH": f"{voila}{os.pathsep}{ROOT}", "JUPYTER_PATH": str(voila / "share/jupyter")}
    process = subprocess.Popen(
        [sys.executable, "-m", "voila", str(notebook), "--no-browser", f"--port={lab.port}"],
        env=environ,
        start_new_session=True,
    )
    try:
        until_it_listens(lab.port)
        yield lab.url
    finally:
        process.terminate()
        process.wait()


@pytest.fixture
def in_a_server(voila: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """The address of a notebook that Voilà serves in a server that has the copilot, too."""
    monkeypatch.setenv("PYTHONPATH", str(voila))
    environ = {"JUPYTER_PATH": str(voila / "share/jupyter")}
    config = {"ServerApp": {"jpserver_extensions": {"voila.server_extension": True}}}
    lab = Lab(tmp_path, environ, rtc=False, command="server", config=config)
    notebook = lab.write("dashboard.ipynb", PANEL, BOX, ASK)
    with lab:
        yield f"{lab.url}voila/render/{notebook}?token={TOKEN}"


@pytest.mark.parametrize("served", ["by_itself", "in_a_server"])
def test_a_visitor_reads_where_the_copilot_is_and_sees_nothing_broken(
    browser: Browser, served: str, request: pytest.FixtureRequest
) -> None:
    page = browser.new_page()
    try:
        page.goto(request.getfixturevalue(served))
        expect(page.get_by_text("it is cancel")).to_be_visible()
        expect(page.get_by_text("a label")).to_be_visible()
        words = page.get_by_text("Voilà shows what this notebook computes, without its copilot.")
        expect(words).to_have_count(2)
        for each in words.all():
            expect(each).to_be_visible()
        expect(page.get_by_text("error")).to_have_count(0)
    finally:
        page.close()
