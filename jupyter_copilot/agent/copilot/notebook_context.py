"""The notebook context: what the model is told of the notebook with a request, and which pictures go with it."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence
from functools import cache

from msgspec import Struct
from msgspec.structs import replace

from ... import protocol as p
from ...core.model_context.prompt import IMAGE_TOKENS
from ...core.model_context.told import GONE
from ...core.model_context.transcript import View
from ...ports.notebook import UNREADABLE, Cell, NotebookInfo
from ...protocol.errors import CopilotError, NotebookMissing
from ...tools.render.data import quoted
from ...tools.render.describe import cell_heading, outline, render_cell, short_id, told_cell
from ...tools.render.outputs import OVERVIEW, render_outputs
from ...tools.render.pictures import pictures_of
from ...tools.render.titles import ranges
from .focus import Focus, ranked
from .outlined import NONE, Outlined

MAX_PICTURES = 3
"""Pictures of the notebook per request, the latest ones; the model sees others with read_cell."""
PICTURE_CHARS = IMAGE_TOKENS * 4
"""What each takes of a view's room."""
MAX_PICTURE_CHARS = 400_000
"""Base64 characters of all of them together: they travel with every request of the run."""
MOST_LOOKED_AT = 12
"""Pictures that are looked at, as each is decoded and scaled for that; those before them are never sent."""
OUTLINE_SHARE = 0.3
"""How much of a view's room the outline of the cells that do not fit may take."""
UNCHANGED = "The notebook is as you last saw it."
LINE_CHARS = 100
"""What our own words around the cells take."""

Told = Mapping[str, p.ToldCell]


class About(Struct, frozen=True, kw_only=True):
    """What is known beside the cells: what to say first, and a word on some of them by id."""

    lead: str = ""
    notes: dict[str, str] = {}


