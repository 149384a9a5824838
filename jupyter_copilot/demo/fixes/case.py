"""A case: a failed cell with everything that a rule may look at; a fix: what to change, and why."""

from __future__ import annotations

import re
from collections.abc import Callable

from msgspec import Struct

from ..cells import Trouble


class Case(Struct, frozen=True, kw_only=True):
    """A cell's source and its error; the names, the columns and the files that exist."""

    source: str
    trouble: Trouble
    names: frozenset[str] = frozenset()
    columns: list[str] = []
    files: list[str] = []

    @property
    def line(self) -> int | None:
        """The number of the innermost line of the source that failed, from 1, if the traceback says so."""
        arrows = re.findall(r"^-+> ?(\d+) (.*)$", self.trouble.traceback, re.MULTILINE)
        lines = self.source.splitlines()
        # A traceback goes through libraries too: only a line that stands in the source is ours.
        own = [int(n) for n, text in arrows if 0 < int(n) <= len(lines) and lines[int(n) - 1].strip() == text.strip()]
        return own[-1] if own else None

    @property
    def failing(self) -> str:
        """The text of that line; empty when it is not known."""
        return self.source.splitlines()[self.line - 1].strip() if self.line else ""


class Fix(Struct, frozen=True, kw_only=True):
    """Another source for the cell, and why, in a sentence."""

    why: str
    source: str


Rule = Callable[[Case], Fix | None]


def quoted_name(text: str) -> str | None:
    """The first name between quotes in an error's message."""
    found = re.search(r"""['"]([^'"]+)['"]""", text)
    return found[1] if found else None


def renamed(source: str, old: str, new: str) -> str:
    """The source with a name replaced wherever it stands as a whole word."""
    return re.sub(rf"(?<![\w.]){re.escape(old)}(?!\w)", lambda _: new, source)
