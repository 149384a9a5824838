"""A notebook that a tab has open without a shared document: the tab does the work, and reports."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Collection, Mapping, Sequence
from typing import Any

from typing_extensions import assert_never, override

from ..ports.notebook import KERNEL_ENDED, Cell, Change, Elsewhere, FrontEnd, NextInput, Notebook, OnOutput, RunOutcome
from ..protocol import (
    ApplyChanges,
    CellRan,
    CellsStale,
    Operation,
    OperationDone,
    OperationFailed,
    OperationReport,
    Output,
    Right,
    RunCell,
)
from ..protocol.errors import CellNotFound, InDoubt, KernelError, NotebookError, NotebookMissing, StaleCells
from .cell_ids import CellIds
from .ipynb import cells_of, keeps_ids, with_ids
from .kernel.kernel import KernelBacked, NotebookKernel
from .kernel.payloads import read_payloads
from .stamps import any_stamped, outcome_in

JsonObject = dict[str, Any]


class FrontEndNotebook(KernelBacked):
    """The adapter that has exactly one tab do each operation of one call; `fallback` answers when no tab does.

    Interrupting, restarting and evaluating need no tab: the kernel is the server's.
    """

    adapter = "front_end"

    def __init__(
        self,
        front_end: FrontEnd,
        fallback: Notebook,
        kernel: NotebookKernel,
        call_id: str | None,
        prefer: str | None,
        ids: CellIds | None = None,
        right: Right = "write",
    ) -> None:
        super().__init__(kernel)
        self._right: Right = right
        self._read_from: str | None = None
        self._ids = ids or CellIds()
        self._front_end = front_end
        self._fallback = fallback
        self._call_id = call_id
        self._prefer = prefer

    @override
    async def read(self) -> list[Cell]:
        notebook = await self._shown()
        self._metadata = notebook.get("metadata")
        return cells_of(notebook)

    @override
    async def apply(self, changes: Sequence[Change], exec_id: str) -> None:
        operation = ApplyChanges(changes=list(changes), exec_id=exec_id)
        _check(await self._perform(operation, exec_id, _ignore))
        if not await self._can_be_seen(exec_id):
            raise InDoubt(
                "A tab reported the change as made, but it is neither in the saved file nor in an open tab.",
                hint="Look at the notebook before going on.",
            )

    async def _can_be_seen(self, exec_id: str) -> bool:
        """Whether a change that was reported is there: a report is what a browser says. True when nothing can be read.

        The tab may still be saving, so the file alone proves nothing.
        """
        views = await self._front_end.read_others(None)
        if not views or any(_has_stamp(view.notebook, exec_id) for view in views):
            return True
        with contextlib.suppress(NotebookError):
            return await self._fallback.applied(exec_id)
        return True

    @override
    async def applied(self, exec_id: str) -> bool:
        try:
            notebook = await self._shown()
        except NotebookError:
            return await self._fallback.applied(exec_id)
        return any_stamped(notebook.get("metadata", {}), cells_of(notebook), exec_id)

    @override
    async def forget(self, exec_ids: Collection[str]) -> None:
        """There is nothing to take out: the tab keeps its stamps to itself."""

    @override
    async def run(
        self, cell_id: str, exec_id: str, on_output: OnOutput, timeout_s: float | None, expected: str | None = None
    ) -> RunOutcome:
        operation = RunCell(cell_id=cell_id, exec_id=exec_id, expected=expected)
        try:
            report = await asyncio.wait_for(self._perform(operation, exec_id, on_output), timeout_s)
        except asyncio.TimeoutError:
            return await self._timed_out(cell_id)
        return _outcome(report, cell_id, on_output)

    @override
    async def ran(self, cell_id: str, exec_id: str) -> RunOutcome | None:
        try:
            return outcome_in(await self.read(), cell_id, exec_id)
        except NotebookError:
            return await self._fallback.ran(cell_id, exec_id)

    @override
    async def elsewhere(self, versions: Mapping[str, str]) -> dict[str, list[Elsewhere]]:
        views: list[tuple[Elsewhere, list[Cell]]] = []
        with contextlib.suppress(NotebookError):
            views.append(("file", await self._fallback.read()))
        for view in await self._front_end.read_others(self._read_from):
            views.append(("tab", cells_of(with_ids(view.notebook, self._ids))))
        found: dict[str, list[Elsewhere]] = {}
        for where, cells in views:
            here = {cell.cell_id: cell.version for cell in cells}
            for cell_id in versions:
                if here.get(cell_id) != versions[cell_id] and where not in found.get(cell_id, []):
                    found.setdefault(cell_id, []).append(where)
        return found

    async def _shown(self) -> JsonObject:
        """The notebook as a tab shows it; where its file keeps no ids, those of the tab are everybody's from now on."""
        view = await self._front_end.read(self._prefer, self._right)
        self._read_from = view.session
        notebook = with_ids(view.notebook, self._ids)
        if not keeps_ids(notebook):
            cells = cells_of(notebook)
            self._ids.learn([cell.cell_id for cell in cells], [cell.version for cell in cells])
        return notebook

    async def _perform(self, operation: Operation, exec_id: str, on_output: OnOutput) -> OperationReport:
        return await self._front_end.perform(self._call_id or exec_id, operation, on_output, self._prefer)

    async def _timed_out(self, cell_id: str) -> RunOutcome:
        """What the tab shows of a cell that it was told to interrupt."""
        cell = next((cell for cell in await self.read() if cell.cell_id == cell_id), None)
        return RunOutcome(cell_id=cell_id, status="timeout", outputs=cell.outputs if cell is not None else [])


def _has_stamp(notebook: JsonObject, exec_id: str) -> bool:
    return any_stamped(notebook.get("metadata", {}), cells_of(notebook), exec_id)


def _outcome(report: OperationReport, cell_id: str, on_output: OnOutput) -> RunOutcome:
    if not isinstance(report, CellRan):
        raise _problem(report)
    asked = read_payloads(report.payload)
    if asked.ends_kernel:
        on_output(Output(kind="stderr", text=f"{KERNEL_ENDED}\n", cell_id=cell_id))
    # JupyterLab itself has shown the pages, and has put the code into the notebook.
    put = cell_id if asked.next_code is not None and asked.next_code.replace else report.next_cell_id
    return RunOutcome(
        cell_id=cell_id,
        status=report.status,
        outputs=report.outputs,
        execution_count=report.execution_count,
        next_input=NextInput(put, asked.next_code.replace) if asked.next_code and put else None,
        kernel_ended=asked.ends_kernel,
        notes=asked.notes,
    )


def _check(report: OperationReport) -> None:
    """Raise what the tab reported, unless it is success."""
    if not isinstance(report, OperationDone):
        raise _problem(report)


def _problem(report: OperationReport) -> NotebookError:
    match report:
        case CellsStale():
            return StaleCells(report.cells)
        case OperationFailed():
            return _failure(report)
        case OperationDone() | CellRan():
            return InDoubt(f"The tab reported {report.status!r}, which says nothing here.", hint="Reload the tab.")
    assert_never(report)


def _failure(report: OperationFailed) -> NotebookError:
    message = report.message or "The tab could not do it."
    match report.code:
        case "cell_not_found":
            return CellNotFound(report.cell_id or "?")
        case "notebook_missing":
            return NotebookMissing(message, hint=report.hint)
        case "kernel":
            return KernelError(message, hint=report.hint)
        case "in_doubt":
            return InDoubt(message, hint=report.hint)
        case code:
            return NotebookError(message, hint=report.hint, code=code)


def _ignore(output: Output) -> None:
    """Changes have no output."""
