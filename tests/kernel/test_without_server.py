"""The same code in plain Python, where nobody can be asked."""

from __future__ import annotations

import subprocess
import sys

import nbformat
import pytest
from nbclient import NotebookClient

from jupyter_copilot.kernel.environment import TOKEN_VARIABLE, server_address
from jupyter_copilot.protocol.errors import ConnectionLost


def _run(code: str) -> str:
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    return result.stdout + result.stderr


def test_confirm_says_that_there_is_nobody_to_ask() -> None:
    said = _run("from jupyter_copilot import confirm\nconfirm('Go on?')")
    assert "NotConfirmed" in said and "does not run in a notebook's kernel" in said and "Open it in JupyterLab" in said


@pytest.mark.parametrize(("default", "approved"), [("confirm", True), ("cancel", False)])
def test_a_default_stands_in(default: str, approved: bool) -> None:
    code = (
        f"from jupyter_copilot import confirm\nd = confirm('Go on?', default={default!r})\nprint(bool(d), d.by, d.at)"
    )
    assert _run(code).strip() == f"{approved} None None"


def test_a_default_may_be_the_label_of_an_option() -> None:
    code = "d = confirm('Go on?', options=['Drop it', 'Keep it'], default='Drop it'); print(d.label, bool(d))"
    assert _run("from jupyter_copilot import confirm\n" + code).strip() == "Drop it True"


def test_a_server_that_is_gone_gives_the_default_too() -> None:
    code = """
import os
os.environ.update(JUPYTER_COPILOT_URL="http://127.0.0.1:9/", JUPYTER_COPILOT_TOKEN="t")
import jupyter_copilot.kernel.connection as connection
connection.CONNECT_S = 0.3
from jupyter_copilot import confirm
print(confirm("Go on?", default="cancel").option)
confirm("Go on?")
"""
    said = _run(code)
    assert "cancel" in said and "NotConfirmed: The copilot cannot be reached" in said
    assert "on another machine" in said and "CopilotApp.kernel_url" in said


@pytest.mark.slow
async def test_a_notebook_that_a_program_runs_gets_the_same_words(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(TOKEN_VARIABLE, raising=False)
    cells = [
        "from jupyter_copilot import Panel, confirm, ask\nPanel()",
        "confirm('Go on?', default='cancel').option",
        "confirm('Go on?')",
    ]
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(cell) for cell in cells])
    await NotebookClient(notebook, kernel_name="python3", allow_errors=True).async_execute()
    panel, default, error = (cell.outputs[-1] for cell in notebook.cells)
    assert "gave this kernel no access" in panel.data["text/plain"]
    assert default.data["text/plain"] == "'cancel'"
    assert error.ename == "NotConfirmed" and "gave this kernel no access" in error.evalue


def test_asking_and_magics_say_what_to_do() -> None:
    said = _run("from jupyter_copilot import ask\nask('hello')")
    assert "ConnectionLost" in said and "Open it in JupyterLab" in said


@pytest.mark.parametrize(
    ("environ", "words"),
    [
        ({"JPY_SESSION_NAME": "/a.ipynb"}, "install it there"),
        ({"JUPYTER_COPILOT_TOKEN": "t"}, "Unix socket"),
    ],
)
def test_each_way_of_having_no_access_has_its_words(environ: dict[str, str], words: str) -> None:
    with pytest.raises(ConnectionLost, match=words) as caught:
        server_address(environ)
    assert caught.value.code == "no_server"


def test_the_token_is_in_no_representation() -> None:
    address = server_address({"JUPYTER_COPILOT_URL": "http://127.0.0.1:8888/", "JUPYTER_COPILOT_TOKEN": "sesame"})
    assert "sesame" not in repr(address) and address.channel == "ws://127.0.0.1:8888/api/copilot/kernel/channel"
