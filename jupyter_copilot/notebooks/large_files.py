"""Large notebooks through the contents manager, without holding up the server's loop while they are parsed."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from jupyter_core.utils import ensure_async
from jupyter_server.services.contents.filemanager import AsyncFileContentsManager, FileContentsManager
from jupyter_server.services.contents.largefilemanager import AsyncLargeFileManager, LargeFileManager
from typing_extensions import override

from .services import Contents

JsonObject = dict[str, Any]

LARGE_BYTES = 256 << 10
"""Smaller files are read and written on the loop, where that takes a few milliseconds."""
_KNOWN = (AsyncLargeFileManager, LargeFileManager, AsyncFileContentsManager, FileContentsManager)


class LargeFiles(Contents):
    """The server's contents manager, whose work on large notebooks is done in a thread of its own.

    Jupyter parses, validates and signs on the loop. So where the manager is one of Jupyter's own for plain files, a
    second one of the same class and configuration does that in the thread, one thing after the other. Any other
    manager, and one with hooks, is used as it is: it may not be safe there. Cancelling leaves a save that has begun to
    come to its end.
    """

    def __init__(self, contents: Any) -> None:
        self._contents = contents
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="copilot-notebooks")
        self._twin: Any = None

    @property
    @override
    def saves_as_given(self) -> bool:
        """Whether what is saved is what is read afterwards."""
        return _is_plain(self._contents)

    @override
    async def get(
        self,
        path: str,
        *,
        content: bool,
        type: str | None = None,
        format: str | None = None,
        require_hash: bool = False,
    ) -> JsonObject:
        """The model of a file."""
        options = {"type": type, "format": format, "require_hash": require_hash}
        if (content or require_hash) and await self._is_large(path, type):
            return await self._in_thread(lambda twin: twin.get(path, content=content, **options))
        model: JsonObject = await ensure_async(self._contents.get(path, content=content, **options))
        return model

    async def file_exists(self, path: str) -> bool:
        """Whether there is such a file."""
        return bool(await ensure_async(self._contents.file_exists(path)))

    @override
    async def save(self, model: dict[str, Any], path: str) -> JsonObject:
        """Write a file."""
        if await self._is_large(path, model["type"]):
            saved = await self._in_thread(lambda twin: twin.save(model, path))
            self._contents.emit(data={"action": "save", "path": path})
            return saved
        saved = await ensure_async(self._contents.save(model, path))
        return saved

    async def _is_large(self, path: str, type: str | None) -> bool:
        if not _is_plain(self._contents) or getattr(self._contents.notary, "db_file", ":memory:") == ":memory:":
            return False
        model = await ensure_async(self._contents.get(path, content=False, type=type))
        return (model.get("size") or 0) >= LARGE_BYTES

    async def _in_thread(self, work: Callable[[Any], Any]) -> JsonObject:
        async def awaited() -> JsonObject:
            model: JsonObject = await ensure_async(work(self._made()))
            return model

        return await asyncio.get_running_loop().run_in_executor(self._thread, _run, awaited())

    def _made(self) -> Any:
        # Made in the thread: its notary's database belongs to the thread that opens it.
        if self._twin is None:
            contents = self._contents
            twin = type(contents)(parent=contents.parent, log=contents.log, root_dir=contents.root_dir)
            twin.emit = _ignore  # events are the loop's
            self._twin = twin
        return self._twin


def _run(work: Coroutine[Any, Any, JsonObject]) -> JsonObject:
    return asyncio.run(work)


def _is_plain(contents: Any) -> bool:
    """Whether this manager is one of Jupyter's own for files, and does nothing else besides."""
    hooks = ("pre_save_hook", "post_save_hook", "_pre_save_hooks", "_post_save_hooks")
    return type(contents) in _KNOWN and not any(getattr(contents, hook, None) for hook in hooks)


def _ignore(*args: Any, **kwargs: Any) -> None:
    """Events are told where the server listens."""