class NotebookContext:
    """The texts about the notebook in one thread, by the run that they were told to.

    The first one shows the whole notebook, later ones what changed since the model was told of it, with a request or in
    the result of a call. Texts are recorded by whoever asks for them; pictures are kept here only.
    """

    def __init__(self) -> None:
        self._told: dict[p.RunId, View] = {}
        self._seen: dict[str, p.ToldCell] = {}
        self._order: list[str] = []
        self._outlined: Outlined | None = None
        self._info = NotebookInfo()
        self.starts_anew = False

    @property
    def told(self) -> Mapping[p.RunId, View]:
        """The views by run id."""
        return self._told

    def forget(self) -> None:
        """Show the whole notebook next time."""
        self._told, self._seen, self._order, self._info = {}, {}, [], NotebookInfo()
        self._outlined, self.starts_anew = None, True

    def adopt(self, run_id: p.RunId, text: str) -> None:
        """Take what is on record as told to this run."""
        self._told.setdefault(run_id, View(text=text))

    async def tell(
        self,
        run_id: p.RunId,
        read: Callable[[], Awaitable[tuple[NotebookInfo, list[Cell]]]],
        budget_chars: int,
        *,
        pictures: bool = False,
        known: Told | None = None,
        still_told: Collection[p.RunId] | None = None,
        focus: Focus | None = None,
        about: Callable[[NotebookInfo, Sequence[Cell]], Awaitable[About]] | None = None,
    ) -> None:
        """Look at the notebook for this run, unless that was done already; `pictures` are for models that see them.

        They take half of the room at most, and the text has the rest. `known` is what the thread's model was told of
        cells, by the requests of the runs `still_told`, and `about` says what is known beside. Raises `NotebookError`
        for a file that Jupyter itself cannot open, or that is gone.
        """
        if run_id in self._told:
            return
        try:
            info, cells = await read()
        except CopilotError as error:
            if error.code == UNREADABLE or isinstance(error, NotebookMissing):
                raise
            self._told[run_id] = View(text=f"(The notebook cannot be read now: {error})")
            return
        seen = self._seen if known is None else known
        if about is None:
            beside = About(lead="" if info == self._info else heading(info))
        else:
            beside = await about(info, cells)
        most = min(MAX_PICTURES, budget_chars // 2 // PICTURE_CHARS) if pictures else 0
        told_runs = self._told if still_told is None else still_told
        if self._outlined is not None and self._outlined.run_id not in told_runs:
            self._outlined = None
        wanted = (seen, cells, beside.notes, focus or Focus(), budget_chars, most)
        view = await asyncio.to_thread(self._view, *wanted) if _is_large(cells) else self._view(*wanted)
        if view.outlined:
            self._outlined = Outlined.of(run_id, [cell for cell in cells if cell.cell_id not in view.cells])
        elif self._outlined is not None:
            self._outlined = self._outlined.without_gone(cells)
        self._told[run_id] = replace(view, text="\n\n".join(filter(None, [beside.lead, view.text])))
        now = {**seen, **view.cells}
        self._seen = {cell_id: told for cell_id, told in now.items() if told.version != GONE}
        self._info, self.starts_anew = info, False
        self._order = [cell.cell_id for cell in cells]

    def _view(
        self, seen: Told, cells: Sequence[Cell], notes: Mapping[str, str], focus: Focus, budget: int, most: int
    ) -> View:
        """What changed or, when that is too much, the whole notebook, with at most so many pictures of that."""
        outlined = NONE if self._outlined is None else self._outlined.narrowed(seen, cells, focus)
        latest = _as_told([cell for cell in cells if cell.cell_id in seen], notes)
        changed = [
            (n, cell)
            for n, cell in enumerate(cells, 1)
            if _differs(seen.get(cell.cell_id), latest.get(cell.cell_id)) and cell.cell_id not in outlined.passed
        ]
        pictures = _latest_pictures(changed, most)
        room = budget - len(pictures) * PICTURE_CHARS
        view = changes_between(seen, cells, room, notes, self._order, outlined, latest) if seen else None
        if view is None:
            view = _told_whole(cells, room, notes, focus)
            pictures = _latest_pictures([(n, cell) for n, cell in changed if cell.cell_id in view.cells], len(pictures))
        return _with_pictures(view, pictures)


def _is_large(cells: Sequence[Cell]) -> bool:
    """Whether rendering what fits could hold the loop for longer than a tick."""
    return sum(len(cell.source) + _OUTPUT_CHARS * len(cell.outputs) for cell in cells) > _LARGE_CHARS


_OUTPUT_CHARS, _LARGE_CHARS = 2_000, 200_000


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


def whole(cells: Sequence[Cell], budget_chars: int) -> str:
    """The notebook as it is now: as many cells as fit, and an outline of the others."""
    return _told_whole(cells, budget_chars, {}, Focus()).text


def _told_whole(cells: Sequence[Cell], budget: int, notes: Mapping[str, str], focus: Focus) -> View:
    """All cells, or those that matter most to the request in full and all of them in outline."""
    if not cells:
        return View(text="The notebook is empty.")
    head = f"The notebook now, {len(cells)} cells:" if len(cells) > 1 else "The notebook now:"

    @cache
    def text_of(n: int) -> str:
        return render_cell(cells[n], n + 1, note=notes.get(cells[n].cell_id, ""))

    texts = _all_texts(cells, text_of, budget)
    if texts is not None:
        return View(
            text="\n\n".join([head, *texts]), cells={c.cell_id: told_cell(c, notes.get(c.cell_id, "")) for c in cells}
        )
    about = outline(cells, round(budget * OUTLINE_SHARE))
    fitting = _fitting(ranked(cells, focus), text_of, budget - len(about) - LINE_CHARS)
    shown = sorted(fitting)
    rest = f"In full are {ranges([n + 1 for n in shown])} here; read others with read_cell."
    text = "\n\n".join([head, about, rest, *(fitting[n] for n in shown)])
    return View(text=text, cells=_as_told([cells[n] for n in shown], notes), outlined=True)


def _as_told(cells: Sequence[Cell], notes: Mapping[str, str]) -> dict[str, p.ToldCell]:
    return {cell.cell_id: told_cell(cell, notes.get(cell.cell_id, "")) for cell in cells}


def _all_texts(cells: Sequence[Cell], text_of: Callable[[int], str], budget: int) -> list[str] | None:
    """The texts of all cells; None when that is more than fits. Then most cells are never rendered."""
    if _least(cells) > budget:
        return None
    texts, room = [], budget
    for n in range(len(cells)):
        texts.append(text_of(n))
        room -= len(texts[-1]) + 2
        if room < 0:
            return None
    return texts


def _least(cells: Sequence[Cell]) -> int:
    """So many characters the texts of these cells have at least; long sources, and files in them, are told in short."""
    return sum(min(len(cell.source), OVERVIEW.source // 2) for cell in cells if ";base64," not in cell.source)


def _fitting(order: Sequence[int], text_of: Callable[[int], str], room: int) -> dict[int, str]:
    """The texts of the first places in this order that fit, by place; at least one."""
    kept: dict[int, str] = {}
    for n in order:
        text = text_of(n)
        room -= len(text) + 2
        if room < 0 and kept:
            break
        kept[n] = text
    return kept


def changes_between(
    before: Told,
    now: Sequence[Cell],
    budget_chars: int = sys.maxsize,
    notes: Mapping[str, str] | None = None,
    order: Sequence[str] = (),
    outlined: Outlined = NONE,
    latest: Told | None = None,
) -> View | None:
    """What changed since the model was told of the cells `before`: new or other text in full, other outputs alone.

    Runs with the same outputs take a line together. Cells that were only `outlined` and stayed as they were are told
    where the request is about them. `latest` is what would be told of cells, as far as that is known.
    None when all of it takes more than the budget.
    """
    parts: list[str] = []
    about: list[str] = []
    told: dict[str, p.ToldCell] = {}
    again: list[int] = []
    room = budget_chars
    for number, cell in enumerate(now, 1):
        if room < 0:
            return None
        if cell.cell_id in outlined.passed:
            continue
        known = before.get(cell.cell_id)
        note = (notes or {}).get(cell.cell_id, "")
        now_told = (latest or {}).get(cell.cell_id) or told_cell(cell, note)
        if known == now_told:
            continue
        told[cell.cell_id] = now_told
        if cell.cell_id in outlined.same:
            about.append(render_cell(cell, number, note=note))
            room -= len(about[-1])
        elif known is None or known.version != now_told.version:
            parts.append(render_cell(cell, number, note=note))
            room -= len(parts[-1])
        elif known.outputs != now_told.outputs or known.note != note:
            parts.append(_outputs_alone(cell, number, note, same=known.outputs == now_told.outputs))
        else:
            again.append(number)
    if again:
        parts.append(f"{ranges(again)[:1].upper()}{ranges(again)[1:]} ran again, with the same outputs.")
    kept = {cell.cell_id for cell in now}
    gone = [cell_id for cell_id in {**before, **outlined.glances} if cell_id not in kept]
    if gone:
        parts.append(f"Gone: {', '.join(map(short_id, gone))}.")
        told |= {cell_id: p.ToldCell(version=GONE) for cell_id in gone}
    known_ids = set(order)
    moved = [each for each in order if each in kept] != [cell.cell_id for cell in now if cell.cell_id in known_ids]
    if moved:
        parts.append(f"The order is now: {', '.join(short_id(cell.cell_id) for cell in now)}.")
    changes = ["What changed in the notebook since you last saw it:", *parts] if parts else [UNCHANGED]
    text = "\n\n".join([*changes, *(["This request is about:", *about] if about else [])])
    return View(text=text, cells=told) if len(text) <= budget_chars else None


def _outputs_alone(cell: Cell, number: int, note: str, *, same: bool) -> str:
    head = f"[{cell_heading(cell, number, note)}]"
    if same:
        return f"{head} otherwise as before"
    shown = render_outputs(cell.outputs, OVERVIEW)
    return f"{head} same source\n{shown}" if shown else f"{head} same source, no output now"


def _differs(known: p.ToldCell | None, latest: p.ToldCell | None) -> bool:
    """Whether a cell is new, or its text or outputs differ."""
    return known is None or latest is None or (known.version, known.outputs) != (latest.version, latest.outputs)


def _latest_pictures(changed: Sequence[tuple[int, Cell]], most: int) -> list[tuple[int, p.Image]]:
    """The last pictures of the cells that changed, each once, as many as the bytes allow, with the cells' numbers."""
    found: list[tuple[int, p.Image]] = []
    room, looked_at = MAX_PICTURE_CHARS, 0
    for number, cell in reversed(changed):
        if len(found) >= most or looked_at >= MOST_LOOKED_AT:
            break
        for image in reversed(pictures_of(cell)):
            looked_at += 1
            is_known = any(image.data == other.data for _, other in found)
            if len(found) < most and len(image.data) <= room and not is_known:
                found.insert(0, (number, image))
                room -= len(image.data)
    return found


def _with_pictures(view: View, seen: Sequence[tuple[int, p.Image]]) -> View:
    if not seen:
        return view
    # What people attached to their request comes after them.
    if len(seen) == 1:
        which = "The first picture of this message belongs to"
    else:
        which = f"The first {len(seen)} pictures of this message, in their order, belong to"
    places = ", ".join(f"cell {number}" for number, _ in seen)
    return replace(view, caption=f"{which}: {places}.", images=[image for _, image in seen])
