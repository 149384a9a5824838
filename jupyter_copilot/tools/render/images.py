"""Images as base64, checked before a model is sent them: many servers refuse a whole request for one that is broken."""

from __future__ import annotations

import base64
import re

_BEGINNINGS = {
    "image/png": re.compile(rb"\x89PNG\r\n\x1a\n\0\0\0\rIHDR.{8}", re.DOTALL),
    "image/jpeg": re.compile(rb"\xff\xd8\xff"),
    "image/gif": re.compile(rb"GIF8[79]a"),
    "image/webp": re.compile(rb"RIFF.{4}WEBP", re.DOTALL),
}
IMAGE_TYPES = tuple(_BEGINNINGS)
"""The types that models take, the preferred one first."""


def decoded(mime: str, data: str) -> bytes | None:
    """The bytes of an image of one of `IMAGE_TYPES`; None when it is no base64, or does not begin as its type does."""
    try:
        content = base64.b64decode(data, validate=True)
    except ValueError:
        return None
    return content if _BEGINNINGS[mime].match(content) else None


def png_size(content: bytes) -> tuple[int, int]:
    """The width and height in pixels that a decoded PNG states."""
    return int.from_bytes(content[16:20], "big"), int.from_bytes(content[20:24], "big")
