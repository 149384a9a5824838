"""Pictures in the text of a cell, and characters that cannot be seen: told in short, and put back when it is edited."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator
from typing import NamedTuple

_PICTURE_TYPES = frozenset({"image/png", "image/jpeg", "image/gif", "image/webp"})
_URI = re.compile(r"data:(?P<mime>[\w.+-]+/[\w.+-]+)(?:;[\w.+=-]+)*;base64,(?P<data>[A-Za-z0-9+/=_-]{200,})")
"""Shorter ones are no burden."""
_UNSEEN = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff]")


class Embedded(NamedTuple):
    """A file within a text, as base64."""

    mime: str
    data: str


def folded(text: str) -> str:
    """The text with each embedded file as a short mark, and each unseen control character as its number.

    The mark is made from the file, so that it is told unchanged while the file is.
    """
    if ";base64," in text:
        text = _URI.sub(lambda found: _mark(found[0], found["mime"], len(found["data"])), text)
    return _UNSEEN.sub(lambda found: _number(found[0]), text)


def unfolded(text: str, original: str) -> str:
    """The text with what `folded` made of `original` put back, wherever it stands in it."""
    if ";base64,⟨" in text:
        for found in _URI.finditer(original):
            text = text.replace(_mark(found[0], found["mime"], len(found["data"])), found[0])
    if "⟨U+" in text:
        for char in dict.fromkeys(_UNSEEN.findall(original)):
            if _number(char) not in original:
                text = text.replace(_number(char), char)
    return text


def pictures_in(text: str) -> Iterator[Embedded]:
    """The embedded pictures of the types that models take, in order."""
    if ";base64," in text:
        for found in _URI.finditer(text):
            if found["mime"] in _PICTURE_TYPES:
                yield Embedded(found["mime"], found["data"])


def _mark(uri: str, mime: str, length: int) -> str:
    digest = hashlib.sha256(uri.encode()).hexdigest()[:6]
    return f"data:{mime};base64,⟨{digest}, {length:,} characters⟩"


def _number(char: str) -> str:
    return f"⟨U+{ord(char):04X}⟩"
