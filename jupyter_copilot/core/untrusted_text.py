"""Quoting: what nobody vouches for is told to the model as data that cannot break out of its fence.

What people are shown of it is made by `visible_text`.
"""

from __future__ import annotations

import re

_NAME = re.compile(r"[\s:\[\]<>“”~]+")
_TILDES = re.compile(r"~{3,}")
PLAIN = "source"
"""The kind of text that needs no name at its fence."""


def as_data(kind: str, text: str) -> str:
    """The text between two fences of tildes, longer than any in the text, the first of which names its kind.

    So no text can close its own fence. It depends on the text alone, so that an unchanged text is told unchanged.
    """
    longest = max(map(len, _TILDES.findall(text)), default=2)
    fence = "~" * (longest + 1)
    return f"{fence}{'' if kind == PLAIN else kind}\n{text}\n{fence}"


def as_name(name: str) -> str:
    """A person's display name on one line, at most 60 characters, without characters that could pose as ours."""
    return _NAME.sub(" ", name).strip()[:60] or "Somebody"
