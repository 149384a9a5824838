"""A notebook file, read and written through the contents manager."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from datetime import datetime
from typing import Any

from jupyter_core.utils import ensure_async
from msgspec import Struct
from msgspec.structs import replace

from ..ports.notebook import UNREADABLE, version_of
from ..protocol.errors import NotebookError
from .cell_ids import CellIds
from .ipynb import CellsRead, as_stored, keeps_ids, source_of, type_of, with_ids
from .refusals import missing, not_read, not_saved
from .services import Contents

JsonObject = dict[str, Any]

_ATTEMPTS = 5
_READ_ATTEMPTS, _READ_AGAIN_S = 4, 0.1
_RACY_S = 0.1
"""A file system may give two writes within this time the same date; what is that young is told apart by its hash."""
_COARSE_S = 2.0
"""The same where dates have no fractions of a second, as on FAT."""
_KEEP_S = 60.0
"""How long a notebook that nobody asks for stays in memory."""


class _Loaded(Struct, frozen=True):
    """A notebook as the file held it: `date` and `hash` are the file's, and `settled` says that the date is enough."""

    notebook: JsonObject
    path: str
    date: str
    hash: str | None
    settled: bool


class _Named(Struct, frozen=True):
    """A notebook as the file held it and as it is told, with what its cells were called then."""

    stored: JsonObject
    told: JsonObject
    ids: tuple[list[str] | None, list[str]]


