"""The live document together with a real collaboration client over its WebSocket, as a browser would be."""

from __future__ import annotations

import asyncio
import errno
import json
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest
from jupyter_ydoc import YNotebook
from pycrdt import Doc, YMessageType, create_sync_message, create_update_message, handle_sync_message
from tornado.httpclient import HTTPRequest
from tornado.websocket import websocket_connect
from traitlets.config import Config

from jupyter_copilot.notebooks.live_document.shared_documents import SharedDocuments
from jupyter_copilot.notebooks.live_document.ydoc import cells_in
from jupyter_copilot.notebooks.picker import NotebookPicker
from jupyter_copilot.ports.notebook import Cell, InsertCell, Notebook, SetSource
from jupyter_copilot.protocol.errors import NotebookError, StaleCells

from ..patience import scaled
from .conftest import PATH, Shown
from .contract import CELLS


class Browser:
    """A client of the shared notebook, with its own copy."""

    def __init__(self, socket: Any) -> None:
        self.notebook = YNotebook(Doc())
        self._socket = socket
        self._receiving = False
        self._news = asyncio.Event()
        self._tasks = {asyncio.ensure_future(self._listen())}
        self.notebook.ydoc.observe(self._changed)

    async def start(self) -> None:
        await self._socket.write_message(create_sync_message(self.notebook.ydoc), binary=True)
        await self.until(lambda: len(self.notebook.ycells) > 0)

    async def until(self, seen: Callable[[], bool]) -> None:
        while not seen():
            self._news.clear()
            await self._news.wait()

    def sources(self) -> list[str]:
        return [str(ycell["source"]) for ycell in self.notebook.ycells]

    async def close(self) -> None:
        self._socket.close()
        await asyncio.gather(*self._tasks)

    async def _listen(self) -> None:
        while isinstance(message := await self._socket.read_message(), bytes):
            if message[0] == YMessageType.SYNC:
                self._receiving = True
                reply = handle_sync_message(message[1:], self.notebook.ydoc)
                self._receiving = False
                if reply is not None:
                    await self._socket.write_message(reply, binary=True)
                self._news.set()

    def _changed(self, event: Any) -> None:
        if not self._receiving:
            message = create_update_message(event.update)
            self._tasks.add(asyncio.ensure_future(self._socket.write_message(message, binary=True)))


Join = Callable[[], Awaitable[Browser]]


