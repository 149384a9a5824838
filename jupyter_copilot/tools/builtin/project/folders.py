"""Files beside a notebook and in the folders above it, up to the root."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from pathlib import PurePosixPath

from msgspec.structs import replace

from ....ports.files import FileRules
from ....protocol.errors import ToolError
from ..served_files import ServedFiles


class ProjectFolders:
    """The folders of a notebook, from the root downwards; blocking, so callers use a thread.

    What is looked up by its exact name may be in a hidden folder; all else that is closed stays closed.
    """

    def __init__(self, root: str, notebook: str, rules: FileRules) -> None:
        self._served = ServedFiles(root, replace(rules, allow_hidden=True))
        above = [*PurePosixPath(notebook.strip("/") or "unknown").parents][::-1]
        self.paths = ["" if str(each) == "." else f"{each}/" for each in above]

    def text(self, path: str) -> str | None:
        """The text of this file; None where there is none that may be read."""
        try:
            return self._served.read(path).decode("utf-8-sig", "replace").strip() or None
        except ToolError:
            return None

    def inside(self, path: str) -> Iterator[str]:
        """The names of what is in this folder."""
        with contextlib.suppress(ToolError):
            yield from (entry.name for entry in self._served.list(path) if entry.size is None)