class NotebookFile:
    """One notebook file, changed by compare-and-set: what somebody else saved in between is never overwritten.

    The notebook is parsed again only when the file changed, so that reading it over and over costs next to nothing.
    What is returned is shared: it is never to be changed in place. `ids` names the cells of files that keep no ids.
    """

    def __init__(
        self,
        contents: Contents,
        path: Callable[[], str],
        ids: CellIds | None = None,
        now_s: Callable[[], float] = time.time,
    ) -> None:
        self._contents = contents
        self._path = path
        self._ids = ids or CellIds()
        self._now_s = now_s
        self._lock = asyncio.Lock()
        self._reading = asyncio.Lock()
        self._kept: _Loaded | None = None
        self._forgetting: asyncio.TimerHandle | None = None
        self._seen: tuple[str, list[str]] = ("", [])
        self._named: _Named | None = None
        self.cells = CellsRead()
        """Makes the cells of what `load` and `change` give, each once."""

    async def load(self) -> JsonObject:
        """The notebook as nbformat 4 JSON, with an id in each cell. Raises `NotebookMissing` or `NotebookError`."""
        return self._with_ids((await self._load()).notebook)

    async def change(self, edit: Callable[[JsonObject], JsonObject]) -> None:
        """Save `edit` of the notebook; when the file changed meanwhile, `edit` is called again with what it holds now.

        What `edit` raises is passed on, and nothing is saved. Raises `NotebookError` when the file cannot be written.
        """
        async with self._lock:
            for _ in range(_ATTEMPTS):
                before = await self._load()
                after = edit(self._with_ids(before.notebook))
                if await self._is_still(before):
                    async with self._reading:  # half of it could be read meanwhile
                        await self._save(after)
                    return
            raise NotebookError("The notebook's file keeps changing.", code="conflict", hint="Try again in a moment.")

    def _with_ids(self, notebook: JsonObject) -> JsonObject:
        named = self._named
        if named is None or named.stored is not notebook or named.ids != self._ids.latest:
            told = with_ids(notebook, self._ids)
            self._named = named = _Named(notebook, told, self._ids.latest)
        return named.told

    async def _load(self) -> _Loaded:
        async with self._reading:
            kept = self._kept
            if kept is not None and await self._is_still(kept):
                self._keep(kept)
                return kept
            path = self._path()
            model = await self._get(content=True, require_hash=True)
            date, digest = _date_of(model), model.get("hash")
            loaded = _Loaded(self._with_known_ids(model, digest), path, date, digest, self._is_settled(model))
            self._keep(loaded)
            return loaded

    def _with_known_ids(self, model: JsonObject, digest: str | None) -> JsonObject:
        content: JsonObject = model["content"]
        if not keeps_ids(content):
            return content
        version = f"{_date_of(model)} {digest}"
        notebook = with_ids(content)
        if self._seen[0] == version:
            # Where the file lacks ids that its format demands, nbformat makes up others at each reading.
            cells = [{**cell, "id": known} for cell, known in zip(notebook["cells"], self._seen[1], strict=True)]
            return {**notebook, "cells": cells}
        self._seen = (version, [cell["id"] for cell in notebook["cells"]])
        return notebook

    async def _is_still(self, loaded: _Loaded) -> bool:
        """Whether the file is the one that this was read from."""
        if loaded.path != self._path():
            return False
        model = await self._get(content=False, require_hash=False)
        if _date_of(model) != loaded.date:
            return False
        if loaded.settled:
            return True
        model = await self._get(content=False, require_hash=True)
        same = (_date_of(model), model.get("hash")) == (loaded.date, loaded.hash)
        if same and loaded is self._kept and self._is_settled(model):
            self._kept = replace(loaded, settled=True)
        return same

    def _is_settled(self, model: JsonObject) -> bool:
        """Whether whoever writes the file from now on gives it another date."""
        modified = model["last_modified"]
        if not isinstance(modified, datetime):
            return False
        return self._now_s() - modified.timestamp() > (_RACY_S if modified.microsecond else _COARSE_S)

    def _keep(self, loaded: _Loaded) -> None:
        self._kept = self._kept if self._kept is not None and self._kept.notebook is loaded.notebook else loaded
        if self._forgetting is not None:
            self._forgetting.cancel()
        self._forgetting = asyncio.get_running_loop().call_later(_KEEP_S, self._forget_all)

    def _forget(self) -> None:
        self._kept = self._named = None

    def _forget_all(self) -> None:
        self._forget()
        self.cells.forget()

    async def _get(self, *, content: bool, require_hash: bool) -> JsonObject:
        path = self._path()
        if not path:
            raise missing(path)
        for attempt in range(_READ_ATTEMPTS):
            try:
                model: JsonObject = await ensure_async(
                    self._contents.get(path, content=content, type="notebook", require_hash=require_hash)
                )
            except Exception as error:  # some files make Jupyter raise what is no HTTP error
                refused = await not_read(self._contents, path, error)
                if refused.code != UNREADABLE or attempt == _READ_ATTEMPTS - 1:
                    raise refused from error
                # Jupyter writes files in place, so that whoever reads meanwhile may find half of one.
                await asyncio.sleep(_READ_AGAIN_S)
            else:
                return model
        raise AssertionError("unreachable")

    async def _save(self, notebook: JsonObject) -> None:
        path = self._path()
        stored = as_stored(notebook)
        self._forget()  # whatever happens now, the file is not what it was
        try:
            saved = await ensure_async(
                self._contents.save({"type": "notebook", "format": "json", "content": stored}, path)
            )
        except Exception as error:
            raise not_saved(path, error) from error
        if not keeps_ids(notebook):
            cells = notebook["cells"]
            self._ids.learn([raw["id"] for raw in cells], [version_of(source_of(raw), type_of(raw)) for raw in cells])
        if self._contents.saves_as_given:
            await self._remember(stored, saved, path)

    async def _remember(self, notebook: JsonObject, saved: JsonObject, path: str) -> None:
        """Keep what was saved just now, unless somebody else saved again already."""
        model = await self._get(content=False, require_hash=True)
        if _date_of(model) == _date_of(saved) and path == self._path():
            date, digest = _date_of(model), model.get("hash")
            if keeps_ids(notebook):
                self._seen = (f"{date} {digest}", [cell["id"] for cell in notebook["cells"]])
            self._keep(_Loaded(notebook, path, date, digest, self._is_settled(model)))


def _date_of(model: JsonObject) -> str:
    return f"{model['last_modified']} {model.get('size')}"
