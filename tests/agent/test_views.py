"""What the model is told of the notebook with each request, and which pictures of it."""

from __future__ import annotations

import base64
from typing import Any

from jupyter_copilot import protocol as p
from jupyter_copilot.agent.views import MAX_PICTURES, Views
from jupyter_copilot.notebook.base import Cell

FIRST, SECOND = p.RunId("m1.r1"), p.RunId("m2.r1")


def picture(name: str) -> dict[str, Any]:
    data = base64.b64encode(name.encode()).decode()
    return {"output_type": "display_data", "metadata": {}, "data": {"image/png": data, "text/plain": "<Figure>"}}


def drawn(number: int, *names: str) -> Cell:
    return Cell(
        cell_id=f"c{number}", cell_type="code", source=f"plot({number})", outputs=[picture(name) for name in names]
    )


def names(views: Views, run_id: p.RunId) -> list[str]:
    return [base64.b64decode(image.data).decode() for image in views.told[run_id].images]


async def tell(views: Views, run_id: p.RunId, cells: list[Cell], *, pictures: bool = True) -> None:
    async def read() -> list[Cell]:
        return cells

    await views.tell(run_id, read, 10_000, pictures=pictures)


async def test_the_latest_pictures_are_shown_and_said_to_be_whose() -> None:
    views = Views()
    await tell(views, FIRST, [drawn(number, f"plot {number}") for number in range(1, 6)])
    assert names(views, FIRST) == ["plot 3", "plot 4", "plot 5"]
    assert len(names(views, FIRST)) == MAX_PICTURES
    assert views.told[FIRST].text.endswith("are outputs of: cell 3, cell 4, cell 5.")


async def test_later_only_pictures_that_are_new_are_shown_and_earlier_ones_stay_as_they_were_told() -> None:
    views = Views()
    await tell(views, FIRST, [drawn(1, "old"), drawn(2)])
    await tell(views, SECOND, [drawn(1, "old"), drawn(2, "new")])
    assert names(views, FIRST) == ["old"] and names(views, SECOND) == ["new"]


async def test_a_model_without_eyes_is_shown_none_and_told_of_none() -> None:
    views = Views()
    await tell(views, FIRST, [drawn(1, "plot")], pictures=False)
    assert names(views, FIRST) == [] and "pictures" not in views.told[FIRST].text
