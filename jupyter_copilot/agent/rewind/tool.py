"""The tool that puts a notebook back, as the engine of runs takes it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

from ... import protocol as p
from ...ports.notebook import Cell
from ...ports.tool import Proposal, ToolContext
from ...protocol.errors import ToolError
from .restoring import Restoring

TOOL = "rewind_notebook"
OFFERED_REST_BYTES = 500_000
"""Of outputs that come back through a browser's tab: what it is offered stands in a record."""
REST_BYTES = 32 << 20

Kept = Callable[[], Awaitable[list[Cell]]]
"""The cells as they were."""
Touched = Callable[[list[p.CellDiff]], str]
"""Whose later work a proposal takes back, in words."""


class RewindTool:
    """Makes a notebook what it was: one change, all of it or nothing.

    No model knows it. What it would take back is its preview; it is done only while every cell is as people saw it.
    """

    name = TOOL
    description = "Put the notebook back to how it was."
    effect: p.Effect = "edit"
    idempotent = True
    marks_data = True

    def __init__(self, kept: Kept, touched: Touched) -> None:
        self.parameters: p.JsonObject = {"type": "object", "properties": {}, "additionalProperties": False}
        self._kept = kept
        self._touched = touched

    async def propose(self, args: dict[str, Any], context: ToolContext) -> Proposal:
        """What would be taken back. Raises `ToolError` when the notebook is as it was."""
        rest = OFFERED_REST_BYTES if context.notebook.adapter == "front_end" else REST_BYTES
        way = Restoring(await context.notebook.read(), await self._kept(), rest)
        if not way.changes:
            raise ToolError("The notebook is as it was then already.", hint="Nothing is to be done.")
        preview = p.Preview(title="Rewind the notebook", cells=way.diffs[: len(way.diffs) - way.hidden])
        note = " ".join(filter(None, [self._touched(way.diffs), *_notes(way)]))
        return Proposal(preview=preview, changes=way.changes, pinned=way.pinned, note=note)

    async def execute(self, args: dict[str, Any], proposal: Proposal, context: ToolContext) -> p.CallResult:
        """Put it back."""
        await context.notebook.apply(proposal.changes, context.exec_id)
        cells = list(dict.fromkeys(change.cell_id for change in proposal.changes))
        return p.CallResult(text=_told(proposal), cells=cells)

    async def probe(self, args: dict[str, Any], context: ToolContext) -> p.CallResult | None:
        """After a crash: whether it was put back."""
        if not await context.notebook.applied(context.exec_id):
            return None
        return p.CallResult(text="The notebook was put back to how it was.")


def _told(proposal: Proposal) -> str:
    count = len({change.cell_id for change in proposal.changes})
    changed = f"{count} {'cell' if count == 1 else 'cells'}"
    return f"The notebook was put back to how it was: {changed} changed. Read it again."


def _notes(way: Restoring) -> list[str]:
    notes = []
    if way.outputs_back:
        notes.append(f"The outputs of {_listed(way.outputs_back)} come back as they were.")
    if way.outputs_left:
        notes.append(f"The outputs of {_listed(way.outputs_left)} are too large to come back.")
    if way.locked:
        notes.append(f"{_listed(way.locked).capitalize()} stays as it is: people locked it.")
    if way.hidden:
        notes.append(f"{way.hidden} more cells are not shown here.")
    return notes


def _listed(names: list[str]) -> str:
    shown = names[:5] + ([f"{len(names) - 5} more"] if len(names) > 5 else [])
    return shown[0] if len(shown) == 1 else f"{', '.join(shown[:-1])} and {shown[-1]}"
