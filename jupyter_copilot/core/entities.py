"""Entities of HTML, such as `&lt;` and `&#60;`, as the characters that they are."""

from __future__ import annotations

import html
import re

_ZEROS = re.compile(r"&#([xX]?)0+(?=[0-9A-Fa-f])")
_NO_CHARACTER = re.compile(r"&#(?:[0-9]{8,}|[xX][0-9A-Fa-f]{7,})")


def decoded(text: str) -> str:
    """The text with its entities decoded once, as a browser does."""
    return html.unescape(decodable(text))


def decodable(text: str) -> str:
    """The same text for `html.unescape`, which raises `ValueError` for a number of thousands of digits."""
    return _NO_CHARACTER.sub("&#xfffffff", _ZEROS.sub(r"&#\1", text)) if "&#" in text else text
