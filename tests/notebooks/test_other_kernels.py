"""Kernels of other languages, and such as speak less of the protocol: a cell runs on each as Jupyter itself runs it."""

from __future__ import annotations

import asyncio
import json
import shutil
import sys
import time
from pathlib import Path
from typing import Any

import pytest
from traitlets.config import Config

from jupyter_copilot.notebooks.ipynb import with_cells
from jupyter_copilot.notebooks.kernel.kernel import NotebookKernel
from jupyter_copilot.notebooks.picker import NotebookPicker
from jupyter_copilot.ports.notebook import Cell, RunOutcome
from jupyter_copilot.protocol.errors import ToolError
from jupyter_copilot.tools.render.terminal import screen_text

from ..patience import scaled
from ..tools.bench import Bench as Tools
from .conftest import EMPTY, PATH, Shown

pytestmark = pytest.mark.slow

ECHO = Path(__file__).with_name("shell_only_kernel.py")
PYTHON = sys.executable
SPECS: dict[str, dict[str, Any]] = {
    "echo": {"argv": [PYTHON, str(ECHO), "{connection_file}"], "display_name": "Echo", "language": "echo"},
    "quiet": {"argv": [PYTHON, str(ECHO), "{connection_file}", "silent"], "display_name": "Quiet", "language": "echo"},
    "ir": {
        "argv": ["R", "--slave", "-e", "IRkernel::main()", "--args", "{connection_file}"],
        "display_name": "R",
        "language": "R",
    },
    "bash": {
        "argv": [PYTHON, "-m", "bash_kernel", "-f", "{connection_file}"],
        "display_name": "Bash",
        "language": "bash",
    },
    "scheme": {
        "argv": [PYTHON, "-m", "calysto_scheme", "-f", "{connection_file}"],
        "display_name": "Scheme",
        "language": "scheme",
    },
}


