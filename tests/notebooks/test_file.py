"""The notebook's file: parsed once for each of its versions, and never mistaken for an older one."""

from __future__ import annotations

import asyncio
import json
import os
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from nbformat.sign import NotebookNotary

from jupyter_copilot.notebooks.cell_ids import CellIds
from jupyter_copilot.notebooks.file import NotebookFile
from jupyter_copilot.notebooks.large_files import LARGE_BYTES, LargeFiles
from jupyter_copilot.notebooks.picker import NotebookPicker
from jupyter_copilot.ports.notebook import SetSource, version_of

from .conftest import PATH, NoTab
from .contract import CELLS
from .test_contents import set_on_disk

LONG = "# " + "x" * LARGE_BYTES


class Reads:
    """How often a contents manager parsed a notebook, and in which threads."""

    def __init__(self, contents: Any) -> None:
        self.threads: list[str] = []
        self._read = contents._read_notebook
        contents._read_notebook = self

    async def __call__(self, *args: Any, **kwargs: Any) -> Any:
        self.threads.append(threading.current_thread().name)
        return await self._read(*args, **kwargs)


@pytest.fixture
def reads(serverapp: Any) -> Reads:
    return Reads(serverapp.contents_manager)


@pytest.fixture
def notebook_file(serverapp: Any) -> NotebookFile:
    return NotebookFile(LargeFiles(serverapp.contents_manager), lambda: PATH)


def with_source(cell_id: str, source: str) -> Callable[[dict[str, Any]], dict[str, Any]]:
    def edit(notebook: dict[str, Any]) -> dict[str, Any]:
        cells = [{**cell, "source": source} if cell["id"] == cell_id else cell for cell in notebook["cells"]]
        return {**notebook, "cells": cells}

    return edit


def sources(notebook: dict[str, Any]) -> list[str]:
    return [cell["source"] for cell in notebook["cells"]]


async def test_a_file_that_did_not_change_is_parsed_once(notebook_file: NotebookFile, reads: Reads) -> None:
    first = await notebook_file.load()
    assert await notebook_file.load() is first
    await notebook_file.change(with_source("hello", "new"))
    await notebook_file.change(with_source("hello", "newer"))
    assert sources(await notebook_file.load())[1] == "newer"
    assert len(reads.threads) == 1


async def test_a_change_of_the_same_length_and_date_is_seen(notebook_file: NotebookFile, file: Path) -> None:
    os.utime(file)
    await notebook_file.load()
    date = file.stat()
    file.write_text(file.read_text().replace("'hello'", "'olleh'"))
    os.utime(file, ns=(date.st_atime_ns, date.st_mtime_ns))
    assert sources(await notebook_file.load())[1] == "print('olleh')"
    await notebook_file.change(with_source("first", "mine"))
    assert json.loads(file.read_text())["cells"][1]["source"] == ["print('olleh')"]


@pytest.mark.parametrize(("age_s", "fraction", "looks"), [(0.05, 0.25, True), (1.0, 0.25, False), (1.0, 0.0, True)])
async def test_how_long_a_file_is_young_depends_on_its_date(
    serverapp: Any, file: Path, age_s: float, fraction: float, looks: bool
) -> None:
    date = 1_700_000_000 + fraction
    os.utime(file, (date, date))
    notebook_file = NotebookFile(LargeFiles(serverapp.contents_manager), lambda: PATH, now_s=lambda: date + age_s)
    await notebook_file.load()
    file.write_text(file.read_text().replace("'hello'", "'olleh'"))
    os.utime(file, (date, date))
    assert ("olleh" in sources(await notebook_file.load())[1]) == looks


async def test_an_old_file_is_known_by_its_date_alone(serverapp: Any, file: Path) -> None:
    notebook_file = NotebookFile(LargeFiles(serverapp.contents_manager), lambda: PATH)
    os.utime(file, (1_000_000_000, 1_000_000_000))
    await notebook_file.load()
    serverapp.contents_manager._get_hash = None  # whoever hashed it now would fail
    await notebook_file.load()


async def test_what_a_hook_makes_of_a_save_is_read_again(serverapp: Any, notebook_file: NotebookFile) -> None:
    def shout(model: dict[str, Any], **kwargs: Any) -> None:
        model["content"]["cells"][0]["source"] = "# HOOK"

    serverapp.contents_manager.register_pre_save_hook(shout)
    await notebook_file.change(with_source("hello", "new"))
    assert sources(await notebook_file.load())[:2] == ["# HOOK", "new"]


async def test_a_notebook_that_moved_is_read_at_its_new_place(serverapp: Any, file: Path) -> None:
    path = PATH
    notebook_file = NotebookFile(LargeFiles(serverapp.contents_manager), lambda: path)
    await notebook_file.load()
    other = file.with_name("other.ipynb")
    other.write_bytes(file.read_bytes())
    set_on_disk(other, "hello", "elsewhere")
    path = "folder/other.ipynb"
    assert sources(await notebook_file.load())[1] == "elsewhere"


