"""Whose work a rewind takes back: what the log says of cells, and what it says nothing of."""

from __future__ import annotations

from collections.abc import Sequence

from ... import protocol as p
from ...core import state as s
from ...core.untrusted_text import as_name
from ...ports.notebook import version_of


def touched(state: s.RoomState, since: int, diffs: Sequence[p.CellDiff]) -> str:
    """Who had these cells changed since then, in words for the card; and which of them people changed by hand."""
    askers: dict[str, set[p.RunId]] = {}
    left: dict[str, str | None] = {}
    for call in state.calls.values():
        if not isinstance(call, s.CallDone) or call.is_error or call.effect == "read" or call.finished_at < since:
            continue
        concerned = {diff.cell_id for diff in call.preview.cells} & {diff.cell_id for diff in diffs}
        run = state.runs.get(call.run_id)
        if concerned and run is not None and run.rewind is None:
            askers.setdefault(as_name(run.asked_by.name), set()).add(call.run_id)
        for diff in call.preview.cells:
            left[diff.cell_id] = None if diff.after is None else version_of(diff.after, diff.cell_type)
    by_hand = [diff.label for diff in diffs if _is_by_hand(diff, left)]
    parts = []
    if askers:
        parts.append(f"This takes back what was changed for {_listed(list(askers))}.")
    if by_hand:
        what = _listed(list(dict.fromkeys(by_hand))[:6])
        parts.append(f"Look twice: people changed {what} themselves since then, and that goes too.")
    return " ".join(parts)


def _is_by_hand(diff: p.CellDiff, left: dict[str, str | None]) -> bool:
    """Whether a cell that is there is not as a call left it."""
    if diff.action in ("insert", "move") or diff.before is None:
        return False
    cell_type = diff.type_before or diff.cell_type
    return left.get(diff.cell_id) != version_of(diff.before, cell_type)


def _listed(names: list[str]) -> str:
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"
