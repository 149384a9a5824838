"""The documented extension of somebody else: built as it stands there, it uses the copilot of the page."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import expect

from jupyter_copilot.testing.fault_server_thread import FaultServerThread
from jupyter_copilot.testing.replies import answer
from tests.browser.lab import ROOT, Lab
from tests.browser.page import Person
from tests.docs.pages import DOCS, blocks

PAGE = DOCS / "extend-the-sidebar.md"
NAME = "copilot-example"
SCRIPT = ROOT / "scripts" / "node.sh"
TSCONFIG = {
    "extends": str(ROOT / "labextension" / "tsconfig.json"),
    "compilerOptions": {"rootDir": "src", "outDir": "lib", "incremental": False, "tsBuildInfoFile": None},
    "include": ["src"],
}


@pytest.fixture(scope="module")
def extension(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The documented extension, type-checked and built."""
    folder = tmp_path_factory.mktemp("extension") / NAME
    (folder / "src").mkdir(parents=True)
    (folder / "src" / "index.ts").write_text(blocks(PAGE, "ts")[0])
    (folder / "package.json").write_text(blocks(PAGE, "json")[0])
    (folder / "tsconfig.json").write_text(json.dumps(TSCONFIG))
    modules = folder / "node_modules"
    modules.mkdir()
    for installed in (ROOT / "labextension" / "node_modules").iterdir():
        (modules / installed.name).symlink_to(installed)
    (modules / "jupyter-collaborative-copilot").symlink_to(ROOT / "labextension")
    build = f"source {SCRIPT} && cd {folder} && node_modules/.bin/tsc && jupyter-builder build ."
    done = subprocess.run(["bash", "-c", build], cwd=ROOT, env=with_venv(), capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
    return folder


def with_venv() -> dict[str, str]:
    """The environment in which the tools of this Python come first."""
    return {**os.environ, "PATH": os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])}


@pytest.fixture(scope="module")
def lab(tmp_path_factory: pytest.TempPathFactory, model_environ: dict[str, str], extension: Path) -> Iterator[Lab]:
    """JupyterLab with that extension in both of its parts."""
    folder = tmp_path_factory.mktemp("third")
    package = folder / "package"
    info = package / "copilot_example-0.1.0.dist-info"
    info.mkdir(parents=True)
    (package / "copilot_example.py").write_text(blocks(PAGE, "python")[0])
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: copilot-example\nVersion: 0.1.0\n")
    (info / "entry_points.txt").write_text(entry_points())
    lab = Lab(folder / "lab", {**model_environ, "PYTHONPATH": str(package)}, rtc=False)
    shutil.copytree(extension / "static", folder / "lab" / "data" / "labextensions" / NAME)
    with lab:
        yield lab


def entry_points() -> str:
    """The entry points as an installed package has them."""
    (declared,) = blocks(PAGE, "toml")
    group = re.search(r'entry-points\."(.+)"', declared)
    assert group is not None
    return f"[{group[1]}]\n" + re.sub(r"^\[.*\]\n", "", declared).replace('"', "")


def test_a_tool_of_another_extension_is_performed_in_the_page(
    lab: Lab, newcomer: Callable[[str], Person], model: FaultServerThread
) -> None:
    notebook = lab.write("two.ipynb", "1", "2")
    model.add(
        answer("I fold them.", calls=[("collapse_outputs", {"collapsed": True})]),
        answer("Folded. Shall I run one?", calls=[("run_cell", {"cell_id": "cell-1"})]),
        answer("It ran."),
    )
    alice = newcomer("Alice").open(notebook)
    alice.has_kernel()
    alice.command("copilot-example:summarise")
    alice.sees("Summarise this notebook in three sentences.")
    alice.sees("Folded. Shall I run one?")
    expect(alice.page.locator("body[data-copilot-waits='1']")).to_be_attached()
    assert "2 cells are folded." in str(model.requested(2).body["messages"])
    alice.approve()
    alice.sees("It ran.")
    expect(alice.page.locator("body[data-copilot-waits='0']")).to_be_attached()
    collapsed = "window.jupyterapp.shell.currentWidget.content.model.cells.get(1).getMetadata('collapsed')"
    assert alice.page.evaluate(collapsed) is True
