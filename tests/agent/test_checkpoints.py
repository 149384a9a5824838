"""Checkpoints: cells are packed without holding the loop, pictures without looking for what repeats in them."""

from __future__ import annotations

import base64
import gzip
import random

import msgspec
import pytest

from jupyter_copilot import protocol as p
from jupyter_copilot.agent import checkpoints
from jupyter_copilot.agent.checkpoints import cells_of, checkpoint_of
from jupyter_copilot.ports.notebook import Cell

RUN = p.RunId("m1.r1")


def drawn(number: int, size: int) -> Cell:
    data = base64.b64encode(random.Random(number).randbytes(size)).decode()
    output = {"output_type": "display_data", "metadata": {}, "data": {"image/png": data}}
    return Cell(cell_id=f"c{number}", cell_type="code", source="plot()", outputs=[output])


def written(number: int, lines: int) -> Cell:
    return Cell(cell_id=f"t{number}", cell_type="code", source="value = 1  # a line\n" * lines)


async def kept(cells: list[Cell]) -> bytes:
    return base64.b64decode((await checkpoint_of(cells, RUN)).content)


@pytest.mark.parametrize(
    "cells", [[], [written(1, 3)], [drawn(1, 900_000), written(1, 40_000), drawn(2, 500_000)]], ids=len
)
async def test_what_is_kept_comes_back(cells: list[Cell]) -> None:
    assert await cells_of(await kept(cells)) == cells


async def test_the_same_cells_have_the_same_digest() -> None:
    cells = [drawn(1, 300_000), written(1, 20_000)]
    assert (await checkpoint_of(cells, RUN)).digest == (await checkpoint_of(list(cells), RUN)).digest


async def test_text_is_packed_tightly_and_pictures_are_not_much_larger_than_their_bytes() -> None:
    assert len(await kept([written(1, 100_000)])) < 100_000
    assert len(await kept([drawn(1, 1_000_000)])) < 1_050_000


async def test_what_is_too_much_is_kept_without_outputs(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(checkpoints, "MOST_BYTES", 100_000)
    assert await cells_of(await kept([drawn(1, 200_000)])) == [Cell(cell_id="c1", cell_type="code", source="plot()")]


async def test_what_an_earlier_version_packed_is_read() -> None:
    cells = [written(1, 3)]
    assert await cells_of(gzip.compress(msgspec.json.encode(cells))) == cells
