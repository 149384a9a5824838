"""The fences between which a model is told what nobody vouches for: `~~~kind` … `~~~`."""

from __future__ import annotations

import re
from collections.abc import Iterator

from msgspec import Struct

_BLOCK = re.compile(r"^(?P<fence>~{3,})(?P<kind>\w*)\n(?P<text>.*?)\n(?P=fence)$", re.DOTALL | re.MULTILINE)


class MarkedBlock(Struct, frozen=True, kw_only=True):
    """A piece of fenced text, where it stands, and the line before it."""

    kind: str
    text: str
    start: int
    end: int
    lead: str


def blocks(text: str) -> Iterator[MarkedBlock]:
    """The fenced pieces in order; what is fenced inside of another piece belongs to that one."""
    for found in _BLOCK.finditer(text):
        lead = text[: found.start()].rstrip().rpartition("\n")[2]
        kind = found["kind"] or "source"
        yield MarkedBlock(kind=kind, text=found["text"], start=found.start(), end=found.end(), lead=lead)


def marked(text: str, kind: str) -> str | None:
    """The first piece of this kind."""
    return next((block.text for block in blocks(text) if block.kind == kind), None)


def unmarked(text: str) -> str:
    """The text without its fenced pieces: what people and the server say themselves."""
    return _BLOCK.sub("", text)
