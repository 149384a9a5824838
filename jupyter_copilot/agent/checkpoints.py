"""Checkpoints: a notebook as it was before an answer changed anything, stored once by what it holds.

The cells are kept whole, with their outputs: as JSON, compressed, under the digest of that. What is too large is kept
without outputs.
"""

from __future__ import annotations

import asyncio
import base64
import gzip
import hashlib
import zlib
from collections.abc import Sequence

import msgspec
from msgspec.structs import replace

from .. import protocol as p
from ..ports.notebook import Cell
from ..protocol.errors import NotebookError

MOST_BYTES = 16 << 20
"""Of a checkpoint, compressed; with more than this the outputs are left out."""
_PIECE, _SAMPLE = 1 << 18, 1 << 12
_BASE64_SHARE = 0.7
"""Base64 of what is compressed itself shrinks to three quarters, text to less than half."""
_GZIP = 31


async def checkpoint_of(cells: Sequence[Cell], run_id: p.RunId) -> p.CheckpointKept:
    """The event that keeps these cells; packing them does not hold the loop."""
    return await asyncio.to_thread(_kept, cells, run_id)


async def cells_of(data: bytes) -> list[Cell]:
    """The cells of a checkpoint. Raises `NotebookError` when they cannot be read."""
    try:
        return await asyncio.to_thread(_unpacked, data)
    except (OSError, EOFError, msgspec.DecodeError) as error:
        raise NotebookError("What was kept of the notebook cannot be read.", code="checkpoint") from error


def _kept(cells: Sequence[Cell], run_id: p.RunId) -> p.CheckpointKept:
    data = _packed(cells, MOST_BYTES)
    if data is None:
        data = _packed([replace(cell, outputs=[], attachments={}) for cell in cells]) or b""
    content = base64.b64encode(data).decode()
    return p.CheckpointKept(run_id=run_id, digest=hashlib.sha256(data).hexdigest(), content=content)


def _packed(cells: Sequence[Cell], most: int | None = None) -> bytes | None:
    """The cells as the members of a gzip file; None when they take more than so many bytes."""
    data = msgspec.json.encode(list(cells))
    packed = bytearray()
    for start in range(0, len(data), _PIECE):
        packed += _member(data[start : start + _PIECE])
        if most is not None and len(packed) > most:
            return None
    return bytes(packed)


def _member(piece: bytes) -> bytes:
    # Pictures are base64, in which nothing repeats: to look for that costs four times as much, and saves a tenth.
    sample = piece[:_SAMPLE]
    repeats = len(zlib.compress(sample, 1)) < _BASE64_SHARE * len(sample)
    strategy = zlib.Z_DEFAULT_STRATEGY if repeats else zlib.Z_HUFFMAN_ONLY
    packing = zlib.compressobj(wbits=_GZIP, strategy=strategy)
    return packing.compress(piece) + packing.flush()


def _unpacked(data: bytes) -> list[Cell]:
    return msgspec.json.decode(gzip.decompress(data), type=list[Cell])
