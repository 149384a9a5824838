"""The calls of one answer are a queue: each takes effect after those before it, on the cells as they leave them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from ... import protocol as p
from ...core import state as s
from ...core.model_context.transcript import AGAIN
from ...ports.notebook import version_of

Versions = dict[str, set[str]]


def acts(call: s.Call) -> bool:
    """Whether a call changes or runs something."""
    return call.effect != "read"


def before(state: s.RoomState, call: s.Call) -> Iterator[s.Call]:
    """The calls of the same answer that were proposed before this one."""
    for other in s.run_calls(state, call.run_id):
        if other.call_id == call.call_id:
            return
        if other.message_id == call.message_id:
            yield other


def is_held_up(state: s.RoomState, call: s.Call) -> bool:
    """Whether a call has to wait for one before it in the answer; only calls that read do not wait for each other."""
    return any(not isinstance(o, s.CallDone | s.CallDoubtful) for o in before(state, call) if acts(o) or acts(call))


def closed_by(state: s.RoomState, call: s.Call) -> s.Call | None:
    """The call before it in the answer that came to no good end, so that this one is not begun any more."""
    if not acts(call) or call.call_id.endswith(AGAIN):
        return None
    return next((other for other in before(state, call) if acts(other) and _ended_badly(other)), None)


def why_closed(title: str, other: s.Call | None) -> str:
    """Why a call is not begun, for people and for the model: the one before it, called `title`, ended badly."""
    match other:
        case s.CallDenied() | s.CallDone(denied=True):
            how = "was denied"
        case s.CallDoubtful():
            how = "may or may not have been done"
        case s.CallDone(is_error=False):
            how = "broke off"
        case _:
            how = "could not be done"
    return f"Not done, as it follows “{title}” in the same answer, which {how}."


def _ended_badly(call: s.Call) -> bool:
    match call:
        case s.CallDenied() | s.CallDoubtful():
            return True
        case s.CallDone():
            return call.is_error or call.result.broke_off
        case _:
            return False


# Versions: which cells a call was shown on, and what became of them


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


def versions_after(preview: p.Preview) -> dict[str, str]:
    """The version of each cell that the preview writes, as it leaves it."""
    return {diff.cell_id: version_of(diff.after, diff.cell_type) for diff in preview.cells if diff.after is not None}


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


def not_made(changed: Mapping[str, str], earlier: Versions) -> list[str]:
    """Those of the changed cells that are as an earlier call of the answer found them: it was not made."""
    return [cell_id for cell_id, now in changed.items() if now in earlier.get(cell_id, ())]


def agreed_with(state: s.RoomState, call: s.Call) -> dict[str, str]:
    """What calls before it leave of cells by arguments that whoever approved this one entered in the same decision."""
    asked = state.confirmations.get(call.confirmation_id or "")
    if not isinstance(asked, s.Decided):
        return {}
    left: dict[str, str] = {}
    for other in before(state, call):
        edited = state.confirmations.get(other.confirmation_id or "")
        if not isinstance(edited, s.Decided) or edited.edited_args is None:
            continue
        if (edited.at, edited.by) == (asked.at, asked.by):
            left |= versions_after(other.preview)
    return left
