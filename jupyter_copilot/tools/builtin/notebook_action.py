"""What every tool that changes or runs cells has in common: propose from a draft, act as approved, find it again."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Sequence
from typing import Any

from msgspec import Struct
from msgspec.structs import replace

from ...ports.notebook import Cell, InsertCell, MoveCell, RunOutcome, version_of
from ...ports.tool import Proposal, ToolContext
from ...protocol import CallResult, Preview
from ...protocol.errors import InDoubt, KernelError, NotebookError, StaleCells
from ..authoring.typed import A, TypedTool
from ..render.report import Report
from ..render.titles import title_of, with_restart
from .draft import Draft, Edit
from .lookup import resolved
from .which import on_cells, runs


class ActionRequest(Struct, frozen=True, kw_only=True):
    """What a call wants of the notebook: edits, then a restart, then runs; the same for the same arguments and call id.

    `run` has ids of cells and words for several of them (`which`).
    """

    edits: list[Edit] = []
    restart: bool = False
    run: list[str] = []
    stop_on_error: bool = True
    timeout_s: float | None = None

    def on(self, cells: Sequence[Cell]) -> ActionRequest:
        """The same, with the cells' own ids in place of their numbers and of beginnings of ids."""
        ids = [cell.cell_id for cell in cells]
        edits = [_on(ids, edit) for edit in self.edits]
        return replace(self, edits=edits, run=list(dict.fromkeys(on_cells(ids, each) for each in self.run)))

    def ends_with(self, outcome: RunOutcome) -> bool:
        """Whether the cells after this one are left out."""
        if outcome.kernel_ended or outcome.status in ("interrupted", "timeout"):
            return True
        return outcome.status == "error" and self.stop_on_error


def _on(ids: Sequence[str], edit: Edit) -> Edit:
    if isinstance(edit, InsertCell):
        return replace(edit, after=_after(ids, edit.after))
    if isinstance(edit, MoveCell):
        return replace(edit, cell_id=resolved(ids, edit.cell_id), after=_after(ids, edit.after))
    return replace(edit, cell_id=resolved(ids, edit.cell_id))


def _after(ids: Sequence[str], after: str | None) -> str | None:
    return None if after is None else resolved(ids, after)


