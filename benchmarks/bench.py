"""What every benchmark is given."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .streams import Grid


class Bench:
    """One run of some benchmarks: how thorough it is, and where it may write; `grid` is shared between two of them."""

    def __init__(self, folder: Path, *, quick: bool) -> None:
        self.quick = quick
        self.grid: Grid | None = None
        self._folder = folder

    def folder(self, name: str) -> Path:
        """A new, empty folder."""
        return Path(tempfile.mkdtemp(prefix=f"{name}-", dir=self._folder))
