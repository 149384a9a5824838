"""Picks the way to a notebook that is right at this moment."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from typing_extensions import override

from ..ports.clock import Clock, SystemClock
from ..ports.notebook import FrontEnd, Notebook, Notebooks
from ..protocol import Right
from .cell_ids import CellIds
from .contents import ContentsNotebook
from .file import NotebookFile
from .front_end import FrontEndNotebook
from .kernel.kernel import KernelBacked, NotebookKernel
from .large_files import LargeFiles
from .missing_ids import MissingIds

if TYPE_CHECKING:
    from .live_document.shared_documents import SharedDocuments


class NotebookPicker(Notebooks):
    """Opens one room's notebook: as a live document, else through a tab that has it open, else as a file.

    `path()` is where the notebook is now, as the contents manager names it. Rooms share `contents`, where it is given.
    `ids` are those of its cells where the file has none.
    """

    def __init__(
        self,
        serverapp: Any,
        front_end: FrontEnd,
        path: Callable[[], str],
        clock: Clock | None = None,
        contents: LargeFiles | None = None,
        ids: CellIds | None = None,
    ) -> None:
        self._serverapp = serverapp
        self._front_end = front_end
        self._path = path
        self._clock = clock or SystemClock()
        self._documents: SharedDocuments | None = None
        self._kernel = NotebookKernel(serverapp.session_manager, serverapp.kernel_manager, path)
        self._ids = ids or CellIds()
        self._contents = contents or LargeFiles(serverapp.contents_manager)
        self._file = NotebookFile(self._contents, path, self._ids)
        self._missing_ids = MissingIds(self._contents, path)

    @override
    async def open(self, call_id: str | None = None, prefer: str | None = None, right: Right = "write") -> Notebook:
        notebook = self._picked(call_id, prefer, right)
        notebook.missing_ids = self._missing_ids
        return notebook

    def _picked(self, call_id: str | None, prefer: str | None, right: Right) -> KernelBacked:
        self._documents = documents = self._documents or shared_documents(self._serverapp, self._contents)
        if documents is not None:
            from .live_document.live_document import LiveDocument

            return LiveDocument(documents, self._kernel, self._path, self._clock)
        contents = ContentsNotebook(self._file, self._kernel, self._clock)
        if self._front_end.is_open(right):
            return FrontEndNotebook(self._front_end, contents, self._kernel, call_id, prefer, self._ids, right)
        return contents


def shared_documents(serverapp: Any, contents: LargeFiles) -> SharedDocuments | None:
    """The shared documents of this server, or None; raises `NotebookError` for a version that is not known."""
    if not serverapp.extension_manager.extension_apps.get("jupyter_server_ydoc"):
        return None
    # Imported late: it needs the packages of the extra `rtc`.
    from .live_document.shared_documents import SharedDocuments

    return SharedDocuments.of(serverapp, contents)
