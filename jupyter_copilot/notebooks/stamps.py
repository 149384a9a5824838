"""The stamp that the agent leaves on cells that it changed or ran, so that work is recognised after a crash.

It is one small dict, `metadata.copilot`, of `exec_id` and, for runs, `state`. Nothing reads it once the call's result
is in the log, and it is taken out when the agent's run ends. When a call changed only by deleting, no changed cell is
left, and the notebook's own metadata carries the stamp instead. A tab keeps its stamps in memory, and only tells them.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from typing import Any, Literal, get_args

from ..ports.notebook import Cell, RunOutcome

KEY = "copilot"

RunStatus = Literal["ok", "error", "interrupted", "timeout"]
RunState = Literal["running", "ok", "error", "interrupted", "timeout"]

_ENDED: tuple[RunStatus, ...] = get_args(RunStatus)


def stamp(exec_id: str, state: RunState | None = None, over: object = None) -> dict[str, Any]:
    """The stamp of this execution; what people had put in its place, such as a lock, it keeps as `was`."""
    made = {"exec_id": exec_id} if state is None else {"exec_id": exec_id, "state": state}
    was = over.get("was") if isinstance(over, Mapping) and "exec_id" in over else over
    return made if was is None else {**made, "was": was}


def stamped(metadata: dict[str, Any], exec_id: str, state: RunState | None = None) -> dict[str, Any]:
    """A copy of this metadata with the stamp in it."""
    return {**metadata, KEY: stamp(exec_id, state, metadata.get(KEY))}


def is_stamped(metadata: dict[str, Any], exec_id: str) -> bool:
    """Whether this metadata was stamped by this execution, or by the run of a cell that belongs to it."""
    found = _exec_id(metadata)
    return found == exec_id or found.startswith(f"{exec_id}.")


def unstamped(metadata: object, exec_ids: Collection[str]) -> dict[str, Any] | None:
    """A copy of this metadata without the stamp of one of these executions; None when it carries none of theirs."""
    if isinstance(metadata, dict) and KEY in metadata and any(is_stamped(metadata, each) for each in exec_ids):
        was = metadata[KEY].get("was")
        rest = {key: value for key, value in metadata.items() if key != KEY}
        return rest if was is None else {**rest, KEY: was}
    return None


def any_stamped(metadata: dict[str, Any], cells: Iterable[Cell], exec_id: str) -> bool:
    """Whether the notebook with this metadata and these cells carries the stamp of this execution."""
    return is_stamped(metadata, exec_id) or any(is_stamped(cell.metadata, exec_id) for cell in cells)


def outcome_in(cells: Iterable[Cell], cell_id: str, exec_id: str) -> RunOutcome | None:
    """The outcome that the stamped cell tells of; None when it is not there, or was left `running`."""
    for cell in cells:
        if cell.cell_id == cell_id and _exec_id(cell.metadata) == exec_id:
            return _outcome(cell)
    return None


def _outcome(cell: Cell) -> RunOutcome | None:
    state = cell.metadata[KEY].get("state")
    for status in _ENDED:
        if status == state:
            return RunOutcome(
                cell_id=cell.cell_id, status=status, outputs=cell.outputs, execution_count=cell.execution_count
            )
    return None


def _exec_id(metadata: dict[str, Any]) -> str:
    found = metadata.get(KEY)
    exec_id = found.get("exec_id") if isinstance(found, dict) else None
    return exec_id if isinstance(exec_id, str) else ""
