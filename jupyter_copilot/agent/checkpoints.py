"""Checkpoints: a notebook as it was before an answer changed anything, stored once by what it holds.

The cells are kept whole, with their outputs: as JSON, compressed, under the digest of that. What is too large is kept
without outputs.
"""

from __future__ import annotations

import asyncio
import base64
import gzip
import hashlib
from collections.abc import Sequence

import msgspec
from msgspec.structs import replace

from .. import protocol as p
from ..ports.notebook import Cell
from ..protocol.errors import NotebookError

MOST_BYTES = 16 << 20
"""Of a checkpoint, compressed; with more than this the outputs are left out."""


async def checkpoint_of(cells: Sequence[Cell], run_id: p.RunId) -> p.CheckpointKept:
    """The event that keeps these cells; packing them does not hold the loop."""
    data = await asyncio.to_thread(_packed, cells)
    if len(data) > MOST_BYTES:
        bare = [replace(cell, outputs=[], attachments={}) for cell in cells]
        data = await asyncio.to_thread(_packed, bare)
    content = base64.b64encode(data).decode()
    return p.CheckpointKept(run_id=run_id, digest=hashlib.sha256(data).hexdigest(), content=content)


async def cells_of(data: bytes) -> list[Cell]:
    """The cells of a checkpoint. Raises `NotebookError` when they cannot be read."""
    try:
        return await asyncio.to_thread(_unpacked, data)
    except (OSError, EOFError, msgspec.DecodeError) as error:
        raise NotebookError("What was kept of the notebook cannot be read.", code="checkpoint") from error


def _packed(cells: Sequence[Cell]) -> bytes:
    return gzip.compress(msgspec.json.encode(list(cells)), mtime=0)


def _unpacked(data: bytes) -> list[Cell]:
    return msgspec.json.decode(gzip.decompress(data), type=list[Cell])
