"""Scratch code, documentation and the kernel's state, each in a real kernel, and what is said without one."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from jupyter_copilot.notebooks.ipynb import with_cells
from jupyter_copilot.notebooks.picker import NotebookPicker
from jupyter_copilot.protocol.errors import NotebookError
from tests.notebooks.conftest import EMPTY, NoTab

from ...bench import TOOLS, Bench, code

SOURCE = """\
import json

class Trap:
    \'\'\'Catches whoever looks.\'\'\'
    ran = []

    @property
    def value(self):
        \'\'\'A value.\'\'\'
        self.ran.append(1)
        return 1

    def __getattr__(self, name):
        self.ran.append(name)
        raise AttributeError(name)

def rate(gain, cost=2):
    \'\'\'How much is gained.\'\'\'
    return gain / cost

trap, print_ = Trap(), print
exec = 3"""


async def opened(jp_serverapp: Any) -> Bench:
    file = Path(jp_serverapp.root_dir) / "nb.ipynb"
    file.write_text(json.dumps(with_cells(EMPTY, [code("load", SOURCE)])))
    return Bench(await NotebookPicker(jp_serverapp, NoTab(), lambda: file.name).open())  # type: ignore[arg-type]


@pytest.mark.slow
async def test_scratch_code_runs_among_the_variables_without_a_cell_or_a_trace(jp_serverapp: Any) -> None:
    live = await opened(jp_serverapp)
    await live.call("run_cells", cell_ids=["load"])
    told = await live.call("evaluate", code="y = rate(6)\ny * 2")
    assert told.text == "~~~printed\n6.0\n~~~"
    assert (await live.call("evaluate", code="z = y")).text == "It ran, and printed nothing."
    assert "7" in (await live.call("evaluate", code="print(int(z) + 4)")).text
    with pytest.raises(NotebookError, match="NameError"):
        await live.call("evaluate", code="nowhere")
    names = (await live.call("kernel_state")).text
    assert "The kernel is idle. Runs since it started: 1." in names and "y: float" in names
    assert "scratch" not in names and "code:" not in names
    cells = await live.notebook.read()
    assert [cell.execution_count for cell in cells] == [1], "neither a cell nor a count"


@pytest.mark.slow
async def test_documentation_is_that_of_the_kernel_and_looking_runs_nothing(jp_serverapp: Any) -> None:
    live = await opened(jp_serverapp)
    await live.call("run_cells", cell_ids=["load"])
    assert "rate(gain, cost=2)\n\nHow much is gained." in (await live.call("get_docs", name="rate")).text
    assert "json.dumps(obj, *, skipkeys=False" in (await live.call("get_docs", name="json.dumps()")).text
    assert "A value." in (await live.call("get_docs", name="trap.value")).text
    for name in ("trap.nothing", "trap.ran.nothing", "nowhere", "os.path.nothing"):
        with pytest.raises(Exception, match="is not loaded in the kernel"):
            await live.call("get_docs", name=name)
    assert (await live.call("evaluate", code="Trap.ran")).text == "~~~printed\n[]\n~~~"


async def test_people_see_the_code_that_runs_and_what_it_may_do_is_read_from_it(bench: Bench) -> None:
    proposal = await bench.propose("evaluate", code="import os; os.remove('a')")
    assert proposal.preview.code == "import os; os.remove('a')" and proposal.dangers is None
    assert TOOLS.find("evaluate").effect == "execute"


async def test_without_a_kernel_that_is_what_is_told(bench: Bench) -> None:
    assert "No variable" not in (await bench.call("kernel_state")).text
    with pytest.raises(NotebookError, match="no running kernel"):
        await bench.call("evaluate", code="1")


@pytest.mark.parametrize("name", ["a b", "f(1)", "__import__('os').system('x')", "a..b", "1"])
async def test_only_names_are_looked_up(bench: Bench, name: str) -> None:
    assert "is not a dotted name" in str(await bench.refusal("get_docs", name=name))
