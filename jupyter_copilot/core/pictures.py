"""Pictures, stored once and outside of records and state, which name them by what they are.

A picture that is posted, drawn or returned comes as base64. Before it is recorded, each that is not small is set apart:
the record keeps its type, its digest and its size, and the bytes are kept beside the log.
"""

from __future__ import annotations

import binascii
import hashlib
from collections.abc import Iterable, Sequence
from typing import TypeGuard

from msgspec import Struct
from msgspec.structs import replace

from .. import protocol as p

INLINE_CHARS = 2_000
"""A picture with less base64 stays where it is: its digest and a request for it would cost as much."""
CHECKPOINT = "application/gzip"
"""The type of a notebook that was kept: the JSON of its cells, compressed."""
MENTION = "copilot-picture:"
"""Begins an address, before a digest, in whose place the picture is put before a request goes to a model."""


class Picture(Struct, frozen=True, kw_only=True):
    """A picture's bytes, their SHA-256 in hex, and their MIME type as whoever posted it says."""

    digest: str
    mime: str
    data: bytes


def is_readable(image: p.Image) -> bool:
    """Whether its base64 can be read, or it names a picture that is kept."""
    return bool(image.digest if not image.data else _bytes_of(image))


def brings_pictures(command: p.Command) -> TypeGuard[p.PostMessage]:
    """Whether a command brings pictures that are stored apart."""
    return isinstance(command, p.PostMessage) and any(len(i.data) >= INLINE_CHARS for i in command.context.images)


def without_pictures(command: p.PostMessage) -> tuple[p.PostMessage, list[Picture]]:
    """The command with digests in the place of large pictures, and those pictures.

    It reads and hashes megabytes, so it is made to run beside the loop.
    """
    apart: dict[str, Picture] = {}
    images = _all_named(command.context.images, apart)
    return replace(command, context=replace(command.context, images=images)), list(apart.values())


def set_apart(events: Iterable[p.Event]) -> tuple[list[p.Event], list[Picture]]:
    """The events with digests in the place of large pictures, and those pictures."""
    apart: dict[str, Picture] = {}
    return [_without(event, apart) for event in events], list(apart.values())


def _without(event: p.Event, apart: dict[str, Picture]) -> p.Event:
    match event:
        case p.MessagePosted() if event.context.images:
            return replace(event, context=replace(event.context, images=_all_named(event.context.images, apart)))
        case p.CheckpointKept(content=content) if content:
            kept = Picture(digest=event.digest, mime=CHECKPOINT, data=binascii.a2b_base64(content))
            apart[kept.digest] = kept
            return replace(event, content="", bytes=len(kept.data))
        case p.CallOutput() if event.output.image is not None:
            return replace(event, output=replace(event.output, image=_named(event.output.image, apart)))
        case p.CallFinished() if event.result.images:
            return replace(event, result=replace(event.result, images=_all_named(event.result.images, apart)))
        case _:
            return event


def _all_named(images: Sequence[p.Image], apart: dict[str, Picture]) -> list[p.Image]:
    return [_named(image, apart) for image in images]


def _named(image: p.Image, apart: dict[str, Picture]) -> p.Image:
    """The image by its digest; one that nobody could ever show keeps its name alone."""
    if len(image.data) < INLINE_CHARS:
        return image
    data = _bytes_of(image)
    if not data:
        return replace(image, data="", digest="", bytes=0)
    digest = hashlib.sha256(data).hexdigest()
    apart[digest] = Picture(digest=digest, mime=image.mime, data=data)
    return replace(image, data="", digest=digest, bytes=len(data))


def _bytes_of(image: p.Image) -> bytes:
    try:
        return binascii.a2b_base64(image.data)
    except (binascii.Error, ValueError):  # not base64, or not ASCII
        return b""
