"""A cell's outputs as text and images for the model."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby, islice
from typing import Any

from msgspec import Struct

from ...core.embedded_files import folded
from ...core.untrusted_text import as_data
from ...protocol import Image
from .bundle import best_text, joined
from .data import allot, quoted, shorten
from .images import IMAGE_TYPES, decoded
from .terminal import screen_text
from .traceback import without_library_frames

UNTOLD = frozenset({"text/plain", "text/markdown", "text/latex", "application/json", "text/html"})
"""Types that are not named where another one of the same output is told: they say the same."""
MAX_IMAGES = 4
MAX_IMAGE_CHARS = 1 << 20  # each is recorded and sent to every viewer
MAX_BLOCKS = 40
MAX_OUTPUTS = 400
"""So many outputs of a cell are looked at, half of them at its beginning and half at its end."""
MAX_RAW_CHARS = 200_000


class OutputLimits(Struct, frozen=True, kw_only=True):
    """How many characters of a cell are shown: of its source, of its outputs together, and of an error."""

    source: int = 6_000
    outputs: int = 2_000
    error: int = 1_200
    frames: bool = False
    """Whether the frames of libraries are shown too, the last one of which always is."""


OVERVIEW = OutputLimits()
IN_FULL = OutputLimits(source=60_000, outputs=16_000, error=16_000, frames=True)


class Block(Struct, frozen=True):
    """One piece of output: `kind` is stdout, stderr, result, display or error."""

    kind: str
    text: str


def render_outputs(
    outputs: Sequence[dict[str, Any]], limits: OutputLimits = OVERVIEW, *, first_image: int | None = None
) -> str:
    """The outputs (nbformat 4) as delimited text, shortened as `blocks_of` does.

    `first_image` is the number of the first image of `images_of(outputs)` among those attached; None attaches none.
    """
    blocks = blocks_of(outputs, limits, first_image=first_image)
    return "\n".join(as_data(block.kind, block.text) for block in blocks)


def blocks_of(
    outputs: Sequence[dict[str, Any]], limits: OutputLimits = OVERVIEW, *, first_image: int | None = None
) -> list[Block]:
    """The outputs (nbformat 4) as pieces of text: head and tail of long ones, errors with their traceback."""
    blocks = _skip_middle(
        list(_merged(_blocks(_ends(outputs), first_image, limits.frames))), len(outputs) - MAX_OUTPUTS
    )
    shares = iter(allot([len(block.text) for block in blocks if block.kind != "error"], limits.outputs))
    return [
        # The end of a traceback names the error; of other output, head and tail tell equally much.
        Block(block.kind, shorten(block.text, limits.error, tail=0.7))
        if block.kind == "error"
        else Block(block.kind, shorten(block.text, next(shares)))
        for block in blocks
    ]


def images_of(outputs: Sequence[dict[str, Any]]) -> list[Image]:
    """The first images among the outputs that a model can take, `MAX_IMAGES` at most."""
    found = (_image(output) for output in _ends(outputs))
    return list(islice((image for image in found if image is not None), MAX_IMAGES))


def _image(output: dict[str, Any]) -> Image | None:
    data = _data(output)
    mime = next((mime for mime in IMAGE_TYPES if mime in data), None)
    if mime is None:
        return None
    content = "".join(joined(data[mime]).split())
    if len(content) > MAX_IMAGE_CHARS or decoded(mime, content) is None:
        return None
    return Image(mime=mime, data=content)


def _data(output: dict[str, Any]) -> dict[str, Any]:
    data = output.get("data")
    return data if isinstance(data, dict) else {}


def _blocks(outputs: Sequence[dict[str, Any]], first_image: int | None, frames: bool) -> Iterator[Block]:
    numbers = iter(range(first_image, first_image + MAX_IMAGES) if first_image is not None else ())
    for output in outputs:
        kind = output.get("output_type")
        if kind == "stream":
            yield Block("stderr" if output.get("name") == "stderr" else "stdout", joined(output.get("text", "")))
        elif kind == "error":
            yield Block("error", _error(output, frames))
        else:
            number = next(numbers, None) if first_image is not None and _image(output) is not None else None
            yield Block("result" if kind == "execute_result" else "display", _bundle(output, number))


def _error(output: dict[str, Any], frames: bool) -> str:
    traceback = output.get("traceback") or []
    if isinstance(traceback, list) and not frames:
        traceback = without_library_frames([str(piece) for piece in traceback])
    text = "\n".join(map(str, traceback)) if isinstance(traceback, list) else str(traceback)
    return text if text.strip() else f"{output.get('ename', 'Error')}: {output.get('evalue', '')}"


def _bundle(output: dict[str, Any], image_number: int | None) -> str:
    """A result or display: its best text, and a note for each thing that is not text."""
    data = _data(output)
    best = best_text(data)
    lines = [] if best is None else [folded(best.text)]
    for mime, content in data.items():
        if mime in IMAGE_TYPES and image_number:
            lines.append(f"[{mime}, attached as image {image_number}]")
        elif best is None or (mime != best.mime and mime not in UNTOLD):
            lines.append(f"[{quoted(str(mime))}, {_size(content)}, not in this text]")
    return "\n".join(lines)


def _size(content: Any) -> str:
    length = len(joined(content))
    return f"{length:,} characters" if length < 10_000 else f"{length // 1000:,} kB"


def _merged(blocks: Iterable[Block]) -> Iterator[Block]:
    """The blocks as a terminal would show them: neighbouring pieces of one stream as one, empty ones left out."""
    for kind, group in groupby(enumerate(blocks), lambda item: _stream_or_own(*item)):
        texts = [block.text for _, block in group]
        # Huge outputs are cut before they are cleaned, so that a runaway loop's output costs us little.
        text = screen_text(shorten("".join(texts), MAX_RAW_CHARS))
        if text.strip():
            yield Block(kind[0], text.strip("\n"))


def _stream_or_own(position: int, block: Block) -> tuple[str, int]:
    return (block.kind, -1) if block.kind in ("stdout", "stderr") else (block.kind, position)


def _ends(outputs: Sequence[dict[str, Any]]) -> Sequence[dict[str, Any]]:
    half = MAX_OUTPUTS // 2
    return outputs if len(outputs) <= MAX_OUTPUTS else [*outputs[:half], *outputs[-half:]]


def _skip_middle(blocks: list[Block], unseen: int) -> list[Block]:
    if len(blocks) <= MAX_BLOCKS and unseen <= 0:
        return blocks
    half = MAX_BLOCKS // 2
    skipped = max(0, len(blocks) - 2 * half) + max(0, unseen)
    note = Block("display", f"[{skipped} more outputs, not shown]")
    return [*blocks[:half], note, *blocks[half:][-half:]]
