"""Quoting: what nobody vouches for is told to the model as data that cannot break out of its marks.

What people are shown of it is made by `visible_text`.
"""

from __future__ import annotations

import hashlib
import re

_NAME = re.compile(r"[\s:\[\]<>“”]+")


def as_data(kind: str, text: str) -> str:
    """The text between `<kind mark>` and `</kind mark>`, where the mark does not occur in the text.

    So no text can close its own marks. They depend on the text alone, so that an unchanged text is told unchanged.
    """
    mark, salt = "", 0
    while not mark or mark in text:
        mark = hashlib.sha256(f"{salt}:{text}".encode("utf-8", "surrogatepass")).hexdigest()[:8]
        salt += 1
    return f"<{kind} {mark}>\n{text}\n</{kind} {mark}>"


def as_name(name: str) -> str:
    """A person's display name on one line, at most 60 characters, without characters that could pose as ours."""
    return _NAME.sub(" ", name).strip()[:60] or "Somebody"
