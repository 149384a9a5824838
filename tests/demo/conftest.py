"""The example notebook's cells, in the folder that they read from."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import matplotlib
import nbformat
import pytest
from matplotlib import pyplot

from jupyter_copilot import demo
from tests.demo.stage import Stage

EXAMPLE = Path(demo.__file__).parent / "example"
matplotlib.use("Agg")


@pytest.fixture
def penguins(monkeypatch: pytest.MonkeyPatch) -> Iterator[Stage]:
    """The demo model and the example notebook, none of whose cells has run in the kernel."""
    monkeypatch.chdir(EXAMPLE)
    notebook = nbformat.read(EXAMPLE / "penguins.ipynb", as_version=4)
    yield Stage(*(cell.source for cell in notebook.cells if cell.cell_type == "code"), root=str(EXAMPLE))
    pyplot.close("all")
