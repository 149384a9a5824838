"""What the model is told of the notebook with each request, and which pictures of it."""

from __future__ import annotations

import base64
import re
from typing import Any

import pytest

from jupyter_copilot import protocol as p
from jupyter_copilot.agent.copilot import notebook_context
from jupyter_copilot.agent.copilot.conversation import MAX_VIEW_CHARS
from jupyter_copilot.agent.copilot.focus import Focus
from jupyter_copilot.agent.copilot.notebook_context import (
    MAX_PICTURE_CHARS,
    MAX_PICTURES,
    PICTURE_CHARS,
    UNCHANGED,
    NotebookContext,
)
from jupyter_copilot.ports.notebook import UNREADABLE, Cell, NotebookInfo
from jupyter_copilot.protocol.errors import NotebookError
from jupyter_copilot.tools.render.describe import render_cell

from ...tools import bench

UNKNOWN = NotebookInfo()
FIRST, SECOND = p.RunId("m1.r1"), p.RunId("m2.r1")


def picture(name: str) -> dict[str, Any]:
    return bench.picture(bench.png(name))


def drawn(number: int, *names: str) -> Cell:
    return Cell(
        cell_id=f"c{number}", cell_type="code", source=f"plot({number})", outputs=[picture(name) for name in names]
    )


def names(views: NotebookContext, run_id: p.RunId) -> list[str]:
    return [base64.b64decode(image.data)[24:].decode() for image in views.told[run_id].images]


async def tell(
    views: NotebookContext,
    run_id: p.RunId,
    cells: list[Cell],
    *,
    room: int = MAX_VIEW_CHARS,
    pictures: bool = True,
    info: NotebookInfo = UNKNOWN,
) -> None:
    async def read() -> tuple[NotebookInfo, list[Cell]]:
        return info, cells

    await views.tell(run_id, read, room, pictures=pictures)


async def test_the_latest_pictures_are_shown_and_said_to_be_whose() -> None:
    views = NotebookContext()
    await tell(views, FIRST, [drawn(number, f"plot {number}") for number in range(1, 6)])
    assert names(views, FIRST) == ["plot 3", "plot 4", "plot 5"]
    assert len(names(views, FIRST)) == MAX_PICTURES
    assert views.told[FIRST].caption.endswith("belong to: cell 3, cell 4, cell 5.")
    assert "not shown" not in views.told[FIRST].text


async def test_later_only_pictures_that_are_new_are_shown_and_earlier_ones_stay_as_they_were_told() -> None:
    views = NotebookContext()
    await tell(views, FIRST, [drawn(1, "old"), drawn(2)])
    await tell(views, SECOND, [drawn(1, "old"), drawn(2, "new")])
    assert names(views, FIRST) == ["old"] and names(views, SECOND) == ["new"]


async def test_a_model_without_eyes_is_shown_none_and_told_of_none() -> None:
    views = NotebookContext()
    await tell(views, FIRST, [drawn(1, "plot")], pictures=False)
    assert names(views, FIRST) == [] and "pictures" not in views.told[FIRST].text


async def test_a_picture_that_is_broken_is_not_shown_and_those_behind_it_are() -> None:
    views = NotebookContext()
    broken = bench.picture("")
    await tell(views, FIRST, [Cell(cell_id="c1", cell_type="code", source="", outputs=[broken, picture("whole")])])
    assert names(views, FIRST) == ["whole"]
    assert "[image/png, 0 characters, not in this text]" in views.told[FIRST].text
    assert views.told[FIRST].caption == "The first picture of this message belongs to: cell 1."


@pytest.mark.parametrize(("fit", "shown"), [(1, []), (2, ["b"]), (5, ["a", "b"])])
async def test_pictures_take_half_of_the_room_at_most_and_the_text_has_the_rest(fit: int, shown: list[str]) -> None:
    views = NotebookContext()
    room = fit * PICTURE_CHARS
    cells = [drawn(1, "a"), drawn(2, "b"), *(drawn(number) for number in range(3, 999))]
    await tell(views, FIRST, cells, room=room)
    text = views.told[FIRST].text
    assert names(views, FIRST) == shown
    assert "read others with read_cell" in text
    assert 0.9 * room < len(text) + len(shown) * PICTURE_CHARS < 1.1 * room


async def test_only_pictures_of_cells_that_are_shown_are_sent() -> None:
    views = NotebookContext()
    cells = [drawn(1, "shown"), *(drawn(number, f"hidden {number}") for number in range(2, 400))]
    await tell(views, FIRST, cells, room=5 * PICTURE_CHARS)
    told = views.told[FIRST]
    shown = len(re.findall(r"^\[\d+ c\d+\]$", told.text, re.MULTILINE))
    assert 1 < shown < 399
    assert told.caption.endswith(f"cell {shown - 1}, cell {shown}.")


