"""HTML and SVG as the text that a person would read in them: rows and columns of tables, lines of the rest."""

from __future__ import annotations

import re
from html.parser import HTMLParser

from typing_extensions import override

from ...core.entities import decodable

MAX_MARKUP = 400_000
"""Characters that are looked at; a page that embeds its own library has far more."""

_SILENT = frozenset({"script", "style", "head", "template", "noscript", "defs", "metadata", "textarea"})
_LINES = frozenset({
    "address", "article", "aside", "blockquote", "br", "caption", "dd", "desc", "div", "dl", "dt", "figcaption",
    "figure", "footer", "form", "h1", "h2", "h3", "h4", "h5", "h6", "header", "hr", "legend", "li", "main", "nav", "ol",
    "option", "p", "pre", "section", "summary", "table", "tbody", "text", "tfoot", "thead", "title", "tr", "tspan",
    "ul",
})  # fmt: skip
_BLANKS = re.compile(r"[ \t\r\f\v\xa0]+")
_GAPS = re.compile(r"\n\s*\n+")


def text_in(markup: str) -> str:
    """The readable text of HTML or SVG, empty if there is none; a table's row is a line, its cells part by ` | `."""
    reader = _Reader()
    reader.feed(_readable(decodable(markup[:MAX_MARKUP])))
    reader.close()
    return reader.text()


def _readable(markup: str) -> str:
    """The markup without tags that never end: the parser would look for the end of each of them, up to the last."""
    end = markup.rfind(">") + 1
    return markup[:end] + markup[end:].replace("<", "&lt;")


class _Reader(HTMLParser):
    """Collects text; what is not for reading is passed over."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self._pieces: list[str] = []
        self._silent: list[str] = []
        self._preformatted = 0
        self._cells_in_row: list[int] = []

    def text(self) -> str:
        """All that was read."""
        lines = (line.rstrip(" ") for line in "".join(self._pieces).split("\n"))
        return _GAPS.sub("\n", "\n".join(lines)).strip("\n")

    @override
    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:  # noqa: C901 - one case for each kind of tag
        if self._silent:
            if tag == self._silent[-1]:
                self._silent.append(tag)
            return
        match tag:
            case _ if tag in _SILENT:
                self._silent.append(tag)
            case "tr":
                self._pieces.append("\n")
                self._cells_in_row.append(0)
            case "td" | "th":
                self._pieces.append(" | " if self._cells_in_row and self._cells_in_row[-1] else "")
                if self._cells_in_row:
                    self._cells_in_row[-1] += 1
            case "img":
                name = next((value for key, value in attrs if key in ("alt", "title") and value), "")
                self._pieces.append(f"[picture{': ' if name else ''}{name}]")
            case "iframe" | "video" | "audio":
                self._pieces.append(f"\n[{tag}]\n")
            case "li":
                self._pieces.append("\n- ")
            case "pre":
                self._preformatted += 1
                self._pieces.append("\n")
            case _ if tag in _LINES and not self._in_cell:
                self._pieces.append("\n")
            case _ if tag in _LINES:
                self._pieces.append(" ")

    @override
    def handle_endtag(self, tag: str) -> None:
        if self._silent:
            if tag == self._silent[-1]:
                self._silent.pop()
            return
        if tag == "pre":
            self._preformatted = max(0, self._preformatted - 1)
        if tag == "tr" and self._cells_in_row:
            self._cells_in_row.pop()
        if tag in _LINES and tag != "br":
            self._pieces.append(" " if self._in_cell else "\n")

    @override
    def handle_data(self, data: str) -> None:
        if self._silent:
            return
        if self._preformatted and not self._in_cell:
            self._pieces.append(data)
        elif self._cells_in_row and not self._in_cell:
            self._pieces.append(data.strip())  # blanks between the cells
        else:
            text = _BLANKS.sub(" ", data.replace("\n", " "))
            begins = not self._pieces or self._pieces[-1].endswith("\n")
            self._pieces.append(text.lstrip(" ") if begins else text)

    @override
    def parse_marked_section(self, i: int, report: int = 1) -> int:
        """Pass over `<![ … >`, as browsers do; the parser's own way raises `AssertionError` for what is none."""
        return self.parse_bogus_comment(i, False)

    @property
    def _in_cell(self) -> bool:
        return bool(self._cells_in_row) and self._cells_in_row[-1] > 0
