"""The contents adapter on a real server: what somebody else saved is never overwritten."""

from __future__ import annotations

import json
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from jupyter_copilot.notebooks.picker import NotebookPicker
from jupyter_copilot.ports.notebook import InsertCell, MoveCell, Notebook, SetSource, version_of
from jupyter_copilot.protocol.errors import NotebookMissing, StaleCells

from .contract import CELLS, EditingContract, Held, RunningContract, cell_of

OnDisk = Callable[[], dict[str, Any]]


def set_on_disk(file: Path, cell_id: str, source: str) -> None:
    """What somebody does in an editor."""
    notebook = json.loads(file.read_text())
    for cell in notebook["cells"]:
        if cell["id"] == cell_id:
            cell["source"] = source
    file.write_text(json.dumps(notebook, indent=1) + "\n")


@pytest.fixture
def held(jp_asyncio_loop: Any, picker: NotebookPicker, file: Path) -> Held:
    async def set_source(cell_id: str, source: str) -> None:
        set_on_disk(file, cell_id, source)

    notebook = jp_asyncio_loop.run_until_complete(picker.open())
    assert notebook.adapter == "contents"
    return Held(notebook, set_source)


@pytest.fixture
def notebook(held: Held) -> Notebook:
    return held.notebook


class TestContentsEdits(EditingContract):
    pass


@pytest.mark.slow
class TestContentsRuns(RunningContract):
    pass


def edit(cell_id: str, source: str) -> SetSource:
    expected = next(cell.version for cell in CELLS if cell.cell_id == cell_id)
    return SetSource(cell_id=cell_id, expected=expected, source=source)


async def test_reading_leaves_the_file_as_it_is(notebook: Notebook, file: Path) -> None:
    before = (file.read_bytes(), file.stat().st_mtime_ns)
    await notebook.read()
    assert not await notebook.applied("e1")
    assert await notebook.ran("hello", "e1") is None
    assert (file.read_bytes(), file.stat().st_mtime_ns) == before


async def test_a_change_touches_its_cell_only(notebook: Notebook, file: Path, on_disk: OnDisk) -> None:
    before = json.loads(file.read_text())
    await notebook.apply([edit("hello", "new")], "e1")
    after = on_disk()
    assert after["metadata"] == before["metadata"]
    assert [after["cells"][i] for i in (0, 2)] == [before["cells"][i] for i in (0, 2)]


class SaveInBetween:
    """Somebody saves the file just after the adapter read it, as often as told."""

    def __init__(self, contents: Any, saves: list[Callable[[], None]]) -> None:
        self._contents = contents
        self._get = contents.get
        self._saves = saves
        contents.get = self

    async def __call__(self, *args: Any, **kwargs: Any) -> Any:
        model = await self._get(*args, **kwargs)
        if kwargs.get("content") and self._saves:
            self._saves.pop(0)()
        return model


async def test_a_file_that_changed_between_reading_and_saving_is_read_again(
    serverapp: Any, notebook: Notebook, file: Path
) -> None:
    SaveInBetween(serverapp.contents_manager, [lambda: set_on_disk(file, "first", "# Mine")])
    await notebook.apply([edit("hello", "theirs")], "e1")
    assert (await cell_of(notebook, "first")).source == "# Mine"
    assert (await cell_of(notebook, "hello")).source == "theirs"


async def test_a_cell_that_changed_between_reading_and_saving_is_stale(
    serverapp: Any, notebook: Notebook, file: Path
) -> None:
    SaveInBetween(serverapp.contents_manager, [lambda: set_on_disk(file, "hello", "mine")])
    with pytest.raises(StaleCells) as caught:
        await notebook.apply([edit("hello", "theirs")], "e1")
    assert caught.value.cells == {"hello": version_of("mine")}
    assert (await cell_of(notebook, "hello")).source == "mine"


async def test_a_file_that_keeps_changing_is_left_alone(serverapp: Any, notebook: Notebook, file: Path) -> None:
    saves: list[Callable[[], None]] = [partial(set_on_disk, file, "first", f"# {n}") for n in range(9)]
    SaveInBetween(serverapp.contents_manager, saves)
    with pytest.raises(Exception, match="keeps changing"):
        await notebook.apply([edit("hello", "theirs")], "e1")
    assert (await cell_of(notebook, "hello")).source == CELLS[1].source


async def test_a_notebook_that_is_gone_is_missing(notebook: Notebook, file: Path) -> None:
    file.unlink()
    with pytest.raises(NotebookMissing):
        await notebook.read()
    with pytest.raises(NotebookMissing):
        await notebook.apply([edit("hello", "x")], "e1")


def without_ids(file: Path, minor: int) -> None:
    bare = json.loads(file.read_text())
    bare["nbformat_minor"] = minor
    for cell in bare["cells"]:
        del cell["id"]
    file.write_text(json.dumps(bare))


@pytest.mark.filterwarnings("ignore::nbformat.warnings.MissingIDFieldWarning")
async def test_cells_without_the_ids_that_their_format_demands_get_lasting_ones_at_the_first_change(
    notebook: Notebook, file: Path, on_disk: OnDisk
) -> None:
    without_ids(file, 5)
    cells = await notebook.read()
    assert [cell.cell_id for cell in await notebook.read()] == [cell.cell_id for cell in cells]
    await notebook.apply([SetSource(cell_id=cells[1].cell_id, expected=cells[1].version, source="new")], "e1")
    assert on_disk()["nbformat_minor"] == 5
    assert [cell["id"] for cell in on_disk()["cells"]] == [cell.cell_id for cell in cells]


@pytest.mark.parametrize("minor", [0, 2, 4])
async def test_a_file_that_has_no_ids_gets_none_and_its_cells_are_called_the_same_all_along(
    notebook: Notebook, file: Path, on_disk: OnDisk, minor: int
) -> None:
    without_ids(file, minor)
    first, hello, fails = await notebook.read()
    await notebook.apply([SetSource(cell_id=hello.cell_id, expected=hello.version, source="new")], "e1")
    await notebook.apply([InsertCell(cell_id="mine", after=hello.cell_id, cell_type="code", source="n")], "e2")
    await notebook.apply([MoveCell(cell_id=first.cell_id, after=fails.cell_id)], "e3")
    names = [hello.cell_id, "mine", fails.cell_id, first.cell_id]
    assert [cell.cell_id for cell in await notebook.read()] == names
    assert on_disk()["nbformat_minor"] == minor
    assert all("id" not in cell for cell in on_disk()["cells"])
    bare = on_disk()
    bare["cells"][2]["source"] = "a person wrote this"
    bare["cells"].insert(0, {"cell_type": "markdown", "source": "and this", "metadata": {}})
    file.write_text(json.dumps(bare))
    assert [cell.cell_id for cell in await notebook.read()][1:] == names
