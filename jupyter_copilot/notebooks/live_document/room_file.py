"""The file of a shared notebook, written as jupyter-collaboration itself would write it, and for less."""

from __future__ import annotations

from typing import Any

from jupyter_server_ydoc.loaders import FileLoader
from jupyter_server_ydoc.utils import LogLevel, OutOfBandChanges

from ..large_files import LargeFiles
from .cell_cache import CellCache


async def save_room(room: Any, cache: CellCache, files: LargeFiles) -> None:
    """Save the room's document now, and have the room not save the same once more; it logs what goes wrong.

    The room would convert every cell and write on the loop. Here only the cells that changed are converted, and a
    large file is written in a thread. What is saved, and what happens when the file changed meanwhile, is the same.
    """
    with room.ydoc.transaction():
        content, saved_changes = cache.content(), cache.changes
    if content is None:
        await room._maybe_save_document(None, save_now=True)
        return
    try:
        saved = await _write(room, content, files)
    except OutOfBandChanges:
        await room._on_outofband_change()
        return
    except Exception as error:
        message = f"Error saving file: {room._file.path}\n{error!r}"
        room.log.error(message, exc_info=error)
        room._emit(LogLevel.ERROR, None, message)
        return
    pending = room._saving_document
    if pending is not None and cache.changes == saved_changes:
        pending.cancel()  # as the next change would
    if saved is not None:
        async with room._update_lock:
            room._document.dirty = False
            room._document.hash = saved["hash"]
    room._emit(LogLevel.INFO, "save", "Content saved.")


async def _write(room: Any, content: dict[str, Any], files: LargeFiles) -> dict[str, Any] | None:
    model = {"format": room.file_format, "type": room.file_type, "content": content}
    saved: dict[str, Any] | None = await _Writer(room._file, files).maybe_save_content(model)
    return saved


class _Writer(FileLoader):  # type: ignore[misc]  # jupyter-server-ydoc has no types
    """A room's loader, with its lock and its date, that writes through something else.

    The date is the loader's own at every moment: the room may save while this waits for the lock, and what it wrote is
    no change from outside.
    """

    def __init__(self, loader: FileLoader, files: LargeFiles) -> None:
        self.__dict__.update(loader.__dict__)
        self._loader = loader
        self._contents_manager = files

    @property
    def last_modified(self) -> Any:
        return self._loader.last_modified

    @last_modified.setter
    def last_modified(self, date: Any) -> None:
        self._loader.last_modified = date
