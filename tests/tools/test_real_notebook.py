"""The tools on a real notebook file and a real kernel, with no tab open."""

from __future__ import annotations

import asyncio
import base64
import json
from pathlib import Path
from typing import Any

import nbformat
import pytest
from msgspec.structs import replace

from jupyter_copilot import protocol as p
from jupyter_copilot.agent.copilot.facts import cell_notes
from jupyter_copilot.core import state as s
from jupyter_copilot.notebooks.ipynb import with_cells
from jupyter_copilot.notebooks.picker import NotebookPicker
from jupyter_copilot.ports.notebook import source_digest
from jupyter_copilot.tools.builtin.draft import new_cell_id
from tests.notebooks.conftest import EMPTY, NoTab

from .bench import Bench, code, markdown

pytestmark = pytest.mark.slow

PLOT = """\
%matplotlib inline
import matplotlib.pyplot as plt
print("drawing")
plt.plot([1, 3, 2]);"""


@pytest.fixture
def file(jp_root_dir: Path) -> Path:
    file = jp_root_dir / "nb.ipynb"
    file.write_text(json.dumps(with_cells(EMPTY, [markdown("intro", "# Title"), code("load", "x = 6")])))
    return file


async def test_a_plot_an_error_and_a_probe(jp_serverapp: Any, file: Path) -> None:
    notebook = await NotebookPicker(jp_serverapp, NoTab(), lambda: file.name).open()
    bench = Bench(notebook)  # type: ignore[arg-type]
    plot = {"after": "load", "source": PLOT}
    drawn = await bench.call("insert_and_run", call_id="r1.c1", **plot)
    assert "\ndrawing\n" in drawn.text and "[image/png, attached as image 1]" in drawn.text
    assert base64.b64decode(drawn.images[0].data).startswith(b"\x89PNG")
    assert [output.kind for output in bench.emitted] == ["stdout", "image"]
    found = await bench.probe("insert_and_run", call_id="r1.c1", **plot)
    assert found is not None and found.images == drawn.images and "ran without error" in found.text

    new = new_cell_id("r1.c1")
    version = next(cell.version for cell in await notebook.read() if cell.cell_id == new)
    change = {"cell_id": new, "expected_version": version, "source": "def f():\n    return 1 / 0\n\nf()"}
    failed = await bench.call("edit_and_run", call_id="r1.c2", **change)
    assert f"Edited cell 3 [{new}]." in failed.text and "raised an error" in failed.text
    assert "return 1 / 0" in failed.text and "ZeroDivisionError: division by zero" in failed.text
    assert "\x1b" not in failed.text
    assert await bench.probe("insert_and_run", call_id="r1.c1", **plot) is None

    assert (await bench.call("run_cell", call_id="r1.c3", cell_id="load")).text.endswith("It has no output.")
    assert "x: int, 6" in (await bench.call("inspect_variables")).text
    await bench.call("restart_kernel", call_id="r1.c4")
    assert "no variables" in (await bench.call("inspect_variables")).text

    on_disk = nbformat.read(file, as_version=nbformat.NO_CONVERT)
    nbformat.validate(on_disk)
    assert [cell["id"] for cell in on_disk["cells"]] == ["intro", "load", new]


async def test_a_free_kernel_says_what_it_ran_and_whose_outputs_are_stale(jp_serverapp: Any, file: Path) -> None:
    notebook = await NotebookPicker(jp_serverapp, NoTab(), lambda: file.name).open()
    await notebook.read()
    assert (await notebook.kernel_facts()).running is False
    bench = Bench(notebook)  # type: ignore[arg-type]
    await bench.call("run_cell", call_id="r1.c1", cell_id="load")
    await bench.call("insert_and_run", call_id="r1.c2", after="load", source="import numpy\nx + 1")
    facts, cells = await notebook.kernel_facts(), await notebook.read()
    assert facts.running and facts.packages["numpy"] and facts.runs is not None
    assert [facts.runs[cell.execution_count] for cell in cells[1:] if cell.execution_count] == [
        source_digest(cell.source) for cell in cells[1:]
    ]
    state = s.initial(p.LogId("log"))
    assert cell_notes(cells, facts, state, {}) == {}
    changed = [cells[0], replace(cells[1], source="x = 7"), cells[2]]
    assert cell_notes(changed, facts, state, {}) == {"load": "stale"}
    await bench.call("restart_kernel", call_id="r1.c3")
    for kernel_id in jp_serverapp.kernel_manager.list_kernel_ids():  # as when it is killed before its idle is heard
        jp_serverapp.kernel_manager.get_kernel(kernel_id).execution_state = "busy"
    after = await notebook.kernel_facts()
    assert after.runs == {} and list(cell_notes(cells, after, state, {})) == ["load", new_cell_id("r1.c2")]


async def test_a_kernel_that_works_says_nothing_and_is_not_waited_for(
    jp_serverapp: Any, jp_root_dir: Path, file: Path
) -> None:
    notebook = await NotebookPicker(jp_serverapp, NoTab(), lambda: file.name).open()
    bench = Bench(notebook)  # type: ignore[arg-type]
    await bench.call("run_cell", call_id="r1.c1", cell_id="load")
    until_told = "import os, time\nwhile not os.path.exists('go'): time.sleep(0.05)"
    working = asyncio.create_task(bench.call("insert_and_run", call_id="r1.c2", after="load", source=until_told))
    while not (facts := await notebook.kernel_facts()).busy:
        await asyncio.sleep(0.05)
    assert facts.runs is None and not working.done()
    (jp_root_dir / "go").touch()
    await working
    assert (await notebook.kernel_facts()).runs is not None
