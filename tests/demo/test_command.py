"""The demo as a visitor starts, uses and stops it: real processes, real signals, a real kernel."""

from __future__ import annotations

import json
import signal
import socket
import subprocess
import sys
import urllib.request
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from jupyter_copilot import protocol as p
from jupyter_copilot.cli.main import main
from jupyter_copilot.client import connect
from jupyter_copilot.core import state as s

from .command import Demo, running_demo

pytestmark = [pytest.mark.slow, pytest.mark.crash, pytest.mark.timeout(300)]


def get(demo: Demo, path: str, method: str = "GET") -> Any:
    request = urllib.request.Request(demo.url + path, method=method, headers={"Authorization": "token secret"})
    with urllib.request.urlopen(request, timeout=30) as answer:
        return json.load(answer)


@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGTERM])
def test_it_says_where_it_is_and_ends_with_all_that_it_started(tmp_path: Path, how: signal.Signals) -> None:
    with running_demo(tmp_path) as demo:
        assert [line.split()[0] for line in demo.lines] == ["Starting", "notebook", "model", "together", "open", "stop"]
        assert "Demo model — no language model" in demo.lines[2]
        assert get(demo, "api/status")["kernels"] == 0
        get(demo, "api/kernels", "POST")
        assert len(demo.family()) >= 3
        assert demo.end(how) == []
        assert demo.process.returncode == 0
        assert demo.lines[-1].startswith(f"Stopped. Your notebook stays in {tmp_path}")


def test_killed_it_leaves_nothing_behind_either(tmp_path: Path) -> None:
    with running_demo(tmp_path) as demo:
        get(demo, "api/kernels", "POST")
        assert demo.end(signal.SIGKILL) == []


def test_a_folder_is_kept_with_what_a_person_wrote_there_and_starts_again_fast(tmp_path: Path) -> None:
    folder = tmp_path / "mine"
    with running_demo(tmp_path, f"--dir={folder}") as demo:
        assert demo.end() == []
        assert demo.lines[6:] == [f"Stopped. Your notebook stays in {folder}."]
    notebook = folder / "penguins.ipynb"
    notebook.write_text(notebook.read_text().replace("Palmer penguins", "My penguins"))
    with running_demo(tmp_path, f"--dir={folder}") as demo:
        assert "My penguins" in json.dumps(get(demo, "api/contents/penguins.ipynb"))
        assert demo.seconds < 10
        assert demo.end() == []
    outside = [path for path in tmp_path.rglob("*") if path.is_file() and folder not in path.parents]
    assert [path for path in outside if "runtime" not in path.parts] == []


def test_the_named_port_is_taken_and_a_busy_one_refused(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        busy = taken.getsockname()[1]
        done = subprocess.run(
            [sys.executable, "-m", "jupyter_copilot.cli.main", "demo", "--no-browser", f"--port={busy}"],
            capture_output=True,
            text=True,
            timeout=60,
            env={"HOME": str(tmp_path), "TMPDIR": str(tmp_path), "PATH": ""},
        )
        assert done.returncode != 0
        assert f"port {busy} is not available" in done.stderr
    with running_demo(tmp_path, f"--port={busy}") as demo:
        assert demo.url == f"http://127.0.0.1:{busy}/"
        assert demo.end() == []


def test_a_configured_model_is_used_instead_and_its_key_written_nowhere(tmp_path: Path) -> None:
    folder = tmp_path / "mine"
    environ = {"OPENAI_API_KEY": "sk-never-seen", "OPENAI_MODEL": "gpt-of-a-test"}
    with running_demo(tmp_path, f"--dir={folder}", **environ) as demo:
        assert "gpt-of-a-test" in demo.lines[2]
        assert [model["name"] for model in get(demo, "api/copilot/models")["models"]] == ["gpt-of-a-test"]
        assert len(demo.family()) == 1
        assert demo.end() == []
    assert [path for path in tmp_path.rglob("*") if path.is_file() and b"sk-never-seen" in path.read_bytes()] == []


async def test_a_visitor_gets_the_plot_that_was_asked_for(tmp_path: Path) -> None:
    with running_demo(tmp_path) as demo:
        assert get(demo, "api/copilot/models")["models"][0]["demo"] is True
        async with connect(demo.url, "penguins.ipynb", "secret") as client:
            await client.live()
            await client.post("Plot flipper length by species")
            for tool in ("run_cells", "insert_and_run"):
                state = await client.wait(asks(tool))
                await client.decide(waiting(state, tool) or "", "approve")
            state = await client.wait(lambda state: all(isinstance(run, s.Finished) for run in state.runs.values()))
        assert [call.tool for call in state.calls.values()] == [
            "read_notebook",
            "inspect_variables",
            "run_cells",
            "inspect_variable",
            "insert_and_run",
        ]
        answers = [m for m in state.messages.values() if isinstance(m, s.Complete)]
        assert answers[0].reasoning == "I need the notebook, and what the kernel knows."
        assert answers[-1].text.startswith("Three groups, with Gentoo clearly apart: mean flipper length 217.2 mm")
        plotted = list(state.calls.values())[-1]
        assert isinstance(plotted, s.CallDone) and plotted.result.images
        assert plotted.result.text.startswith("Inserted cell 7")
        assert demo.end() == []


def asks(tool: str) -> Callable[[s.RoomState], bool]:
    return lambda state: waiting(state, tool) is not None


def waiting(state: s.RoomState, tool: str) -> p.ConfirmationId | None:
    """The open confirmation of a call of this tool."""
    return next(
        (c.confirmation_id for c in s.open_confirmations(state) if c.call_id and state.calls[c.call_id].tool == tool),
        None,
    )


def test_what_is_missing_is_said_with_how_to_get_it(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    needed = {"jupyterlab": "jupyterlab", "jupyter_copilot.no_such_module": "such-a-thing"}
    monkeypatch.setattr("jupyter_copilot.cli.demo.NEEDED", needed)
    assert main(["demo"]) == 1
    error = capsys.readouterr().err
    assert "The demo needs such-a-thing." in error and "pip install 'jupyter-collaborative-copilot[demo]'" in error
