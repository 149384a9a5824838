"""Whether cells lack the ids that the format of their file demands: Jupyter makes them up as it reads."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import msgspec
from jupyter_core.utils import ensure_async
from msgspec import UNSET, Struct

from .services import Contents

LARGEST = 8 << 20
"""Bytes of a file that is looked into; in larger ones it is not known."""


class _Cell(Struct):
    id: Any = UNSET


class _Notebook(Struct):
    nbformat: int = 4
    nbformat_minor: int = 0
    cells: list[_Cell] = []


class MissingIds:
    """Looks into one notebook's file until its cells have ids, as they keep them from then on."""

    def __init__(self, contents: Contents, path: Callable[[], str]) -> None:
        self._contents = contents
        self._path = path
        self._complete: str | None = None

    async def found(self) -> bool:
        """Whether some cell lacks its id."""
        path = self._path()
        if self._complete == path:
            return False
        try:
            notebook = msgspec.json.decode(await self._text(path), type=_Notebook)
        except Exception:  # what cannot be read is told by who reads it
            return False
        lacking = (notebook.nbformat, notebook.nbformat_minor) >= (4, 5) and any(
            cell.id is UNSET for cell in notebook.cells
        )
        self._complete = None if lacking else path
        return lacking

    async def _text(self, path: str) -> str:
        model = await ensure_async(self._contents.get(path, content=False, type="file", require_hash=False))
        if (model.get("size") or 0) > LARGEST:
            return "{}"
        model = await ensure_async(self._contents.get(path, content=True, type="file", require_hash=False))
        text: str = model["content"]
        return text
