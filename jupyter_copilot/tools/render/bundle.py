"""The one text of a MIME bundle that tells most: `text/plain`, or the content where that is only an object's name."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

from .charts import plotly_text, vega_text
from .markup import text_in
from .terminal import screen_text

_NAME = re.compile(r"\s*(<[^\n]*>|[\w.]+\(\.\.\.\))\s*")
"""Such as `<IPython.core.display.HTML object>`, `<Styler at 0x7f…>`, `<Figure size 640x480 with 1 Axes>`, and what
Altair writes: `alt.Chart(...)`."""
_VEGA = re.compile(r"application/vnd\.vega(lite)?(\.v\d+)?\+json")


class Best(NamedTuple):
    """The type that was chosen, and its text."""

    mime: str
    text: str


def best_text(data: Mapping[str, Any]) -> Best | None:
    """What to tell of a bundle, None when nothing in it can be told as text.

    A real `text/plain`, as a table has it, is best. One that is only the name of an object stands behind all content.
    """
    plain = _drawn(joined(data["text/plain"])) if "text/plain" in data else ""
    if plain.strip() and not _NAME.fullmatch(plain[:500]):
        return Best("text/plain", plain)
    for mime, content in sorted(data.items(), key=lambda item: _rank(str(item[0]))):
        told = _told(str(mime), content)
        if told.strip():
            return Best(str(mime), told)
    return Best("text/plain", plain) if plain.strip() else None


def _drawn(text: str) -> str:
    """The text as views draw it: pages of help have colours in them."""
    return screen_text(text) if "\x1b" in text else text


def joined(value: Any) -> str:
    """nbformat's multi-line string as one string."""
    return "".join(map(str, value)) if isinstance(value, list) else str(value)


def _rank(mime: str) -> int:
    return next((rank for rank, (fits, _) in enumerate(_TELLERS) if fits(mime)), len(_TELLERS))


def _told(mime: str, content: Any) -> str:
    return next((tell(content) for fits, tell in _TELLERS if fits(mime)), "")


def _markup(content: Any) -> str:
    return text_in(joined(content))


def _json(content: Any) -> str:
    return content if isinstance(content, str) else json.dumps(content, ensure_ascii=False, default=str)


def _is(*mimes: str) -> Callable[[str], bool]:
    return lambda mime: mime in mimes


_TELLERS: list[tuple[Callable[[str], bool], Callable[[Any], str]]] = [
    (_is("text/markdown"), joined),
    (_is("text/latex"), joined),
    (lambda mime: _VEGA.fullmatch(mime) is not None, vega_text),
    (_is("application/vnd.plotly.v1+json"), plotly_text),
    (_is("text/html"), _markup),
    (_is("application/json", "application/geo+json", "text/x-python", "text/csv"), _json),
    (_is("image/svg+xml"), _markup),
]
"""Who tells which type, the one that tells most first."""
