"""The picture that a front end took of a cell's outputs, checked before it is recorded and sent to a model."""

from __future__ import annotations

from typing import Any

import msgspec
from msgspec import Struct

from ...protocol import CallResult, Image
from ...protocol.errors import ToolError
from .images import decoded, png_size
from .outputs import MAX_IMAGE_CHARS

MAX_WIDTH = 1200
MAX_HEIGHT = 1600
"""In pixels of the picture, one for each CSS pixel: what models see without shrinking it much themselves."""


class Picture(Struct, frozen=True, kw_only=True):
    """A PNG as base64, and what is missing in it; how large it is, it says itself.

    `frames` and `images` count what cannot be drawn from within the page: embedded pages, and images of other sites.
    `cut` says that the outputs go on beyond its edge, `scale` by how much it was shrunk.
    """

    data: str
    scale: float = 1.0
    frames: int = 0
    images: int = 0
    cut: bool = False


def picture_of(value: Any) -> CallResult:
    """The result for the model. Raises `ToolError` when the value is no PNG within the limits."""
    try:
        picture = msgspec.convert(value, Picture)
    except msgspec.ValidationError as error:
        raise ToolError("The browser tab returned no picture.", hint="Use read_cell instead.") from error
    if len(picture.data) > MAX_IMAGE_CHARS:
        raise ToolError("The picture is too large.", hint="Ask for one `output`, or use read_cell.")
    content = decoded("image/png", picture.data)
    if content is None:
        raise ToolError("The browser tab returned no PNG.", hint="Use read_cell instead.")
    width, height = png_size(content)
    if not (0 < width <= MAX_WIDTH and 0 < height <= MAX_HEIGHT):
        raise ToolError(
            f"The browser tab's picture has {width} × {height} pixels, at most {MAX_WIDTH} × {MAX_HEIGHT} are taken.",
            hint="Ask for one `output`, or use read_cell.",
        )
    image = Image(mime="image/png", data=picture.data, name="Outputs as they look in the notebook")
    return CallResult(text=_told(picture, width, height), images=[image])


def _told(picture: Picture, width: int, height: int) -> str:
    lines = [f"The picture is attached: {width} × {height} pixels, as people see it in JupyterLab."]
    if picture.scale < 1:
        lines.append(f"It was shrunk to {picture.scale:.0%}.")
    if picture.cut:
        lines.append("The outputs go on beyond its edge; ask for one `output` at a time, or read the text.")
    blank = [
        (picture.frames, "embedded page", "embedded pages"),
        (picture.images, "image from another site", "images from another site"),
    ]
    lines += [f"{_count(*each)} cannot be drawn, and left blank." for each in blank if each[0]]
    return " ".join(lines)


def _count(number: int, one: str, many: str) -> str:
    return f"{number} {one if number == 1 else many}"
