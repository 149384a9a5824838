"""The live-document adapter on a real server with jupyter-collaboration, and no browser."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path
from typing import Any

import jupyter_server_ydoc
import pytest
from jupyter_core.utils import ensure_async
from jupyter_ydoc import YNotebook
from pycrdt import Doc
from traitlets.config import Config

from jupyter_copilot.notebooks.live_document.shared_documents import ORIGIN, SharedDocuments
from jupyter_copilot.notebooks.live_document.ydoc import set_text
from jupyter_copilot.notebooks.picker import NotebookPicker
from jupyter_copilot.ports.notebook import InsertCell, Notebook, SetSource, version_of
from jupyter_copilot.protocol.errors import NotebookError, NotebookMissing

from .conftest import PATH
from .contract import CELLS, EditingContract, Held, RunningContract, cell_of

OnDisk = Callable[[], dict[str, Any]]


@pytest.fixture
def jp_server_config(jp_server_config: Config, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Config:
    monkeypatch.chdir(tmp_path)  # rooms that the server creates keep their store there, whatever is configured
    jp_server_config.YDocExtension.disable_rtc = False
    return jp_server_config


@pytest.fixture
def documents(serverapp: Any) -> SharedDocuments:
    documents = SharedDocuments.of(serverapp)
    assert documents is not None
    return documents


@pytest.fixture
def held(jp_asyncio_loop: Any, picker: NotebookPicker, documents: SharedDocuments) -> Held:
    async def set_source(cell_id: str, source: str) -> None:
        async with documents.open(PATH) as document:
            index = [cell["id"] for cell in document.notebook.ycells].index(cell_id)
            set_text(document.notebook.ycells[index]["source"], source)

    notebook = jp_asyncio_loop.run_until_complete(picker.open())
    assert notebook.adapter == "live_document"
    return Held(notebook, set_source)


@pytest.fixture
def notebook(held: Held) -> Notebook:
    return held.notebook


class TestLiveDocumentEdits(EditingContract):
    pass


@pytest.mark.slow
class TestLiveDocumentRuns(RunningContract):
    pass


def edit(cell_id: str, source: str) -> SetSource:
    expected = next(cell.version for cell in CELLS if cell.cell_id == cell_id)
    return SetSource(cell_id=cell_id, expected=expected, source=source)


def rooms(serverapp: Any) -> list[Any]:
    (extension,) = serverapp.extension_manager.extension_apps["jupyter_server_ydoc"]
    return list(extension.ywebsocket_server.rooms.values())


def test_the_insides_that_are_used_are_those_of_the_installed_version(
    jp_asyncio_loop: Any, serverapp: Any, documents: SharedDocuments
) -> None:
    (extension,) = serverapp.extension_manager.extension_apps["jupyter_server_ydoc"]
    assert "ystore_class" in vars(extension.ywebsocket_server)
    assert {"get_document", "ywebsocket_server", "file_loaders", "_room_locks", "document_cleanup_delay"} <= set(
        dir(extension)
    )

    async def check() -> None:
        async with documents.open(PATH):
            (room,) = rooms(serverapp)
            assert {
                *("_document", "_file", "_update_lock", "_save_delay", "_maybe_save_document", "ydoc_observed"),
                *("awareness", "cleaner", "clients", "initialize", "room_id"),
            } <= set(dir(room))

    jp_asyncio_loop.run_until_complete(check())


async def test_an_unknown_version_is_refused_rather_than_written_past(
    picker: NotebookPicker, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(jupyter_server_ydoc, "__version__", "99.1")
    with pytest.raises(NotebookError) as caught:
        await picker.open()
    assert caught.value.code == "unsupported_collaboration"


async def test_a_change_is_on_disk_when_apply_returns(notebook: Notebook, on_disk: OnDisk) -> None:
    await notebook.apply([edit("hello", "x = 2"), InsertCell(cell_id="n", after=None, cell_type="raw", source="")], "e")
    assert [(cell["id"], cell["source"]) for cell in on_disk()["cells"]][:3] == [
        ("n", ""),
        ("first", CELLS[0].source),
        ("hello", "x = 2"),
    ]
    assert on_disk()["metadata"]["mine"] == [1]


async def test_reading_leaves_the_file_as_it_is(notebook: Notebook, file: Path) -> None:
    before = (file.read_bytes(), file.stat().st_mtime_ns)
    await notebook.read()
    assert not await notebook.applied("e1")
    assert (file.read_bytes(), file.stat().st_mtime_ns) == before


async def test_a_peer_gets_one_update_for_one_call_and_knows_its_origin(
    notebook: Notebook, documents: SharedDocuments
) -> None:
    async with documents.open(PATH) as document:
        seen = []
        origins = []
        document.notebook.ydoc.observe(lambda event: seen.append(event.update))
        document.notebook.ycells.observe_deep(lambda events, txn: origins.append(txn.origin))
        peer = YNotebook(Doc())
        peer.ydoc.apply_update(document.notebook.ydoc.get_update())
        await notebook.apply(
            [edit("hello", "x = 2"), InsertCell(cell_id="n", after=None, cell_type="raw", source="")], "e"
        )
        assert origins[0] == ORIGIN
        peer.ydoc.apply_update(seen[0])
        assert [cell["id"] for cell in peer.ycells] == ["n", "first", "hello", "fails"]
        assert peer.get_cell(2)["source"] == "x = 2"


async def test_inserted_code_is_trusted_because_people_confirmed_it(
    notebook: Notebook, documents: SharedDocuments
) -> None:
    await notebook.apply([InsertCell(cell_id="n", after=None, cell_type="code", source="x")], "e")
    async with documents.open(PATH) as document:
        assert document.notebook.get_cell(0)["metadata"]["trusted"] is True


async def test_an_idle_room_is_dropped_and_found_again(
    serverapp: Any, notebook: Notebook, documents: SharedDocuments
) -> None:
    (extension,) = serverapp.extension_manager.extension_apps["jupyter_server_ydoc"]
    extension.document_cleanup_delay = 0
    await notebook.apply([edit("hello", "x = 2")], "e1")
    (room,) = rooms(serverapp)
    await room.cleaner
    assert rooms(serverapp) == []
    assert (await cell_of(notebook, "hello")).source == "x = 2"
    assert await notebook.applied("e1")


async def test_a_room_with_somebody_in_it_stays(serverapp: Any, documents: SharedDocuments) -> None:
    (extension,) = serverapp.extension_manager.extension_apps["jupyter_server_ydoc"]
    extension.document_cleanup_delay = 0
    async with documents.open(PATH) as outer:
        async with documents.open(PATH):
            pass
        (room,) = rooms(serverapp)
        await room.cleaner
        assert rooms(serverapp) == [room]
        assert outer.notebook is room._document


async def test_a_file_replaced_from_outside_is_what_is_read_then(
    serverapp: Any, notebook: Notebook, file: Path, documents: SharedDocuments
) -> None:
    async with documents.open(PATH) as document:
        (room,) = rooms(serverapp)
        changed = asyncio.Event()
        subscription = document.notebook.ycells.observe_deep(lambda events: changed.set())
        file.write_text(file.read_text().replace("print('hello')", "print('replaced')"))
        await changed.wait()
        async with room._update_lock:
            document.notebook.ycells.unobserve(subscription)
        assert (await cell_of(notebook, "hello")).source == "print('replaced')"


async def test_jupyter_saving_at_the_same_moment_is_no_change_from_outside(
    serverapp: Any,
    notebook: Notebook,
    documents: SharedDocuments,
    on_disk: OnDisk,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    manager = serverapp.contents_manager
    begun, go_on = asyncio.Event(), asyncio.Event()
    save = manager.save

    async def slowly(*args: Any) -> Any:
        if not begun.is_set():
            begun.set()
            await go_on.wait()
        return await ensure_async(save(*args))

    async with documents.open(PATH):
        (room,) = rooms(serverapp)
        monkeypatch.setattr(manager, "save", slowly)
        theirs = asyncio.create_task(room._maybe_save_document(None, save_now=True))
        await begun.wait()
        ours = asyncio.create_task(notebook.apply([edit("hello", "x = 2")], "e"))
        while not room._file._lock._waiters:  # ours waits for the file
            await asyncio.sleep(0)
        go_on.set()
        await asyncio.gather(theirs, ours)
    assert [cell["source"] for cell in on_disk()["cells"] if cell["id"] == "hello"] == ["x = 2"]


async def test_a_notebook_that_is_gone_is_missing(notebook: Notebook, file: Path) -> None:
    file.unlink()
    with pytest.raises(NotebookMissing):
        await notebook.read()


async def test_a_file_that_is_no_notebook_cannot_be_loaded_until_it_is_one_again(
    notebook: Notebook, file: Path
) -> None:
    good = file.read_text()
    file.write_text("{")
    with pytest.raises(NotebookError):
        await notebook.read()
    file.write_text(good)
    assert len(await notebook.read()) == 3


class TestWithAConfiguredStore:
    @pytest.fixture
    def jp_server_config(self, jp_server_config: Config, tmp_path: Path) -> Config:
        jp_server_config.SQLiteYStore.db_path = str(tmp_path / "configured.db")
        return jp_server_config

    async def test_a_room_that_the_agent_opened_keeps_its_store_where_browsers_do(
        self, notebook: Notebook, documents: SharedDocuments, tmp_path: Path
    ) -> None:
        await notebook.apply([edit("hello", "x = 2")], "e1")
        async with documents.open(PATH):
            assert (tmp_path / "configured.db").exists()
            assert not (tmp_path / ".jupyter_ystore.db").exists()


@pytest.mark.slow
async def test_code_that_a_cell_asks_for_is_put_into_the_shared_notebook(
    notebook: Notebook, documents: SharedDocuments, on_disk: OnDisk
) -> None:
    below, own = "get_ipython().set_next_input('x = 3')", "get_ipython().set_next_input('y = 4', replace=True)"
    await notebook.apply([edit("hello", below)], "e1")
    put = (await notebook.run("hello", "e2", lambda output: None, 60)).next_input
    assert put is not None and not put.replaced
    async with documents.open(PATH) as document:
        assert [cell.source for cell in await document.cells()][1:3] == [below, "x = 3"]
    assert [cell["id"] for cell in on_disk()["cells"]][1:3] == ["hello", put.cell_id]
    await notebook.apply([SetSource(cell_id="hello", expected=version_of(below), source=own)], "e3")
    replaced = (await notebook.run("hello", "e4", lambda output: None, 60)).next_input
    assert replaced is not None and (replaced.cell_id, replaced.replaced) == ("hello", True)
    assert (await cell_of(notebook, "hello")).source == "y = 4"
    assert on_disk()["cells"][1]["source"] == "y = 4"
