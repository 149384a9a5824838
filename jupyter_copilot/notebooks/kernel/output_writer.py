"""What a running cell puts out, handed to its place in the notebook a few times a second."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Sequence
from typing import Any

from .outputs import Clear, Extend, OutputEdit

JsonObject = dict[str, Any]
Write = Callable[[Sequence[OutputEdit], list[JsonObject]], Awaitable[None]]

TICK_S = 0.1
SLICE_S = 0.01


class Turns:
    """Lets the server do other things while messages come faster than they are dealt with: reading one never waits."""

    def __init__(self, slice_s: float = SLICE_S) -> None:
        self._slice_s = slice_s
        self._began = time.monotonic()

    async def give_way(self) -> None:
        """Return at once, or after a turn of the loop when the last one was long ago."""
        if time.monotonic() - self._began > self._slice_s:
            await asyncio.sleep(0)
            self._began = time.monotonic()


class OutputWriter:
    """Collects edits of a cell's outputs, and writes those of one tick together: a flood costs what its outputs do.

    `outputs` are those that the edits lead to. What `write` raises is raised by the next `add` or by `flush`.
    """

    def __init__(self, write: Write, outputs: list[JsonObject], tick_s: float = TICK_S) -> None:
        self._write = write
        self._outputs = outputs
        self._tick_s = tick_s
        self._edits: list[OutputEdit] = []
        self._writing = asyncio.Lock()
        self._ticking: asyncio.Task[None] | None = None
        self._error: Exception | None = None

    def add(self, edits: Sequence[OutputEdit]) -> None:
        """Take edits, which are written within a tick."""
        self._check()
        for edit in edits:
            self._take(edit)
        if self._edits and self._ticking is None:
            self._ticking = asyncio.create_task(self._tick())

    async def flush(self) -> None:
        """Write what is left, and return once it is written."""
        if self._ticking is not None and not self._writing.locked():
            self._ticking.cancel()
            self._ticking = None
        await self._write_all()
        self._check()

    def _take(self, edit: OutputEdit) -> None:
        last = self._edits[-1] if self._edits else None
        if isinstance(edit, Clear):
            self._edits = [edit]  # nobody needs to see what is gone again
        elif isinstance(edit, Extend) and isinstance(last, Extend) and last.index == edit.index:
            self._edits[-1] = Extend(edit.index, last.text + edit.text)
        else:
            self._edits.append(edit)

    async def _tick(self) -> None:
        await asyncio.sleep(self._tick_s)
        try:
            await self._write_all()
        except Exception as error:
            self._error = error
        self._ticking = None
        if self._edits and self._error is None:
            self._ticking = asyncio.create_task(self._tick())

    async def _write_all(self) -> None:
        async with self._writing:
            edits, self._edits = self._edits, []
            if edits:
                await self._write(edits, list(self._outputs))

    def _check(self) -> None:
        if self._error is not None:
            raise self._error
