"""Notebooks as people have them, through each way to a notebook: what was asked changes, and nothing else.

The column of the tab is played on JupyterLab's own model, in `labextension/test/executor/real-kinds.test.ts`.
"""

from __future__ import annotations

import json
from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest
from jupyter_core.utils import ensure_async
from traitlets.config import Config

from jupyter_copilot.notebooks.picker import NotebookPicker
from jupyter_copilot.ports.notebook import Cell, InsertCell, MoveCell, SetSource

from .conftest import PATH

KINDS: dict[str, Any] = json.loads((Path(__file__).parent / "kinds.json").read_text())
LAST: dict[str, Any] = {
    "id": "plain",
    "cell_type": "code",
    "execution_count": None,
    "metadata": {},
    "outputs": [],
    "source": "x = 1",
}
OF_THE_FORMAT = ("nbformat", "nbformat_minor")


@pytest.fixture(params=["contents", "live_document"])
def adapter(request: pytest.FixtureRequest) -> str:
    name: str = request.param
    return name


@pytest.fixture
def jp_server_config(jp_server_config: Config, adapter: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Config:
    monkeypatch.chdir(tmp_path)
    jp_server_config.YDocExtension.disable_rtc = adapter == "contents"
    return jp_server_config


def with_last(kind: str) -> dict[str, Any]:
    """The notebook with a plain cell behind the others."""
    notebook: dict[str, Any] = deepcopy(KINDS[kind])
    last = LAST if notebook["nbformat_minor"] >= 5 else {key: LAST[key] for key in LAST if key != "id"}
    notebook["cells"].append(dict(last))
    return notebook


async def as_jupyter_saves(serverapp: Any, file: Path) -> dict[str, Any]:
    """The notebook as Jupyter itself writes it when it only loads and saves it."""
    copy = file.with_name("copy.ipynb")
    copy.write_bytes(file.read_bytes())
    path = PATH.replace(file.name, copy.name)
    model = await ensure_async(serverapp.contents_manager.get(path, content=True, type="notebook"))
    saved = {"type": "notebook", "format": "json", "content": model["content"]}
    await ensure_async(serverapp.contents_manager.save(saved, path))
    notebook: dict[str, Any] = json.loads(copy.read_text())
    return notebook


def joined(cell: dict[str, Any], adapter: str) -> dict[str, Any]:
    source = cell["source"]
    # jupyter-collaboration has no null sources, and drops attachments that are empty.
    lost = ["attachments"] if adapter == "live_document" and not cell.get("attachments") else []
    kept = {key: cell[key] for key in cell if key not in lost}
    return {**kept, "source": "".join(source) if isinstance(source, list) else source or ""}


@pytest.mark.parametrize("kind", KINDS)
async def test_what_was_asked_changes_and_nothing_else(
    serverapp: Any, picker: NotebookPicker, file: Path, adapter: str, kind: str
) -> None:
    file.write_text(json.dumps(with_last(kind)))
    jupyters = await as_jupyter_saves(serverapp, file)
    notebook = await picker.open()
    assert notebook.adapter == adapter
    cells = await notebook.read()
    assert len({cell.cell_id for cell in cells}) == len(jupyters["cells"])
    last = cells[-1]
    edit = SetSource(cell_id=last.cell_id, expected=last.version, source="x = 2")
    await notebook.apply([edit, InsertCell(cell_id="n", after=last.cell_id, cell_type="code", source="n")], "e1")
    await notebook.apply([MoveCell(cell_id=last.cell_id, after=None)], "e2")
    await notebook.forget(["e1", "e2"])
    now = await (await picker.open()).read()
    assert [cell.cell_id for cell in now] == [last.cell_id, *(cell.cell_id for cell in cells[:-1]), "n"]
    stored = json.loads(file.read_text())
    expected = [{**jupyters["cells"][-1], "source": "x = 2"}, *jupyters["cells"][:-1]]
    assert [joined(cell, adapter) for cell in stored["cells"][:-1]] == [joined(cell, adapter) for cell in expected]
    assert ("id" in stored["cells"][-1]) == (stored["nbformat_minor"] >= 5)
    # Other fields of the notebook itself jupyter-collaboration leaves out.
    kept = OF_THE_FORMAT if adapter == "live_document" else tuple({*stored, *jupyters} - {"cells", "metadata"})
    assert [stored[key] for key in kept] == [jupyters[key] for key in kept]
    assert "copilot" not in stored["metadata"]


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["nbformat 4.0", "nbformat 4.4", "an unknown type", "a null kernelspec"])
async def test_it_runs(picker: NotebookPicker, file: Path, adapter: str, kind: str) -> None:
    file.write_text(json.dumps(with_last(kind)))
    notebook = await picker.open()
    last: Cell = (await notebook.read())[-1]
    edit = SetSource(cell_id=last.cell_id, expected=last.version, source="print(6 * 7)")
    await notebook.apply([edit], "e1")
    outcome = await notebook.run(last.cell_id, "e1.r", lambda piece: None, None)
    assert (outcome.status, outcome.outputs[0]["text"]) == ("ok", "42\n")
    await notebook.forget(["e1"])
    stored = json.loads(file.read_text())
    assert stored["nbformat_minor"] == KINDS[kind]["nbformat_minor"]
    assert "copilot" not in json.dumps(stored)
    assert "".join(stored["cells"][-1]["outputs"][0]["text"]) == "42\n"
