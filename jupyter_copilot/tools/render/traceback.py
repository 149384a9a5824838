"""Tracebacks as far as they help: the frames of the notebook's own code, the last one of a library, and the error."""

from __future__ import annotations

import re
from collections.abc import Sequence

_CODES = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]")
_FRAME = re.compile(r"^(?:File |~?/|[A-Za-z]:\\)")
_LIBRARY = re.compile(r"site-packages|dist-packages|[/\\]lib[/\\]python\d|<frozen |<string>|<__array_function__")


def without_library_frames(traceback: Sequence[str]) -> list[str]:
    """The traceback's pieces, as IPython makes them, with a note in place of libraries' frames but for the last one."""
    inner = [n for n, piece in enumerate(traceback) if _is_library(piece)]
    kept: list[str] = []
    skipped = 0
    for n, piece in enumerate(traceback):
        if n in inner[:-1]:
            skipped += 1
            continue
        if skipped:
            kept.append(f"… {skipped} frame{'s' * (skipped > 1)} of libraries …")
            skipped = 0
        kept.append(piece)
    return kept


def _is_library(piece: str) -> bool:
    first = _CODES.sub("", piece).lstrip().partition("\n")[0]
    return _FRAME.match(first) is not None and _LIBRARY.search(first) is not None
