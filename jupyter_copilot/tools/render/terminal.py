"""A terminal's screen, as far as text needs one: what stands there once all of a program's output has been written."""

from __future__ import annotations

import re

ROWS = 50
"""How far up a program can move: what has scrolled out of the screen stays as it is."""
COLUMNS = 1_000
"""How far right a program can move without writing."""
SPARE = 2_000_000
"""How many characters may be made or pushed about by sequences alone, for all of a text."""

_TOKEN = re.compile(
    r"\x1b[\]P_^X][^\x07\x1b]*(?:\x07|\x1b\\)"  # commands with a text, such as titles and links
    r"|\x1b\[(?P<parameters>[0-?]*)[ -/]*(?P<final>[@-~])"
    r"|\x1b[ -/]*(?P<escape>[0-~])"
    r"|(?P<control>[\x00-\x08\n-\x1f\x7f])"  # a tab stays as it is
    r"|(?P<text>[^\x00-\x08\n-\x1f\x7f]+)"
)
_NOT_TEXT = re.compile(rf"(?!\n)(?:{_TOKEN.pattern.rpartition('|')[0]})")
_MOVES = re.compile(r"[\r\x08]|\x1b\[[0-?]*[A-HJKPX@d-fsu`]|\x1b[78M]")


def screen_text(text: str) -> str:
    """The text without colours and control characters, and without what a program wrote over or erased.

    It takes time and memory in proportion to the text, whatever the text says.
    """
    text = text.replace("\r\n", "\n")
    if _MOVES.search(text) is None:
        return _NOT_TEXT.sub("", text)
    screen = _Screen()
    for token in _TOKEN.finditer(text):
        screen.take(token)
    return screen.text()


class _Screen:
    """Lines of characters and a cursor; a move alone makes no line."""

    def __init__(self) -> None:
        self._lines: list[list[str]] = [[]]
        self._row = self._column = 0
        self._saved = (0, 0)
        self._spare = SPARE

    def text(self) -> str:
        return "\n".join("".join(line).rstrip(" ") for line in self._lines)

    def take(self, token: re.Match[str]) -> None:
        match token.lastgroup:
            case "text":
                self._write(token[0])
            case "control":
                self._control(token[0])
            case "final":
                numbers = [int(part[:6]) if part.isdecimal() else 0 for part in token["parameters"].split(";")]
                self._sequence(token["final"], *[*numbers, 0][:2])
            case "escape":
                self._escape(token["escape"])

    def _write(self, text: str) -> None:
        line = self._lines[self._row]
        if self._column > len(line) and not self._affords(self._column - len(line)):
            self._column = len(line)
        line.extend(" " * (self._column - len(line)))
        line[self._column : self._column + len(text)] = text
        self._column += len(text)

    def _control(self, char: str) -> None:
        match char:
            case "\n":  # kernels write as programs do: a new line begins at its beginning
                self._row += 1
                self._column = 0
                if self._row == len(self._lines):
                    self._lines.append([])
            case "\r":
                self._column = 0
            case "\b":
                self._column = max(self._column - 1, 0)

    def _escape(self, final: str) -> None:
        match final:
            case "7":
                self._saved = (self._row, self._column)
            case "8":
                self._go(*self._saved)
            case "M":
                self._go(self._row - 1, self._column)

    def _sequence(self, final: str, first: int, second: int) -> None:  # noqa: C901, PLR0912 - one case for each control sequence
        row, column, count = self._row, self._column, max(first, 1)
        match final:
            case "A":
                self._go(row - count, column)
            case "B" | "e":
                self._go(row + count, column)
            case "C":
                self._go(row, column + count)
            case "D":
                self._go(row, column - count)
            case "E":
                self._go(row + count, 0)
            case "F":
                self._go(row - count, 0)
            case "G" | "`":
                self._go(row, count - 1)
            case "d":
                self._go(self._top + count - 1, column)
            case "H" | "f":
                self._go(self._top + count - 1, max(second, 1) - 1)
            case "s":
                self._saved = (row, column)
            case "u":
                self._go(*self._saved)
            case "J":
                self._erase_rows(first)
            case "K" | "X" | "P" | "@" if self._affords(len(self._lines[row])):
                self._erase(final, first)

    def _erase(self, final: str, first: int) -> None:
        line, column, count = self._lines[self._row], self._column, max(first, 1)
        match final, first:
            case "K", 0:
                del line[column:]
            case "K", 1:
                line[: column + 1] = " " * min(column + 1, len(line))
            case "K", 2:
                line.clear()
            case "X", _:
                line[column : column + count] = " " * len(line[column : column + count])
            case "P", _:
                del line[column : column + count]
            case "@", _:
                if column < len(line) and self._affords(min(count, COLUMNS)):
                    line[column:column] = " " * min(count, COLUMNS)

    def _erase_rows(self, first: int) -> None:
        """What is below the cursor (0), above it (1), or all of the screen (2, 3)."""
        if first == 0:
            del self._lines[self._row][self._column :]
            del self._lines[self._row + 1 :]
            return
        if first == 1:
            self._sequence("K", 1, 0)
        end = self._row if first == 1 else len(self._lines)
        for row in range(self._top, end):
            self._lines[row] = []

    def _affords(self, count: int) -> bool:
        """Whether so much may be made or pushed about; if so, it is paid for."""
        self._spare -= min(count, max(self._spare, 0))
        return self._spare > 0

    @property
    def _top(self) -> int:
        return max(len(self._lines) - ROWS, 0)

    def _go(self, row: int, column: int) -> None:
        self._row = min(max(row, min(self._top, self._row)), len(self._lines) - 1)
        self._column = max(min(column, max(COLUMNS, self._column)), 0)
