"""The texts of the files below the root that can be searched."""

from __future__ import annotations

import time
from collections.abc import Iterator
from fnmatch import fnmatch
from pathlib import PurePosixPath

from msgspec import Struct

from ....protocol.errors import ToolError
from ..files import text_of
from ..served_files import ServedFiles

MAX_FILES = 2_000
MAX_CHARS = 8_000_000
MAX_SIZE = 1 << 20
LOOK_S = 8.0
SKIPPED = frozenset(["node_modules", "__pycache__", "site-packages", "venv"])


class Texts(Struct):
    """Texts by the paths of their files, and whether these are all."""

    by_path: dict[str, str]
    is_whole: bool = True


def texts_of_files(served: ServedFiles, pattern: str, but: str = "") -> Texts:
    """The texts of the files that fit the pattern, but for one, as many as time and room allow; blocks.

    A pattern is a name, a path, a folder, or one of these with wildcards. Files that are no text are left out.
    """
    texts = Texts({})
    until, chars = time.monotonic() + LOOK_S, 0
    for path in _files(served):
        if path == but or not _fits(path, pattern):
            continue
        if len(texts.by_path) >= MAX_FILES or chars >= MAX_CHARS or time.monotonic() > until:
            texts.is_whole = False
            break
        try:
            text = text_of(path, served.read(path))
        except ToolError:
            continue
        texts.by_path[path] = text
        chars += len(text)
    return texts


def _files(served: ServedFiles) -> Iterator[str]:
    """Files of a size that can be searched, a folder's own first; links to folders are not followed twice."""
    folders = [""]
    seen = {served.real("")}
    while folders:
        here = folders.pop(0)
        try:
            entries = list(served.list(here))
        except ToolError:
            continue
        for entry in entries:
            path = f"{here}/{entry.name}" if here else entry.name
            if entry.size is not None:
                if entry.size <= MAX_SIZE:
                    yield path
            elif entry.name not in SKIPPED and (real := served.real(path)) not in seen:
                seen.add(real)
                folders.append(path)


def _fits(path: str, pattern: str) -> bool:
    within = path == pattern or path.startswith(f"{pattern}/")
    return within or fnmatch(path, pattern) or fnmatch(PurePosixPath(path).name, pattern)
