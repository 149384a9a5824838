"""The calls of one answer that change the same cells: each builds on what those before it leave."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from ... import protocol as p
from ...core import state as s
from ...ports.notebook import version_of

Versions = dict[str, set[str]]


def versions_before(preview: p.Preview) -> dict[str, str]:
    """The version of each cell as people were shown it, before all that the preview says is done to it."""
    sources: dict[str, str] = {}
    types: dict[str, str] = {}
    for diff in preview.cells:
        if diff.before is None or diff.action == "move":
            continue
        # Several edits of a cell are shown as one, in the place of the last, with the source from before the first.
        if diff.action == "edit" or diff.cell_id not in sources:
            sources[diff.cell_id] = diff.before
        types.setdefault(diff.cell_id, diff.type_before or diff.cell_type)
    return {cell_id: version_of(source, types[cell_id]) for cell_id, source in sources.items()}


def superseded(previews: Iterable[p.Preview]) -> Versions:
    """For each cell the versions that calls with these previews replace by others."""
    found: Versions = {}
    for preview in previews:
        changed = changes(preview)
        for cell_id, version in versions_before(preview).items():
            if cell_id in changed:
                found.setdefault(cell_id, set()).add(version)
    return found


def changes(preview: p.Preview) -> frozenset[str]:
    """The cells whose text or type the preview says is changed."""
    return frozenset(diff.cell_id for diff in preview.cells if diff.action in ("edit", "retype", "delete"))


def before(state: s.RoomState, call: s.Call) -> Iterator[s.Call]:
    """The calls of the same answer that were proposed before this one."""
    for other in s.run_calls(state, call.run_id):
        if other.call_id == call.call_id:
            return
        if other.message_id == call.message_id:
            yield other


def is_held_up(state: s.RoomState, call: s.Call) -> bool:
    """Whether a call builds on one of the same answer that is not over yet."""
    changed = changes(call.preview)
    return bool(changed) and any(
        not isinstance(other, s.CallDone | s.CallDoubtful) and changed & changes(other.preview)
        for other in before(state, call)
    )


def not_made(changed: Mapping[str, str], earlier: Versions) -> list[str]:
    """Those of the changed cells that are as an earlier call of the answer found them: it was not made."""
    return [cell_id for cell_id, now in changed.items() if now in earlier.get(cell_id, ())]