class ActingTool(TypedTool[A]):
    """A tool that edits cells, runs cells, or both; subclasses only say what is requested."""

    @abstractmethod
    def request(self, args: A, call_id: str) -> ActionRequest:
        """What the call wants. Raises `ToolError` when the arguments do not go together."""

    async def plan(self, args: A, context: ToolContext) -> Proposal:
        """The changes as diffs for people, pinned to the versions that they are shown."""
        cells = await context.notebook.read()
        request = self.request(args, context.call_id).on(cells)
        draft = Draft(cells, context.ahead, context.superseded, context.told)
        for edit in request.edits:
            draft.make(edit)
        run = runs(request.run, draft.cells, {edit.cell_id for edit in request.edits})
        for cell_id in run:
            draft.run(cell_id)
        notes = [*draft.notes, _IDS] if (await context.notebook.describe()).gets_ids else draft.notes
        title = "; ".join([with_restart(title_of(draft.diffs, run), request.restart, run), *notes])
        preview = Preview(title=title, cells=draft.diffs)
        return Proposal(preview=preview, changes=draft.changes, run=run, pinned=draft.pinned, restart=request.restart)

    async def act(self, args: A, proposal: Proposal, context: ToolContext) -> CallResult:
        """Make the changes, then run the cells, if every cell concerned still is what people saw.

        Raises `StaleCells` or another `NotebookError` only while nothing was done; what goes wrong later is told beside
        what was done. Raises `InDoubt` whenever it arises. Changes that carry this execution's stamp are not repeated.
        """
        report = Report(runs=len(proposal.run))
        await self._change(proposal, context, report)
        if proposal.restart:
            await self._restart(context, report)
        await self._run(self.request(args, context.call_id), proposal, context, report)
        return report.result()

    async def probe(self, args: dict[str, Any], context: ToolContext) -> CallResult | None:
        """The result, if all of the changes are stamped and all of the runs are known; else None."""
        try:
            request = self.request(self.decode(args), context.call_id).on(await context.notebook.read())
            return await self._find(request, context)
        except NotebookError:
            return None

    async def _change(self, proposal: Proposal, context: ToolContext, report: Report) -> None:
        notebook = context.notebook
        if not proposal.changes:
            check_pins(proposal.pinned, await notebook.read())
            return
        if not await notebook.applied(context.exec_id):
            await notebook.apply(proposal.changes, context.exec_id)
        report.changed([diff for diff in proposal.preview.cells if diff.action != "run"], await notebook.read())

    async def _restart(self, context: ToolContext, report: Report) -> None:
        try:
            await context.notebook.restart()
        except KernelError:
            # The first run starts it, so that it is as after a restart.
            report.say("There was no kernel to restart.")
        else:
            report.say("The kernel was restarted. No variable or import is left of before.")

    async def _run(self, request: ActionRequest, proposal: Proposal, context: ToolContext, report: Report) -> None:
        versions = seen_versions(proposal)
        report.before(await context.notebook.read())
        limits = [limit for limit in (request.timeout_s, context.timeout_s) if limit is not None]
        for position, cell_id in enumerate(proposal.run):
            exec_id, expected = run_exec_id(context.exec_id, cell_id), versions.get(cell_id)
            try:
                outcome = await context.notebook.run(
                    cell_id, exec_id, context.emit, min(limits, default=None), expected=expected
                )
            except InDoubt:
                raise
            except NotebookError as error:
                if not report:
                    raise
                report.say(f"But cell {cell_id} did not run to its end: {error}")
                report.broke_off = True
                return
            cells = await context.notebook.read()
            report.ran(outcome, cells)
            if request.ends_with(outcome):
                report.broke_off = True
                report.not_run(proposal.run[position + 1 :], cells)
                return

    async def _find(self, request: ActionRequest, context: ToolContext) -> CallResult | None:
        notebook = context.notebook
        if request.edits and not await notebook.applied(context.exec_id):
            return None
        if request.restart:
            return None  # Whether it was restarted cannot be seen.
        outcomes: list[RunOutcome] = []
        run = runs(request.run, await notebook.read(), {edit.cell_id for edit in request.edits})
        for cell_id in run:
            outcome = await notebook.ran(cell_id, run_exec_id(context.exec_id, cell_id))
            if outcome is None:
                return None
            outcomes.append(outcome)
            if request.ends_with(outcome):
                break
        cells = await notebook.read()
        report = Report(runs=len(outcomes))
        report.broke_off = bool(outcomes) and request.ends_with(outcomes[-1])
        report.found([edit.cell_id for edit in request.edits], cells)
        for outcome in outcomes:
            report.ran(outcome, cells)
        report.not_run(run[len(outcomes) :], cells)
        return report.result()


_IDS = "every cell of the file gets an id, which it lacks and its format demands"


def check_pins(pinned: dict[str, str], cells: Sequence[Cell]) -> None:
    """Raise `StaleCells` for each pinned cell that is not what people saw."""
    versions = {cell.cell_id: cell.version for cell in cells}
    stale = {cell_id: versions.get(cell_id) for cell_id, seen in pinned.items() if versions.get(cell_id) != seen}
    if stale:
        raise StaleCells(stale)


def seen_versions(proposal: Proposal) -> dict[str, str]:
    """The version of each cell concerned as it will be once the changes are made, which is what people approved."""
    written = {
        diff.cell_id: version_of(diff.after, diff.cell_type)
        for diff in proposal.preview.cells
        if diff.after is not None
    }
    return {**proposal.pinned, **written}


def run_exec_id(exec_id: str, cell_id: str) -> str:
    """The execution id of one cell's run within a call."""
    return f"{exec_id}.{cell_id}"
