"""The way to the notebook is picked anew for each call, by what is true at that moment."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from jupyter_core.utils import ensure_async
from traitlets.config import Config

from jupyter_copilot.notebooks.front_end import FrontEndNotebook
from jupyter_copilot.notebooks.picker import NotebookPicker

from ..tools.bench import Bench as Tools
from .conftest import PATH
from .test_front_end import ScriptedTab


@pytest.fixture(params=["rtc", "rtc switched off", "not installed"])
def rtc(request: pytest.FixtureRequest) -> str:
    name: str = request.param
    return name


@pytest.fixture
def jp_server_config(jp_server_config: Config, rtc: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Config:
    monkeypatch.chdir(tmp_path)
    jp_server_config.ServerApp.jpserver_extensions["jupyter_server_ydoc"] = rtc != "not installed"
    jp_server_config.YDocExtension.disable_rtc = rtc == "rtc switched off"
    return jp_server_config


async def test_the_adapter_is_the_one_that_fits_now(serverapp: Any, rtc: str) -> None:
    tab = ScriptedTab()
    picker = NotebookPicker(serverapp, tab, lambda: PATH)
    opened = await picker.open("call", "tab-1")
    assert opened.adapter == ("live_document" if rtc == "rtc" else "front_end")
    tab.notebook = None
    closed = await picker.open("call", "tab-1")
    assert closed.adapter == ("live_document" if rtc == "rtc" else "contents")
    assert [cell.cell_id for cell in await closed.read()] == ["first", "hello", "fails"]


async def test_the_tab_is_told_the_call_and_who_asked(serverapp: Any, rtc: str) -> None:
    tab = ScriptedTab({"status": "ok"})
    opened = await NotebookPicker(serverapp, tab, lambda: PATH).open("call", "tab-1")
    if isinstance(opened, FrontEndNotebook):
        await opened.apply([], "e1")
        assert tab.asked == [("call", {"type": "apply", "changes": [], "exec_id": "e1"}, "tab-1")]
    else:
        assert rtc == "rtc"


async def test_a_renamed_notebook_is_found_where_it_is_now(serverapp: Any, file: Path, rtc: str) -> None:
    path = PATH
    tab = ScriptedTab()
    tab.notebook = None
    picker = NotebookPicker(serverapp, tab, lambda: path)
    notebook = await picker.open()
    await notebook.read()
    await serverapp.contents_manager.rename(PATH, "elsewhere.ipynb")
    path = "elsewhere.ipynb"
    assert len(await notebook.read()) == 3


@pytest.mark.parametrize(("minor", "own", "told"), [(5, False, True), (5, True, False), (4, False, False)])
async def test_ids_that_a_file_gets_are_said_on_the_card(
    serverapp: Any, file: Path, rtc: str, minor: int, own: bool, told: bool
) -> None:
    cell: dict[str, Any] = {"cell_type": "code", "metadata": {}, "source": "x", "outputs": [], "execution_count": None}
    cells = [{**cell, **({"id": f"c{n}"} if own else {})} for n in range(2)]
    notebook = {"cells": cells, "metadata": {}, "nbformat": 4, "nbformat_minor": minor}
    file.write_text(json.dumps(notebook))
    tab = ScriptedTab()
    # A tab has what Jupyter loaded.
    model = await ensure_async(serverapp.contents_manager.get(PATH, content=True, type="notebook"))
    tab.notebook = model["content"]
    opened = await NotebookPicker(serverapp, tab, lambda: PATH).open()
    first = (await opened.read())[0]
    tools = Tools(opened)  # type: ignore[arg-type]
    proposal = await tools.propose("edit_cell", cell_id=first.cell_id, expected_version=first.version, source="y")
    assert ("every cell of the file gets an id" in proposal.preview.title) == told
