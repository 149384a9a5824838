"""What it costs a kernel to import the package."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest

IMPORT = """
import json, sys, time
import ipykernel.ipkernel, ipywidgets
before = set(sys.modules)
begin = time.process_time()
from jupyter_copilot import Panel, ask, confirm, confirm_async, requires_confirmation, wait_for
spent = time.process_time() - begin
print(json.dumps([spent, sorted(set(sys.modules) - before)]))
"""
SERVER = ("jupyter_server", "openai", "tornado.web", "tornado.websocket", "nbformat", "jsonschema", "sqlite3")


def _imported() -> tuple[float, list[str]]:
    result = subprocess.run([sys.executable, "-c", IMPORT], capture_output=True, text=True, check=True)
    spent, modules = json.loads(result.stdout)
    return spent, modules


def test_a_kernel_imports_nothing_of_the_server() -> None:
    _, modules = _imported()
    assert "jupyter_copilot.kernel.confirm" in modules
    ours = [name for name in modules if name.startswith("jupyter_copilot")]
    layers = ("jupyter_copilot.server", "jupyter_copilot.agent", "jupyter_copilot.models", "jupyter_copilot.storage")
    assert not [name for name in ours if name.startswith(layers)]
    assert not [name for name in modules if name.startswith(SERVER)]


@pytest.mark.slow
def test_the_import_takes_less_than_50_ms() -> None:
    best = min(_imported()[0] for _ in range(5))
    assert best < 0.05, f"{best * 1000:.0f} ms of CPU"


def test_importing_changes_nothing_in_ipython() -> None:
    code = """
from IPython.core.interactiveshell import InteractiveShell
shell = InteractiveShell.instance()

def look():
    return [dict(shell.magics_manager.magics["line"]), list(shell.events.callbacks["pre_run_cell"]), shell.displayhook]

before = look()
from jupyter_copilot import Panel, confirm
assert before == look()
shell.run_line_magic("load_ext", "jupyter_copilot")
assert {"copilot", "copilot_fix"} <= set(shell.magics_manager.magics["line"])
assert "copilot" in shell.magics_manager.magics["cell"]
"""
    subprocess.run([sys.executable, "-c", code], check=True)