class TestLarge:
    """A large notebook: parsed, validated and signed in a thread of its own."""

    @pytest.fixture
    def serverapp(self, serverapp: Any, tmp_path: Path) -> Any:
        serverapp.config.NotebookNotary.db_file = str(tmp_path / "signatures.db")  # in memory, for tests, otherwise
        serverapp.contents_manager.notary = NotebookNotary(parent=serverapp.contents_manager)
        return serverapp

    async def test_it_is_read_and_written_off_the_loop(self, serverapp: Any, file: Path, reads: Reads) -> None:
        set_on_disk(file, "first", LONG)
        notebook = await NotebookPicker(serverapp, NoTab(), lambda: PATH).open()
        assert (await notebook.read())[0].source == LONG
        change = SetSource(cell_id="hello", expected=CELLS[1].version, source="new")
        await notebook.apply([change], "e1")
        assert [cell.source for cell in await notebook.read()][:2] == [LONG, "new"]
        assert json.loads(file.read_text())["cells"][1]["source"] == ["new"]
        assert reads.threads == []

    async def test_what_is_trusted_stays_trusted(self, serverapp: Any, file: Path) -> None:
        contents = serverapp.contents_manager
        set_on_disk(file, "first", LONG)
        await contents.trust_notebook(PATH)
        notebook = await NotebookPicker(serverapp, NoTab(), lambda: PATH).open()
        change = SetSource(cell_id="hello", expected=version_of("print('hello')"), source="new")
        await notebook.apply([change], "e1")
        model = await contents.get(PATH, content=True, type="notebook")
        assert model["content"]["cells"][1]["metadata"]["trusted"] is True

    async def test_others_are_told_that_it_was_saved(self, serverapp: Any, file: Path) -> None:
        set_on_disk(file, "first", LONG)
        told: list[dict[str, Any]] = []
        serverapp.contents_manager.emit = lambda data: told.append(data)
        await NotebookFile(LargeFiles(serverapp.contents_manager), lambda: PATH).change(with_source("hello", "new"))
        assert {"action": "save", "path": PATH} in told

    async def test_a_manager_with_hooks_is_used_as_it_is(self, serverapp: Any, file: Path, reads: Reads) -> None:
        set_on_disk(file, "first", LONG)
        serverapp.contents_manager.register_post_save_hook(lambda **kwargs: None)
        await NotebookFile(LargeFiles(serverapp.contents_manager), lambda: PATH).load()
        assert len(reads.threads) == 1


async def test_half_a_file_is_read_again_once_it_is_whole(serverapp: Any, notebook_file: NotebookFile) -> None:
    """Jupyter writes files in place: whoever reads meanwhile finds half of one."""
    disk = Path(serverapp.root_dir) / PATH
    whole = disk.read_text()
    disk.write_text(whole[: len(whole) // 2])
    read, tries = serverapp.contents_manager._read_notebook, 0

    async def reads(*args: Any, **kwargs: Any) -> Any:
        nonlocal tries
        tries += 1
        if tries == 2:
            disk.write_text(whole)
        return await read(*args, **kwargs)

    serverapp.contents_manager._read_notebook = reads
    assert len((await notebook_file.load())["cells"]) == len(CELLS)


async def test_nothing_is_read_while_it_is_written(serverapp: Any, notebook_file: NotebookFile) -> None:
    contents = serverapp.contents_manager
    save = contents.save
    order: list[str] = []
    loading: list[asyncio.Task[Any]] = []

    async def saves(*args: Any, **kwargs: Any) -> Any:
        task = asyncio.ensure_future(notebook_file.load())
        task.add_done_callback(lambda _: order.append("read"))
        loading.append(task)
        await asyncio.sleep(0.05)
        saved = await save(*args, **kwargs)
        order.append("saved")
        return saved

    contents.save = saves
    await notebook_file.change(with_source("hello", "new"))
    assert sources(await loading[0])[1] == "new" and order == ["saved", "read"]


async def test_cells_of_a_file_without_ids_are_named_once_and_anew_when_a_tab_calls_them_otherwise(
    serverapp: Any, file: Path
) -> None:
    bare = json.loads(file.read_text())
    bare["nbformat_minor"] = 4
    for cell in bare["cells"]:
        del cell["id"]
    file.write_text(json.dumps(bare))
    ids = CellIds()
    notebook_file = NotebookFile(LargeFiles(serverapp.contents_manager), lambda: PATH, ids)
    first = await notebook_file.load()
    assert await notebook_file.load() is first
    _, versions = ids.latest
    ids.learn([f"tab-{n}" for n in range(len(versions))], versions)
    again = await notebook_file.load()
    assert [cell["id"] for cell in again["cells"]] == [f"tab-{n}" for n in range(len(versions))]
