"""The notebook context: what the model was told of the notebook with each request, and is told so for good."""

from __future__ import annotations

import sys
from collections.abc import Awaitable, Callable, Mapping, Sequence

from msgspec.structs import replace

from ... import protocol as p
from ...core.model_context.prompt import IMAGE_TOKENS
from ...core.model_context.transcript import View
from ...ports.notebook import UNREADABLE, Cell, NotebookInfo
from ...protocol.errors import CopilotError
from ...tools.render.data import quoted
from ...tools.render.describe import outline, render_cell, render_notebook
from ...tools.render.pictures import pictures_of

MAX_PICTURES = 3
"""Pictures of the notebook per request, the latest ones; the model sees others with read_cell."""
PICTURE_CHARS = IMAGE_TOKENS * 4
"""What each takes of a view's room."""
MAX_PICTURE_CHARS = 400_000
"""Base64 characters of all of them together: they travel with every request of the run."""
OUTLINE_SHARE = 0.3
"""How much of a view's room the outline of the cells that do not fit may take."""


class NotebookContext:
    """The texts about the notebook in one thread, by the run that they were told to.

    The first one shows the whole notebook, later ones what changed since. They are kept in memory only: after a restart
    the next one shows the whole notebook again.
    """

    def __init__(self) -> None:
        self._told: dict[p.RunId, View] = {}
        self._cells: Sequence[Cell] | None = None
        self._info = NotebookInfo()

    @property
    def told(self) -> Mapping[p.RunId, View]:
        """The views by run id."""
        return self._told

    def forget(self) -> None:
        """Show the whole notebook next time."""
        self._told, self._cells, self._info = {}, None, NotebookInfo()

    async def tell(
        self,
        run_id: p.RunId,
        read: Callable[[], Awaitable[tuple[NotebookInfo, list[Cell]]]],
        budget_chars: int,
        *,
        pictures: bool = False,
    ) -> None:
        """Look at the notebook for this run, unless that was done already; `pictures` are for models that see them.

        They take half of the room at most, and the text has the rest. Raises `NotebookError` for a file that Jupyter
        itself cannot open.
        """
        if run_id in self._told:
            return
        try:
            info, cells = await read()
        except CopilotError as error:
            if error.code == UNREADABLE:
                raise
            self._told[run_id] = View(text=f"(The notebook cannot be read now: {error})")
            return
        most = min(MAX_PICTURES, budget_chars // 2 // PICTURE_CHARS) if pictures else 0
        view = _view(self._cells, cells, budget_chars, most)
        named = "" if info == self._info else heading(info)
        self._told[run_id] = replace(view, text="\n\n".join(filter(None, [named, view.text])))
        self._cells, self._info = cells, info


def heading(info: NotebookInfo) -> str:
    """What the notebook is called and which language its code cells are in, as far as that is known."""
    said = []
    if info.name:
        said.append(f"The notebook is called {quoted(info.name)}.")
    if info.kernel:
        said.append(f"Its kernel is {quoted(info.kernel)}.")
    if info.language:
        said.append(f"Its code cells are in {quoted(info.language)}: write code in that language.")
    return " ".join(said)


def _view(before: Sequence[Cell] | None, cells: Sequence[Cell], budget_chars: int, most: int) -> View:
    """What changed or, when that is too much, the whole notebook, with at most so many pictures of the cells shown."""
    changed = changed_cells(before or [], cells)
    seen = _latest_pictures(changed, most)
    text = None if before is None else changes_between(before, cells, budget_chars - len(seen) * PICTURE_CHARS)
    if text is None:
        text, shown = _told_whole(cells, budget_chars - len(seen) * PICTURE_CHARS)
        seen = _latest_pictures([(number, cell) for number, cell in changed if number <= shown], len(seen))
    return _with_pictures(text, seen)


def whole(cells: Sequence[Cell], budget_chars: int) -> str:
    """The notebook as it is now: as many cells as fit, and an outline of the others."""
    return _told_whole(cells, budget_chars)[0]


def _told_whole(cells: Sequence[Cell], budget_chars: int) -> tuple[str, int]:
    """The text, and how many cells it shows, from the first one on."""
    if not cells:
        return "The notebook is empty.", 0
    head = f"The notebook as it is now, {len(cells)} cells:\n\n"
    text, shown = render_notebook(cells, budget_chars)
    if shown == len(cells):
        return head + text, shown
    room = round(budget_chars * OUTLINE_SHARE)
    text, shown = render_notebook(cells, budget_chars - room)
    rest = f"({len(cells) - shown} more cells; see read_notebook. They begin so:)"
    return f"{head}{text}\n\n{rest}\n{outline(cells[shown:], room, shown + 1)}", shown


def changes_between(before: Sequence[Cell], now: Sequence[Cell], budget_chars: int = sys.maxsize) -> str | None:
    """What changed in the notebook: cells that are new or differ in full, then those that are gone or moved.

    None when that takes more than the budget.
    """
    changed: list[str] = []
    for number, cell in changed_cells(before, now):
        changed.append(render_cell(cell, number))
        budget_chars -= len(changed[-1]) + 2
        if budget_chars < 0:
            return None
    old = {cell.cell_id for cell in before}
    kept = {cell.cell_id for cell in now}
    gone = [cell.cell_id for cell in before if cell.cell_id not in kept]
    lines = [f"Gone: {', '.join(gone)}."] if gone else []
    if [c.cell_id for c in before if c.cell_id in kept] != [c.cell_id for c in now if c.cell_id in old]:
        lines.append(f"The order is now: {', '.join(cell.cell_id for cell in now)}.")
    if sum(map(len, lines)) > budget_chars:
        return None
    if not changed and not lines:
        return "The notebook is as you last saw it."
    return "\n\n".join(["What changed in the notebook since you last saw it:", *changed, *lines])


def changed_cells(before: Sequence[Cell], now: Sequence[Cell]) -> list[tuple[int, Cell]]:
    """The cells that are new or differ, with their numbers."""
    old = {cell.cell_id: cell for cell in before}
    return [(number, cell) for number, cell in enumerate(now, 1) if not _alike(old.get(cell.cell_id), cell)]


def _alike(one: Cell | None, other: Cell) -> bool:
    return one is not None and (
        one is other
        or (
            (one.source, one.cell_type, one.execution_count) == (other.source, other.cell_type, other.execution_count)
            and one.outputs == other.outputs
            and one.attachments == other.attachments
        )
    )


def _latest_pictures(changed: Sequence[tuple[int, Cell]], most: int) -> list[tuple[int, p.Image]]:
    """The last pictures of the cells that changed, as many as the bytes allow, with the cells' numbers."""
    found: list[tuple[int, p.Image]] = []
    room = MAX_PICTURE_CHARS
    for number, cell in reversed(changed):
        if len(found) >= most:
            break
        for image in reversed(pictures_of(cell)):
            if len(found) < most and len(image.data) <= room:
                found.insert(0, (number, image))
                room -= len(image.data)
    return found


def _with_pictures(text: str, seen: Sequence[tuple[int, p.Image]]) -> View:
    if not seen:
        return View(text=text)
    # What people attached to their request comes after them.
    if len(seen) == 1:
        which = "The first picture of this message belongs to"
    else:
        which = f"The first {len(seen)} pictures of this message, in their order, belong to"
    places = ", ".join(f"cell {number}" for number, _ in seen)
    return View(text=text, caption=f"{which}: {places}.", images=[image for _, image in seen])
