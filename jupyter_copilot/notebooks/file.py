"""A notebook file, read and written through the contents manager."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

from jupyter_core.utils import ensure_async
from tornado.web import HTTPError

from ..protocol.errors import NotebookError, NotebookMissing
from .ipynb import with_ids
from .services import Contents

JsonObject = dict[str, Any]

_ATTEMPTS = 5


class NotebookFile:
    """One notebook file, changed by compare-and-set: what somebody else saved in between is never overwritten."""

    def __init__(self, contents: Contents, path: Callable[[], str]) -> None:
        self._contents = contents
        self._path = path
        self._lock = asyncio.Lock()
        self._seen: tuple[str, list[str]] = ("", [])

    async def load(self) -> JsonObject:
        """The notebook as nbformat 4.5 JSON. Raises `NotebookMissing` or `NotebookError`."""
        notebook, _ = await self._load()
        return notebook

    async def change(self, edit: Callable[[JsonObject], JsonObject]) -> None:
        """Save `edit` of the notebook; when the file changed meanwhile, `edit` is called again with what it holds now.

        What `edit` raises is passed on, and nothing is saved. Raises `NotebookError` when the file cannot be written.
        """
        async with self._lock:
            for _ in range(_ATTEMPTS):
                before, version = await self._load()
                after = edit(before)
                if await self._version() == version:
                    await self._save(after)
                    return
            raise NotebookError("The notebook's file keeps changing.", code="conflict", hint="Try again in a moment.")

    async def _load(self) -> tuple[JsonObject, str]:
        model = await self._get(content=True)
        version = _version_of(model)
        notebook: JsonObject = with_ids(model["content"])
        if self._seen[0] == version:
            # Where the file lacks ids that its format demands, nbformat makes up others at each reading.
            cells = [{**cell, "id": known} for cell, known in zip(notebook["cells"], self._seen[1], strict=True)]
            return {**notebook, "cells": cells}, version
        self._seen = (version, [cell["id"] for cell in notebook["cells"]])
        return notebook, version

    async def _version(self) -> str:
        return _version_of(await self._get(content=False))

    async def _get(self, content: bool) -> JsonObject:
        path = self._path()
        if not path:
            raise _missing(path)
        try:
            model: JsonObject = await ensure_async(
                self._contents.get(path, content=content, type="notebook", require_hash=True)
            )
        except HTTPError as error:
            raise _translated(error, path, "read") from error
        return model

    async def _save(self, notebook: JsonObject) -> None:
        path = self._path()
        try:
            await ensure_async(self._contents.save({"type": "notebook", "format": "json", "content": notebook}, path))
        except HTTPError as error:
            raise _translated(error, path, "saved") from error


def _version_of(model: JsonObject) -> str:
    return f"{model['last_modified']} {model.get('hash')}"


def _translated(error: HTTPError, path: str, what: str) -> NotebookError:
    if error.status_code == 404:
        return _missing(path)
    return NotebookError(f"The notebook {path!r} could not be {what}: {error.log_message or error.reason}.")


def _missing(path: str) -> NotebookMissing:
    return NotebookMissing(f"There is no notebook {path!r}.", hint="It may have been renamed or deleted.")