@pytest.fixture
def jp_server_config(jp_server_config: Config, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Config:
    for name, spec in SPECS.items():
        folder = tmp_path / "specs" / "kernels" / name
        folder.mkdir(parents=True)
        (folder / "kernel.json").write_text(json.dumps(spec))
    monkeypatch.setenv("JUPYTER_PATH", str(tmp_path / "specs"))
    return jp_server_config


class Bench:
    """One notebook on a kernel of one's choice."""

    def __init__(self, file: Path, picker: NotebookPicker, server: Any) -> None:
        self.file = file
        self.picker = picker
        self.kernel = NotebookKernel(server.session_manager, server.kernel_manager, lambda: PATH)
        self.shown = Shown()

    def write(self, kernel: str, *sources: str) -> None:
        cells = [Cell(cell_id=f"c{n}", cell_type="code", source=source) for n, source in enumerate(sources, 1)]
        spec = {"name": kernel, "display_name": kernel, "language": SPECS.get(kernel, {}).get("language", "python")}
        notebook = {**EMPTY, "metadata": {"kernelspec": spec}}
        self.file.write_text(json.dumps(with_cells(notebook, cells)) + "\n")

    async def run(self, cell_id: str = "c1", timeout_s: float | None = 60) -> RunOutcome:
        notebook = await self.picker.open()
        return await notebook.run(cell_id, f"exec.{cell_id}", self.shown, timeout_s)

    def text_of(self, cell_id: str) -> str:
        return _text(self.cell(cell_id)["outputs"])

    def cell(self, cell_id: str) -> dict[str, Any]:
        cells: list[dict[str, Any]] = json.loads(self.file.read_text())["cells"]
        return next(cell for cell in cells if cell["id"] == cell_id)


def _text(outputs: list[dict[str, Any]]) -> str:
    parts = [output.get("text") or output.get("data", {}).get("text/plain", "") for output in outputs]
    return "".join("".join(part) for part in parts)


@pytest.fixture
def bench(file: Path, picker: NotebookPicker, serverapp: Any) -> Bench:
    return Bench(file, picker, serverapp)


@pytest.mark.parametrize("kernel", ["echo", "quiet"])
async def test_a_kernel_that_answers_only_on_the_shell_channel_runs_a_cell(bench: Bench, kernel: str) -> None:
    bench.write(kernel, "hello", "again")
    assert (await bench.run()).status == "ok"
    began = time.monotonic()
    assert (await bench.run("c2")).status == "ok"
    assert time.monotonic() - began < scaled(15)
    assert (bench.text_of("c1"), bench.text_of("c2")) == ("hello\n", "again\n")


async def test_a_busy_kernel_that_says_nothing_is_waited_for(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("jupyter_copilot.notebooks.kernel.kernel.START_TIMEOUT_S", 1.0)
    monkeypatch.setattr("jupyter_copilot.notebooks.kernel.connection.ATTEMPT_S", 1.0)
    bench.write("echo", "sleep 6", "hello")
    first = asyncio.create_task(bench.run())
    while await bench.kernel.find() is None:
        await asyncio.sleep(0.05)
    second = asyncio.create_task(bench.run("c2"))
    assert [(await task).status for task in (first, second)] == ["ok", "ok"]
    assert bench.text_of("c2") == "hello\n"


@pytest.mark.parametrize(
    ("kernel", "code", "printed"),
    [
        ("ir", "x <- 6 * 7\ncat('it is', x, '\\n')", "it is 42"),
        ("bash", "name=world\necho hello $name", "hello world"),
        ("scheme", "(define x 42)\n(display x)", "42"),
    ],
)
async def test_a_kernel_of_another_language_runs_a_cell(bench: Bench, kernel: str, code: str, printed: str) -> None:
    bench.write(kernel, code)
    outcome = await bench.run()
    assert outcome.status == "ok" and printed in bench.text_of("c1")
    assert printed in bench.shown.text


async def test_r_raises_is_interrupted_and_shows_help(bench: Bench) -> None:
    bench.write("ir", "stop('no such thing')", "Sys.sleep(60)", "?mean", "cat('still here')")
    failed = await bench.run("c1")
    assert failed.status == "error" and "no such thing" in json.dumps(failed.outputs)
    assert (await bench.run("c2", timeout_s=2)).status == "timeout"
    assert (await bench.run("c3")).status == "ok"
    assert "Arithmetic Mean" in screen_text(bench.text_of("c3"))  # R strikes its headings over
    assert (await bench.run("c4")).status == "ok" and bench.text_of("c4") == "still here"


@pytest.mark.parametrize(("kernel", "hint"), [("ir", "ls.str()"), ("bash", "declare -p"), ("scheme", "a cell that")])
async def test_a_kernel_whose_variables_cannot_be_inspected_is_sent_no_python(
    bench: Bench, kernel: str, hint: str
) -> None:
    bench.write(kernel, "")
    tools = Tools(await bench.picker.open())  # type: ignore[arg-type]
    for tool, args in (("inspect_variables", {}), ("inspect_variable", {"name": "n"})):
        with pytest.raises(ToolError, match="whose language is") as caught:
            await tools.call(tool, **args)
        assert hint in caught.value.hint


@pytest.mark.parametrize("name", ["R", "bash"])
def test_the_programs_are_here(name: str) -> None:
    assert shutil.which(name), "run scripts/kernels.sh first"


async def test_help_is_an_output_of_the_cell(bench: Bench) -> None:
    bench.write("python3", "len?", "%pinfo str.join")
    for cell_id, word in (("c1", "number of items"), ("c2", "Concatenate any number of strings")):
        outcome = await bench.run(cell_id)
        (output,) = bench.cell(cell_id)["outputs"]
        assert output["output_type"] == "display_data" and word in "".join(output["data"]["text/plain"])
        assert word in _text(outcome.outputs) and word in bench.shown.text


async def test_code_that_is_loaded_stands_in_the_notebook_as_jupyter_puts_it(bench: Bench, tmp_path: Path) -> None:
    script = tmp_path / "script.py"
    script.write_text("loaded = 1\n")
    bench.write("python3", f"%load {script}", "get_ipython().set_next_input('x = 3')")
    replaced = await bench.run("c1")
    assert replaced.next_input is not None and replaced.next_input.replaced
    assert "".join(bench.cell("c1")["source"]).endswith("loaded = 1\n")
    below = (await bench.run("c2")).next_input
    assert below is not None and not below.replaced
    assert [cell["id"] for cell in json.loads(bench.file.read_text())["cells"]] == ["c1", "c2", below.cell_id]
    assert "".join(bench.cell(below.cell_id)["source"]) == "x = 3" and bench.cell(below.cell_id)["outputs"] == []


@pytest.mark.parametrize("code", ["exit()", "quit", "import sys; x = 1\nexit()"])
async def test_a_kernel_that_code_ends_is_gone_when_the_cell_is_over(bench: Bench, code: str) -> None:
    bench.write("python3", code, "print('x' in globals())")
    outcome = await bench.run("c1")
    assert outcome.status == "ok" and outcome.kernel_ended
    assert "variables and imports are gone" in bench.shown.text
    assert (await bench.run("c2")).status == "ok" and bench.text_of("c2") == "False\n"


async def test_a_kernel_that_is_to_be_kept_and_a_file_to_be_edited_are_told(bench: Bench) -> None:
    payload = "{'source': 'edit_magic', 'filename': 'a.py', 'line_number': 3}"
    bench.write("python3", "quit(keep_kernel=True)", f"get_ipython().payload_manager.write_payload({payload})")
    kept = await bench.run("c1")
    assert not kept.kernel_ended and "keep the kernel" in kept.notes[0]
    assert "'a.py' at line 3" in (await bench.run("c2")).notes[0]
