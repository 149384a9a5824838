"""Replacement of a text that stands in one place."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable

from ...core.embedded_files import folded, unfolded
from ...core.untrusted_text import as_data
from ...protocol.errors import ToolError
from ..render.data import shorten
from ..render.outputs import IN_FULL


def replaced(source: str, old_text: str, new_text: str) -> str:
    """The source with `new_text` in the one place of `old_text`.

    Where it stands nowhere, characters that a model cannot tell apart are taken as alike: kinds of spaces, of line
    ends, of composed characters. What `new_text` leaves as it is, stays. Raises `ToolError`, which shows the model why
    it is not one place.
    """
    if not old_text:
        raise ToolError("`old_text` is empty.", hint="Copy the lines to replace into it, or pass the whole `source`.")
    old_text, new_text = unfolded(old_text, source), unfolded(new_text, source)
    for seen in (_as_written, _as_read):
        text, at = seen(source)
        old, new = seen(old_text)[0], seen(new_text)[0]
        places = _places(text, old)
        if len(places) == 1:
            return _exchanged(source, at, places[0], old, new, new_text, seen)
        if places:
            raise _ambiguous([text.count("\n", 0, place) + 1 for place in places])
    hint = "Its white space differs: copy indentation and line ends exactly." if _only_space(source, old_text) else ""
    now = as_data("source", shorten(folded(source), IN_FULL.source))
    raise ToolError("`old_text` does not occur in the cell.", hint=f"{hint} The cell reads:\n{now}".strip())


def _as_written(text: str) -> tuple[str, range]:
    """The text, and where each of its characters begins and the last ends."""
    return text, range(len(text) + 1)


def _as_read(text: str) -> tuple[str, list[int]]:
    """The text as it looks, and where each of its characters begins in it and the last ends."""
    seen: list[str] = []
    at: list[int] = []
    start = 0
    while start < len(text):
        end = start + 1
        while end < len(text) and unicodedata.combining(text[end]):
            end += 1
        for character in _look(text[start:end]):
            seen.append(character)
            at.append(start)
        start = end
    return "".join(seen), [*at, len(text)]


def _look(cluster: str) -> str:
    if cluster in ("\u2028", "\u2029", "\x85", "\x0b", "\x0c"):
        return "\n"
    if unicodedata.category(cluster[0]) == "Zs":
        return " " + cluster[1:]
    return unicodedata.normalize("NFC", cluster)


def _places(text: str, wanted: str) -> list[int]:
    """Each place where the text stands, overlapping places included."""
    places, at = [], text.find(wanted)
    while at >= 0:
        places.append(at)
        at = text.find(wanted, at + 1)
    return places


def _exchanged(
    source: str,
    at: range | list[int],
    place: int,
    old: str,
    new: str,
    new_text: str,
    seen: Callable[[str], tuple[str, range | list[int]]],
) -> str:
    """The source with what differs between `old` and `new` exchanged at this place."""
    head = next((i for i, (a, b) in enumerate(zip(old, new, strict=False)) if a != b), min(len(old), len(new)))
    most = min(len(old), len(new)) - head
    tail = next((i for i in range(most) if old[-1 - i] != new[-1 - i]), most)
    written = seen(new_text)[1]
    come = new_text[written[head] : written[len(new) - tail]]
    return source[: at[place + head]] + come + source[at[place + len(old) - tail] :]


def _ambiguous(lines: list[int]) -> ToolError:
    return ToolError(
        f"`old_text` matches {len(lines)} places (lines {', '.join(map(str, lines[:10]))}).",
        hint="Include more lines around the one you mean, so that it matches once.",
    )


def _only_space(source: str, text: str) -> bool:
    return bool(text.strip()) and "".join(text.split()) in "".join(source.split())
