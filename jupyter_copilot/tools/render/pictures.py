"""The pictures of a cell: among its outputs, attached to it, and embedded in its source."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import chain, islice

from ...core.embedded_files import pictures_in
from ...ports.notebook import Cell
from ...protocol import Image
from .bundle import joined
from .data import quoted
from .images import IMAGE_TYPES, decoded
from .outputs import MAX_IMAGE_CHARS, MAX_IMAGES, images_of
from .scaling import scaled


def pictures_of(cell: Cell) -> list[Image]:
    """The first pictures of a cell that a model can take, `MAX_IMAGES` at most: outputs, attachments, then source.

    Large ones are scaled down.
    """
    found = chain(images_of(cell.outputs), (image for _, image in _in_text(cell) if image))
    return [scaled(image) for image in islice(found, MAX_IMAGES)]


def named_pictures(cell: Cell, first_image: int | None) -> list[str]:
    """A line for each picture that is attached to a cell or embedded in its source.

    `first_image` numbers the first image of `pictures_of(cell)` among those sent along; None sends none.
    """
    lines = []
    sent = 0 if first_image is None else len(images_of(cell.outputs))
    for name, image in _in_text(cell):
        if image is None or first_image is None or sent >= MAX_IMAGES:
            lines.append(f"[{name}, not in this text; read_cell shows it]" if image else f"[{name}, no picture]")
        else:
            lines.append(f"[{name}, sent along as image {first_image + sent}]")
            sent += 1
    return lines


def _in_text(cell: Cell) -> Iterator[tuple[str, Image | None]]:
    """What each is called, and the picture, if it is one that a model can take."""
    for name, bundle in cell.attachments.items():
        data = bundle if isinstance(bundle, dict) else {}
        mime = next((mime for mime in IMAGE_TYPES if mime in data), "")
        yield f"attachment {quoted(str(name))}", _image(mime, joined(data[mime])) if mime else None
    for embedded in pictures_in(cell.source):
        yield f"{embedded.mime} in the source", _image(embedded.mime, embedded.data)


def _image(mime: str, data: str) -> Image | None:
    content = "".join(data.split())
    if len(content) > MAX_IMAGE_CHARS or decoded(mime, content) is None:
        return None
    return Image(mime=mime, data=content)
