"""The notebooks that jupyter-collaboration shares, as the server holds them.

Everything here that is not public in jupyter-collaboration stays here, and is tested against its version.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any, TypeVar
from weakref import WeakKeyDictionary, WeakSet

from jupyter_ydoc import YNotebook

from ...ports.notebook import Cell
from ...protocol.errors import NotebookError, NotebookMissing
from ..large_files import LargeFiles
from ..refusals import not_read, not_stored
from .cell_cache import CellCache
from .room_file import save_room

T = TypeVar("T")

ORIGIN = "jupyter-copilot"
"""The origin of the agent's transactions, by which others can tell them from people's."""
SUPPORTED = "3"
"""The major version of jupyter-server-ydoc, which is that of jupyter-collaboration 5."""
log = logging.getLogger(__name__)

LOAD_TIMEOUT_S = 60.0


class SharedDocument:
    """A shared notebook that stays in memory while it is leased."""

    def __init__(self, notebook: YNotebook, room: Any, cache: CellCache, files: LargeFiles) -> None:
        self.notebook = notebook
        self._room = room
        self._cache = cache
        self._files = files

    async def cells(self) -> list[Cell]:
        """The cells as everybody sees them; those that nobody looked at yet are converted bit by bit."""
        while True:
            if await self.edit(lambda notebook: self._cache.fill()):
                return await self.edit(lambda notebook: self._cache.cells())
            await asyncio.sleep(0)  # let the server do other things

    def cells_now(self) -> list[Cell]:
        """The cells, within a transaction that changed nothing yet."""
        return self._cache.cells()

    def place_of(self, cell_id: str, near: int = 0) -> int:
        """Where the cell is, as `cells_now` has it, looked for at `near` first; -1 if nowhere."""
        return self._cache.place_of(cell_id, near)

    async def edit(self, change: Callable[[YNotebook], T]) -> T:
        """Call `change` in one transaction, when the room is not just loading or replacing the document."""
        async with self._room._update_lock:
            pass  # it would be open across awaits, and ours must not become a part of it
        with self.notebook.ydoc.transaction(origin=ORIGIN):
            return change(self.notebook)

    async def save(self) -> None:
        """Write the document to its file now, unless people switched saving off; the room logs what goes wrong."""
        if self._saves():
            # Not through the room's own task, which the next keystroke would cancel.
            await asyncio.shield(asyncio.ensure_future(save_room(self._room, self._cache, self._files)))

    def _saves(self) -> bool:
        states = [state for state in self._room.awareness.states.values() if state]
        wanted = not states or any(state.get("autosave", True) for state in states)
        return wanted and self._room._save_delay is not None


class SharedDocuments:
    """All notebooks that one server shares; a room is created when there is none, and cleaned up when it is idle."""

    def __init__(self, extension: Any, contents: LargeFiles) -> None:
        self._extension = extension
        self._contents = contents
        self._whole: WeakSet[Any] = WeakSet()
        self._caches: WeakKeyDictionary[Any, CellCache] = WeakKeyDictionary()

    @classmethod
    def of(cls, serverapp: Any, contents: LargeFiles | None = None) -> SharedDocuments | None:
        """Those of this server; None where jupyter-collaboration is not installed or switched off.

        What uses `contents` does so one thing after the other.

        Raises `NotebookError` for a version that this module does not know: writing past it could lose people's edits.
        """
        apps = serverapp.extension_manager.extension_apps.get("jupyter_server_ydoc") or ()
        extension = next(iter(apps), None)
        if extension is None or extension.disable_rtc:
            return None
        check_version()
        return cls(extension, contents or LargeFiles(serverapp.contents_manager))

    @asynccontextmanager
    async def open(self, path: str, *, only_reads: bool = False) -> AsyncIterator[SharedDocument]:
        """The live document of this notebook, leased until the end; open it anew for each use.

        Raises `NotebookMissing` when there is no such file, `NotebookError` when it cannot be loaded, or not be stored
        and the caller may write to it.
        """
        if not await self._contents.file_exists(path):
            raise NotebookMissing(f"There is no notebook {path!r}.", hint="It may have been renamed or deleted.")
        notebook, room = await self._find(path)
        lease = _Lease(path)
        room.clients.add(lease)
        if room.cleaner is not None:
            room.cleaner.cancel()
        try:
            await self._loaded(room, path)
            if not only_reads:
                await self._store_whole(room, path)
            yield self._document(notebook, room)
        finally:
            room.clients.discard(lease)
            room.cleaner = asyncio.create_task(self._clean_when_idle(room))

    def _document(self, notebook: YNotebook, room: Any) -> SharedDocument:
        cache = self._caches.get(room)
        if cache is None:
            cache = self._caches[room] = CellCache(notebook)
        return SharedDocument(notebook, room, cache, self._contents)

    async def _find(self, path: str) -> tuple[YNotebook, Any]:
        rooms = self._extension.ywebsocket_server.rooms
        try:
            notebook = await type(self._extension).get_document(
                _WithConfiguredStore(self._extension),
                path=path,
                content_type="notebook",
                file_format="json",
                copy=False,
                create=True,
            )
        except Exception as error:
            # A room that could not be loaded was stopped, but stays listed, and would never load again.
            for key in [key for key, room in rooms.items() if not room.ready and _path_of(room) in (path, None)]:
                del rooms[key]
            raise await self._not_loaded(path, error) from error
        return notebook, next(room for room in rooms.values() if getattr(room, "_document", None) is notebook)

    async def _loaded(self, room: Any, path: str) -> None:
        try:
            # A browser that is just opening the notebook creates the room before it loads it.
            async with self._extension._room_locks[room.room_id]:
                await room.initialize()
            # What is changed before that would reach neither browsers nor the store, and damage both.
            await asyncio.wait_for(room.ydoc_observed.wait(), LOAD_TIMEOUT_S)
        except Exception as error:
            raise await self._not_loaded(path, error) from error

    async def _not_loaded(self, path: str, error: Exception) -> NotebookError:
        """Why, in words for people: most often, Jupyter itself cannot open the file."""
        try:
            await self._contents.get(path, content=True, type="notebook", require_hash=False)
        except Exception as refusal:
            return await not_read(self._contents, path, refusal)
        log.error("The shared notebook %s could not be loaded", path, exc_info=error)
        return NotebookError(f"The shared notebook {path!r} could not be loaded.", hint="The server's log says why.")

    async def _store_whole(self, room: Any, path: str) -> None:
        """Have the room's store hold the whole document before the server writes to it, once for each room.

        A room makes a first change, the document's path, and never stores it where the document comes from the store.
        What the server writes then builds on that change. Without it, whoever loads the document from the store next
        passes on what browsers cannot read, and outputs are missing there for good.
        """
        if room.ystore is None or room in self._whole:
            return
        try:
            await room.ystore.encode_state_as_update(room.ydoc)
        except Exception as error:
            raise not_stored(path, error) from error
        self._whole.add(room)

    async def _clean_when_idle(self, room: Any) -> None:
        """Drop the room after the configured delay if nobody is in it; a browser that comes cancels this."""
        delay = self._extension.document_cleanup_delay
        if delay is None:
            return
        await asyncio.sleep(delay)
        if room.cleaner is not asyncio.current_task():
            return  # somebody came and went since: whoever left last cleans up
        extension = self._extension
        async with extension._room_locks[room.room_id]:
            if room.clients or room not in extension.ywebsocket_server.rooms.values():
                return
            await self._document(room._document, room).save()
            await extension.ywebsocket_server.delete_room(room=room)
            loader = room._file
            if loader.number_of_subscriptions == 0 and loader.file_id in extension.file_loaders:
                await extension.file_loaders.remove(loader.file_id)


class _WithConfiguredStore:
    """The extension, with the store that browsers' rooms have; its own `get_document` forgets the configuration."""

    def __init__(self, extension: Any) -> None:
        self._extension = extension
        self.ystore_class = extension.ywebsocket_server.ystore_class

    def __getattr__(self, name: str) -> Any:
        return getattr(self._extension, name)


class _Lease:
    """A silent client of a room: while it is in, the room stays."""

    def __init__(self, path: str) -> None:
        self.path = path

    async def send(self, message: bytes) -> None:
        """Take no notice."""


def _path_of(room: Any) -> str | None:
    """Where a room's file is; None when it is not a document's or the file is gone."""
    try:
        path: str | None = room._file.path
    except (AttributeError, RuntimeError):
        return None
    return path


def check_version() -> None:
    """Raise `NotebookError` unless the installed jupyter-collaboration is one whose insides are known."""
    import jupyter_server_ydoc

    found = jupyter_server_ydoc.__version__
    if found.split(".")[0] != SUPPORTED:
        raise NotebookError(
            f"The copilot does not know jupyter-server-ydoc {found}.",
            code="unsupported_collaboration",
            hint="Install jupyter-collaboration 5, or update the copilot.",
        )
