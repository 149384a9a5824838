"""Pictures made as small as models see them, where Pillow is installed (the extra `pictures`; matplotlib brings it)."""

from __future__ import annotations

import base64
import io
import warnings
from functools import lru_cache
from typing import Any

import msgspec

from ...protocol import Image

MAX_SIDE = 1_024
"""Pixels of the longer side. Models scale down what is larger themselves, and charge for it."""
SMALL_CHARS = 40_000
"""A picture of so little base64 goes as it is."""
MAX_PIXELS = 16_000_000
"""More than that would take too long to unpack; such a picture goes as it is, within the budget of bytes."""
QUALITY = 85


def scaled(image: Image) -> Image:
    """The picture, scaled down if it is large; as it is without Pillow, or when that makes nothing smaller."""
    if len(image.data) <= SMALL_CHARS:
        return image
    found = _scaled(image.mime, image.data)
    return image if found is None else msgspec.structs.replace(image, mime=found[0], data=found[1])


@lru_cache(32)
def _scaled(mime: str, data: str) -> tuple[str, str] | None:
    try:
        from PIL import Image as Pillow
    except ImportError:
        return None
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            with Pillow.open(io.BytesIO(base64.b64decode(data))) as picture:
                if picture.width * picture.height > MAX_PIXELS or max(picture.size) <= MAX_SIDE:
                    return None
                smaller = _encoded(picture, mime)
    except Exception:  # whatever a broken file makes of it, the picture goes as it is
        return None
    text = base64.b64encode(smaller[1]).decode()
    return (smaller[0], text) if len(text) < len(data) else None


def _encoded(picture: Any, mime: str) -> tuple[str, bytes]:
    if picture.mode not in ("L", "RGB", "RGBA"):
        picture = picture.convert("RGBA" if "transparency" in picture.info or "A" in picture.mode else "RGB")
    picture.thumbnail((MAX_SIDE, MAX_SIDE))
    file = io.BytesIO()
    lossy = {"image/jpeg": "JPEG", "image/webp": "WEBP"}.get(mime)
    if lossy and (lossy == "WEBP" or picture.mode != "RGBA"):
        picture.save(file, lossy, quality=QUALITY)
        return mime, file.getvalue()
    picture.save(file, "PNG")
    return "image/png", file.getvalue()
