"""Outputs on their way into the notebook: together on a tick, in order, and all of them at the end."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Any

import pytest

from jupyter_copilot.notebooks.kernel.output_writer import OutputWriter, Turns
from jupyter_copilot.notebooks.kernel.outputs import Append, Clear, Extend, OutputEdit

ONE: dict[str, Any] = {"output_type": "display_data", "data": {"text/plain": "1"}}
TWO: dict[str, Any] = {"output_type": "stream", "text": "a"}


class Place:
    """Remembers what was written."""

    def __init__(self) -> None:
        self.written: list[tuple[list[OutputEdit], list[dict[str, Any]]]] = []
        self.some = asyncio.Event()

    async def __call__(self, edits: Sequence[OutputEdit], outputs: list[dict[str, Any]]) -> None:
        self.written.append((list(edits), outputs))
        self.some.set()


async def test_what_comes_within_a_tick_is_written_together() -> None:
    place, outputs = Place(), [ONE, TWO]
    writer = OutputWriter(place, outputs, tick_s=0)
    writer.add([Append(ONE)])
    writer.add([Append(TWO), Extend(1, "b")])
    writer.add([Extend(1, "c")])
    assert place.written == []
    await place.some.wait()
    assert place.written == [([Append(ONE), Append(TWO), Extend(1, "bc")], outputs)]


async def test_what_is_left_is_written_at_the_end() -> None:
    place = Place()
    writer = OutputWriter(place, [], tick_s=3600)
    writer.add([Append(ONE)])
    await writer.flush()
    await writer.flush()
    assert [edits for edits, _ in place.written] == [[Append(ONE)]]


async def test_what_is_cleared_again_is_never_written() -> None:
    place = Place()
    writer = OutputWriter(place, [], tick_s=3600)
    for _ in range(3):
        writer.add([Append(ONE), Clear()])
    writer.add([Append(TWO)])
    await writer.flush()
    assert place.written[0][0] == [Clear(), Append(TWO)]


async def test_what_is_written_stays_as_it_was_then() -> None:
    place, outputs = Place(), [ONE]
    writer = OutputWriter(place, outputs, tick_s=3600)
    writer.add([Append(ONE)])
    await writer.flush()
    outputs.append(TWO)
    assert place.written[0][1] == [ONE]


async def test_a_place_that_fails_ends_the_run() -> None:
    async def fail(edits: Sequence[OutputEdit], outputs: list[dict[str, Any]]) -> None:
        failed.set()
        raise ValueError("no")

    failed = asyncio.Event()
    writer = OutputWriter(fail, [], tick_s=0)
    writer.add([Append(ONE)])
    await failed.wait()
    await asyncio.sleep(0)
    with pytest.raises(ValueError, match="no"):
        writer.add([Append(TWO)])
    with pytest.raises(ValueError, match="no"):
        await writer.flush()


async def test_a_flood_gives_way_to_others() -> None:
    other = asyncio.ensure_future(asyncio.sleep(0))
    turns = Turns(slice_s=3600)
    await turns.give_way()
    assert not other.done()
    turns = Turns(slice_s=-1)
    while not other.done():
        await turns.give_way()
