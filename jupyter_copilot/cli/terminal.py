"""The edge to a terminal: whatever others wrote becomes plain lines, in which nothing hides, moves, or poses as ours.

Lines of ours begin in the first column; what follows in the same text, or is too long for the line, is indented.
"""

from __future__ import annotations

import json
import shutil
import sys
import unicodedata
from typing import TextIO

from .. import protocol as p
from ..core.visible_text import TAB, visible

INDENT = " " * 6
"""As wide as the time at the beginning of a line."""
NARROWEST = 24


def inline(text: str) -> str:
    """The text for a place in the middle of a line: its line ends are written out too."""
    return _shown(text).replace("\n", "⟨U+000A⟩")


def _shown(text: str) -> str:
    return visible(text).replace(TAB, "→   ")


class Terminal:
    """Writes to a stream; a text that is wider than the terminal is wrapped here, as a terminal would not indent it."""

    def __init__(self, out: TextIO | None = None, width: int | None = None) -> None:
        self._out = out or sys.stdout
        self._width = width
        self._column = 0
        self._streamed = ""
        self._held = ""

    def line(self, text: str = "", indent: str = INDENT, fold: str = INDENT) -> None:
        """Write a text as a line of its own; its further lines begin with `indent`, what is wrapped with `fold`."""
        self.end()
        self._write(_shown(text), indent, fold)
        self._out.write("\n")
        self._out.flush()
        self._begin()

    def stream(self, text: str) -> None:
        """Write a piece of a text that goes on; the next `line` ends it."""
        text, self._held = self._held + text, ""
        if text.endswith("\r"):  # perhaps the first half of a line end
            text, self._held = text[:-1], "\r"
        # What a mark or a joiner belongs to may have come with the piece before.
        before = _shown(self._streamed)
        both = _shown(self._streamed + text)
        self._write(both[len(before) :] if both.startswith(before) else _shown(text))
        self._streamed = text[-1:]
        self._out.flush()

    def end(self) -> None:
        """End the line of what streams, if something does."""
        if self._column or self._held:
            self._write(_shown(self._held))
            self._out.write("\n")
            self._out.flush()
        self._begin()

    def _begin(self) -> None:
        self._column, self._streamed, self._held = 0, "", ""

    def _write(self, text: str, indent: str = INDENT, fold: str = INDENT) -> None:
        width = self._columns()
        written: list[str] = []
        for char in text:
            columns = 2 if unicodedata.east_asian_width(char) in "WFA" else 1
            is_full = width is not None and self._column + columns > width
            if char == "\n" or is_full:
                start = indent if char == "\n" else fold
                written += ["\n", start]
                self._column = len(start)
            if char != "\n":
                written.append(char)
                self._column += columns
        encoding = self._out.encoding or "utf-8"
        self._out.write("".join(written).encode(encoding, "backslashreplace").decode(encoding))

    def _columns(self) -> int | None:
        """How many columns a line may take; None where lines are not wrapped, as in a file."""
        if self._width is None and not self._out.isatty():
            return None
        # Not the last column: some terminals go on to the next line as soon as it is written.
        return max((self._width or shutil.get_terminal_size().columns) - 1, NARROWEST)


def pour(text: str) -> None:
    """Write a whole document to standard output: as it is to a file or pipe, and in plain lines to a terminal."""
    if not sys.stdout.isatty():
        sys.stdout.write(text)
        return
    terminal = Terminal()
    for line in text.removesuffix("\n").split("\n"):
        terminal.line(line, fold="  ↪ ")


def as_json(value: object) -> str:
    """A value as JSON in ASCII, in which everything that a terminal would obey or hide is an escape."""
    return json.dumps(json.loads(p.encode(value)))


def say(text: str = "", *, error: bool = False) -> None:
    """Write a line to standard output, or to standard error."""
    Terminal(sys.stderr if error else sys.stdout).line(text)
