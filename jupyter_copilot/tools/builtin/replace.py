"""Exact replacement of a text that stands in one place."""

from __future__ import annotations

from ...core.embedded_files import folded, unfolded
from ...core.untrusted_text import as_data
from ...protocol.errors import ToolError
from ..render.data import shorten
from ..render.outputs import IN_FULL


def replaced(source: str, old_text: str, new_text: str) -> str:
    """The source with `new_text` in the one place of `old_text`.

    Raises `ToolError`, which shows the model why it is not one place.
    """
    old_text, new_text = unfolded(old_text, source), unfolded(new_text, source)
    if not old_text:
        raise ToolError("`old_text` is empty.", hint="Copy the lines to replace into it, or pass the whole `source`.")
    lines = _lines_of(source, old_text)
    if len(lines) == 1:
        return source.replace(old_text, new_text)
    if lines:
        raise ToolError(
            f"`old_text` matches {len(lines)} places (lines {', '.join(map(str, lines[:10]))}).",
            hint="Include more lines around the one you mean, so that it matches once.",
        )
    hint = "Its white space differs: copy indentation and line ends exactly." if _only_space(source, old_text) else ""
    now = as_data("source", shorten(folded(source), IN_FULL.source))
    raise ToolError("`old_text` does not occur in the cell.", hint=f"{hint} The cell reads:\n{now}".strip())


def _lines_of(source: str, text: str) -> list[int]:
    """The line of each place where the text stands, overlapping places included."""
    lines, at = [], source.find(text)
    while at >= 0:
        lines.append(source.count("\n", 0, at) + 1)
        at = source.find(text, at + 1)
    return lines


def _only_space(source: str, text: str) -> bool:
    return bool(text.strip()) and "".join(text.split()) in "".join(source.split())