@pytest.fixture
def jp_server_config(jp_server_config: Config, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Config:
    monkeypatch.chdir(tmp_path)
    jp_server_config.YDocExtension.disable_rtc = False
    jp_server_config.YDocExtension.document_cleanup_delay = 0
    return jp_server_config


@pytest.fixture
def notebook(jp_asyncio_loop: Any, picker: NotebookPicker) -> Notebook:
    notebook: Notebook = jp_asyncio_loop.run_until_complete(picker.open())
    return notebook


@pytest.fixture
def documents(serverapp: Any) -> SharedDocuments:
    documents = SharedDocuments.of(serverapp)
    assert documents is not None
    return documents


@pytest.fixture
def join(jp_fetch: Any, jp_http_port: int, jp_base_url: str, jp_auth_header: dict[str, str], serverapp: Any) -> Join:
    async def join() -> Browser:
        body = json.dumps({"format": "json", "type": "notebook"})
        answer = await jp_fetch("api", "collaboration", "session", PATH, method="PUT", body=body)
        session = json.loads(answer.body)
        room = f"json:notebook:{session['fileId']}?sessionId={session['sessionId']}"
        url = f"ws://127.0.0.1:{jp_http_port}{jp_base_url}api/collaboration/room/{room}"
        browser = Browser(await websocket_connect(HTTPRequest(url, headers=jp_auth_header)))
        await browser.start()
        return browser

    return join


def edit(cell_id: str, source: str) -> SetSource:
    expected = next(cell.version for cell in CELLS if cell.cell_id == cell_id)
    return SetSource(cell_id=cell_id, expected=expected, source=source)


async def test_a_browser_sees_the_agents_changes_and_the_agent_the_browsers(notebook: Notebook, join: Join) -> None:
    browser = await join()
    await notebook.apply([edit("hello", "agent = 1")], "e1")
    await browser.until(lambda: browser.sources()[1] == "agent = 1")
    browser.notebook.ycells[0]["source"].insert(0, "typed ")
    while not (await notebook.read())[0].source.startswith("typed "):
        await asyncio.sleep(0.01)
    with pytest.raises(StaleCells):
        await notebook.apply([edit("first", "overwritten")], "e2")
    await browser.close()


def rooms(serverapp: Any) -> list[Any]:
    (extension,) = serverapp.extension_manager.extension_apps["jupyter_server_ydoc"]
    return list(extension.ywebsocket_server.rooms.values())


async def test_a_browser_that_comes_later_sees_all_that_was_changed_without_one(
    serverapp: Any, notebook: Notebook, join: Join
) -> None:
    await notebook.apply([edit("hello", "agent = 1")], "e1")
    await notebook.apply([InsertCell(cell_id="n", after=None, cell_type="code", source="new")], "e2")
    (room,) = rooms(serverapp)
    await room.cleaner
    assert rooms(serverapp) == []
    browser = await join()
    assert browser.sources() == ["new", CELLS[0].source, "agent = 1", "1/0"]
    await notebook.apply([edit("fails", "agent = 2")], "e3")
    await browser.until(lambda: browser.sources()[3] == "agent = 2")
    assert cells_in(browser.notebook) == await notebook.read()
    await browser.close()


async def stored(room: Any, notebook: Notebook) -> None:
    """Wait until what is stored of the room makes the notebook, as it does a moment after each change."""

    async def of_the_store() -> list[Cell]:
        copy = YNotebook(Doc())
        await room.ystore.apply_updates(copy.ydoc)
        return cells_in(copy)

    async def complete() -> None:
        while await of_the_store() != await notebook.read():
            await asyncio.sleep(0.01)

    await asyncio.wait_for(complete(), scaled(10))


async def test_the_rooms_store_has_no_hole_where_the_agent_was_the_first_to_come(
    serverapp: Any, notebook: Notebook, documents: SharedDocuments
) -> None:
    # A change made before the room listens to its document would never be stored, and damage what is stored after it.
    await notebook.apply([edit("hello", "agent = 1")], "e1")
    async with documents.open(PATH):
        (room,) = rooms(serverapp)
        await stored(room, notebook)


async def test_the_store_makes_the_whole_document_however_often_it_was_dropped_and_loaded_from_there(
    serverapp: Any, notebook: Notebook, documents: SharedDocuments
) -> None:
    (extension,) = serverapp.extension_manager.extension_apps["jupyter_server_ydoc"]
    extension.document_cleanup_delay = 0
    for life in range(3):
        cells = [cell for cell in await notebook.read() if cell.cell_id == "hello"]
        change = SetSource(cell_id="hello", expected=cells[0].version, source=f"life = {life}")
        async with documents.open(PATH):
            await notebook.apply([change], f"e{life}")
            (room,) = rooms(serverapp)
            await stored(room, notebook)
        await room.cleaner
        assert rooms(serverapp) == []


async def test_nothing_is_written_until_the_store_has_the_whole_document_which_reading_does_not_need(
    serverapp: Any, notebook: Notebook, documents: SharedDocuments, monkeypatch: pytest.MonkeyPatch
) -> None:
    full, attempts = True, 0

    async with documents.open(PATH, only_reads=True):
        (room,) = rooms(serverapp)
        store = room.ystore.encode_state_as_update

        async def store_or_fail(ydoc: Any) -> None:
            nonlocal attempts
            attempts += 1
            if full:
                raise OSError(errno.ENOSPC, "No space left on device")
            await store(ydoc)

        monkeypatch.setattr(room.ystore, "encode_state_as_update", store_or_fail)
        assert len(await notebook.read()) == 3 and not await notebook.applied("e1")
        assert attempts == 0
        for attempt in (1, 2):
            with pytest.raises(NotebookError, match="could not be stored: the disk is full"):
                await notebook.apply([edit("hello", "agent = 1")], "e1")
            assert attempts == attempt and not await notebook.applied("e1")
        full = False
        await notebook.apply([edit("hello", "agent = 1")], "e1")
        await notebook.apply([edit("fails", "agent = 2")], "e2")
        assert attempts == 3, "once is enough"
        await stored(room, notebook)


@pytest.mark.slow
async def test_a_run_goes_on_to_its_end_when_the_last_browser_leaves(
    serverapp: Any, notebook: Notebook, join: Join, on_disk: Callable[[], dict[str, Any]]
) -> None:
    source = "import time\nfor i in range(10):\n    print('line', i, flush=True)\n    time.sleep(0.1)"
    await notebook.apply([edit("hello", source)], "e0")
    browser = await join()
    run = asyncio.ensure_future(notebook.run("hello", "e1", Shown(), None))
    await browser.until(lambda: "line 2" in json.dumps(browser.notebook.get_cell(1)["outputs"]))
    assert browser.notebook.ycells[1]["execution_state"] == "running"
    (room,) = rooms(serverapp)
    await browser.close()
    assert (await run).status == "ok"
    assert rooms(serverapp) == [room]
    text = "".join(f"line {i}\n" for i in range(10))
    assert on_disk()["cells"][1]["outputs"] == [{"output_type": "stream", "name": "stdout", "text": text}]


@pytest.mark.slow
async def test_a_browser_sees_outputs_come_and_the_count_at_the_end(notebook: Notebook, join: Join) -> None:
    browser = await join()
    outcome = await notebook.run("fails", "e1", Shown(), None)
    await browser.until(lambda: browser.notebook.ycells[2]["execution_state"] == "idle")
    cell = browser.notebook.get_cell(2)
    assert cell["outputs"] == outcome.outputs
    assert (cell["execution_count"], cell["metadata"]["trusted"]) == (1, True)
    await browser.close()