async def test_the_pictures_of_a_view_keep_to_their_bytes() -> None:
    views = NotebookContext()
    most = MAX_PICTURE_CHARS * 3 // 4 - 200
    cells = [drawn(1, "small"), drawn(2, "b" * (most // 2)), drawn(3, "c" * most)]
    await tell(views, FIRST, cells)
    assert [name[0] for name in names(views, FIRST)] == ["s", "c"]


async def test_cells_that_do_not_fit_are_outlined() -> None:
    views = NotebookContext()
    failed = {"output_type": "error", "ename": "ValueError", "evalue": "", "traceback": ["x" * 5000]}
    cells = [Cell(cell_id=f"c{n}", cell_type="code", source=f"step_{n}()\n" * 50) for n in range(1, 6001)]
    cells[3999] = Cell(cell_id="bad", cell_type="code", source="boom()", outputs=[failed])
    cells[4999] = Cell(cell_id="h", cell_type="markdown", source="# Results")
    await tell(views, FIRST, cells)
    text = views.told[FIRST].text
    assert len(text) < MAX_VIEW_CHARS * 1.05
    assert "\n4000 bad: raised ValueError; boom()\n" in text
    assert "\n5000 h markdown: # Results\n" in text
    assert "read others with read_cell" in text and "… cells " in text


async def test_an_empty_notebook_of_another_language_is_told_with_its_name_kernel_and_language() -> None:
    views, info = NotebookContext(), NotebookInfo(name="growth.ipynb", kernel="R", language="R")
    await tell(views, FIRST, [], info=info)
    assert views.told[FIRST].text == (
        "The notebook is called growth.ipynb. Its kernel is R. "
        "Its code cells are in R: write code in that language.\n\nThe notebook is empty."
    )
    await tell(views, SECOND, [], info=info)
    assert "growth" not in views.told[SECOND].text


async def test_another_kernel_is_told_when_it_is_chosen() -> None:
    views = NotebookContext()
    await tell(views, FIRST, [], info=NotebookInfo(name="a.ipynb", kernel="R", language="R"))
    await tell(views, SECOND, [], info=NotebookInfo(name="a.ipynb", kernel="Python 3", language="python"))
    assert 'Its kernel is "Python 3"' in views.told[SECOND].text


@pytest.mark.parametrize("code", [UNREADABLE, "notebook"])
async def test_only_a_file_that_jupyter_cannot_open_is_no_matter_for_the_model(code: str) -> None:
    views = NotebookContext()

    async def read() -> tuple[NotebookInfo, list[Cell]]:
        raise NotebookError("It is broken.", code=code)

    if code == UNREADABLE:
        with pytest.raises(NotebookError):
            await views.tell(FIRST, read, MAX_VIEW_CHARS)
    else:
        await views.tell(FIRST, read, MAX_VIEW_CHARS)
        assert "It is broken." in views.told[FIRST].text


def long(number: int, text: str = "") -> Cell:
    return Cell(cell_id=f"c{number}", cell_type="code", source=text or f"step_{number}()\n" * 50)


async def told_later(views: NotebookContext, run: str, cells: list[Cell], focus: Focus | None = None) -> str:
    async def read() -> tuple[NotebookInfo, list[Cell]]:
        return UNKNOWN, cells

    await views.tell(p.RunId(run), read, 6_000, focus=focus)
    return views.told[p.RunId(run)].text


async def test_a_notebook_that_does_not_fit_is_told_once_and_then_only_what_changed_in_it() -> None:
    views, cells = NotebookContext(), [long(n) for n in range(1, 101)]
    assert "read others with read_cell" in await told_later(views, "r1", cells)
    assert await told_later(views, "r2", cells) == UNCHANGED
    cells[79] = long(80, "changed = 80")
    del cells[89]
    text = await told_later(views, "r3", cells)
    assert text.startswith("What changed in the notebook since you last saw it:")
    assert "changed = 80" in text and "Gone: c90." in text and "step_" not in text
    assert await told_later(views, "r4", cells) == UNCHANGED


async def test_cells_that_a_later_request_is_about_are_told_in_full_though_they_did_not_change() -> None:
    views, cells = NotebookContext(), [long(n) for n in range(1, 101)]
    await told_later(views, "r1", cells)
    text = await told_later(views, "r2", cells, Focus(attached=["c70"], text="What does cell 60 do?"))
    assert text.startswith(f"{UNCHANGED}\n\nThis request is about:\n\n[60 c60")
    assert text.count("step_60()") == text.count("step_70()") == 50 and "step_61" not in text
    assert await told_later(views, "r3", cells, Focus(attached=["c70"])) == UNCHANGED


async def test_an_outline_that_is_told_no_more_is_told_anew() -> None:
    views, cells = NotebookContext(), [long(n) for n in range(1, 101)]
    await told_later(views, "r1", cells)

    async def read() -> tuple[NotebookInfo, list[Cell]]:
        return UNKNOWN, cells

    known = dict(views.told[p.RunId("r1")].cells)
    await views.tell(p.RunId("r2"), read, 6_000, known=known, still_told=[p.RunId("r2")])
    assert "read others with read_cell" in views.told[p.RunId("r2")].text


async def test_of_a_notebook_that_does_not_fit_few_cells_are_rendered(monkeypatch: pytest.MonkeyPatch) -> None:
    rendered: list[str] = []

    def render(cell: Cell, *args: Any, **kwargs: Any) -> str:
        rendered.append(cell.cell_id)
        return render_cell(cell, *args, **kwargs)

    monkeypatch.setattr(notebook_context, "render_cell", render)
    output = {"output_type": "stream", "name": "stdout", "text": "a line\n" * 2_000}
    cells = [Cell(cell_id=f"c{n}", cell_type="code", source="x", outputs=[output]) for n in range(1, 301)]
    await tell(NotebookContext(), FIRST, cells)
    assert len(set(rendered)) < 100
