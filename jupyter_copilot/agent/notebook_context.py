"""Views: what the model was told of the notebook with each request, so that it is never told otherwise later."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence

import msgspec

from .. import protocol as p
from ..core.model_context.prompt import IMAGE_TOKENS
from ..core.model_context.transcript import View
from ..ports.notebook import Cell
from ..protocol.errors import CopilotError
from ..tools.render.describe import render_cell, render_notebook
from ..tools.render.outputs import images_of

MAX_PICTURES = 3
"""Pictures of the notebook per request, the latest ones; the model sees others with read_cell."""
PICTURE_CHARS = IMAGE_TOKENS * 4
"""What each takes of a view's room."""

_canonical = msgspec.json.Encoder(order="deterministic")


class Views:
    """The texts about the notebook in one thread, by the run that they were told to.

    The first one shows the whole notebook, later ones what changed since. They are kept in memory only: after a restart
    the next one shows the whole notebook again.
    """

    def __init__(self) -> None:
        self._told: dict[p.RunId, View] = {}
        self._cells: Sequence[Cell] | None = None

    @property
    def told(self) -> Mapping[p.RunId, View]:
        """The views by run id."""
        return self._told

    def forget(self) -> None:
        """Show the whole notebook next time."""
        self._told, self._cells = {}, None

    async def tell(
        self, run_id: p.RunId, read: Callable[[], Awaitable[list[Cell]]], budget_chars: int, *, pictures: bool = False
    ) -> None:
        """Look at the notebook for this run, unless that was done already; `pictures` are for models that see them.

        They take half of the room at most, and the text has the rest.
        """
        if run_id in self._told:
            return
        try:
            cells = await read()
        except CopilotError as error:
            self._told[run_id] = View(text=f"(The notebook cannot be read now: {error})")
            return
        before = self._cells or []
        most = min(MAX_PICTURES, budget_chars // 2 // PICTURE_CHARS) if pictures else 0
        seen = _latest_pictures(changed_cells(before, cells), most)
        budget_chars -= len(seen) * PICTURE_CHARS
        changes = None if self._cells is None else changes_between(before, cells)
        if changes is None or len(changes) > budget_chars:
            changes = whole(cells, budget_chars)
        self._told[run_id] = _with_pictures(changes, seen)
        self._cells = cells


def whole(cells: Sequence[Cell], budget_chars: int) -> str:
    """The notebook as it is now, as far as it fits."""
    if not cells:
        return "The notebook is empty."
    text, shown = render_notebook(cells, budget_chars)
    rest = "" if shown == len(cells) else f"\n\n({len(cells) - shown} more cells; see read_notebook.)"
    return f"The notebook as it is now, {len(cells)} cells:\n\n{text}{rest}"


def changes_between(before: Sequence[Cell], now: Sequence[Cell]) -> str:
    """What changed in the notebook: cells that are new or differ in full, then those that are gone or moved."""
    old = {cell.cell_id for cell in before}
    changed = [render_cell(cell, number) for number, cell in changed_cells(before, now)]
    kept = {cell.cell_id for cell in now}
    gone = [cell.cell_id for cell in before if cell.cell_id not in kept]
    lines = [f"Gone: {', '.join(gone)}."] if gone else []
    if [c.cell_id for c in before if c.cell_id in kept] != [c.cell_id for c in now if c.cell_id in old]:
        lines.append(f"The order is now: {', '.join(cell.cell_id for cell in now)}.")
    if not changed and not lines:
        return "The notebook is as you last saw it."
    return "\n\n".join(["What changed in the notebook since you last saw it:", *changed, *lines])


def changed_cells(before: Sequence[Cell], now: Sequence[Cell]) -> list[tuple[int, Cell]]:
    """The cells that are new or differ, with their numbers."""
    old = {cell.cell_id: _digest(cell) for cell in before}
    return [(number, cell) for number, cell in enumerate(now, 1) if old.get(cell.cell_id) != _digest(cell)]


def _latest_pictures(changed: Sequence[tuple[int, Cell]], most: int) -> list[tuple[int, p.Image]]:
    """The last pictures among the outputs of the cells that changed, with the cells' numbers."""
    if most == 0:
        return []
    return [(number, image) for number, cell in changed for image in images_of(cell.outputs)][-most:]


def _with_pictures(text: str, seen: Sequence[tuple[int, p.Image]]) -> View:
    if not seen:
        return View(text=text)
    # What people attached to their request comes after them.
    if len(seen) == 1:
        which = "The first picture of this message is an output"
    else:
        which = f"The first {len(seen)} pictures of this message, in their order, are outputs"
    places = ", ".join(f"cell {number}" for number, _ in seen)
    return View(text=f"{text}\n\n{which} of: {places}.", images=[image for _, image in seen])


def _digest(cell: Cell) -> bytes:
    return _canonical.encode((cell.version, cell.outputs, cell.execution_count))
