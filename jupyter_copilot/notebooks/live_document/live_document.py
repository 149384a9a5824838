"""A notebook that jupyter-collaboration shares: changed on the server, seen live by everybody, tab or no tab."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from typing import Any

from typing_extensions import override

from ...ports.clock import Clock
from ...ports.notebook import Cell, Change, OnOutput, RunOutcome
from ...protocol.errors import NotebookError
from ..ipynb import kernel_name_of
from ..kernel.kernel import KernelBacked, NotebookKernel
from ..kernel.outputs import OutputEdit
from ..kernel.payloads import next_cell_id
from ..kernel.running import RunningCell, run_cell, runnable
from ..saving import PeriodicSave
from ..stamps import RunState, any_stamped, outcome_in
from .shared_documents import SharedDocument, SharedDocuments
from .ydoc import begin_run, change_cells, edit_outputs, end_run, forget_stamps, metadata_in, put_next


class LiveDocument(KernelBacked):
    """The adapter for a shared document; it is found anew for each use, because an idle one is dropped."""

    adapter = "live_document"

    def __init__(
        self, documents: SharedDocuments, kernel: NotebookKernel, path: Callable[[], str], clock: Clock
    ) -> None:
        super().__init__(kernel)
        self._documents = documents
        self._path = path
        self._clock = clock

    @override
    async def read(self) -> list[Cell]:
        async with self._documents.open(self._path(), only_reads=True) as document:
            self._metadata = await document.edit(metadata_in)
            return await document.cells()

    @override
    async def apply(self, changes: Sequence[Change], exec_id: str) -> None:
        async with self._documents.open(self._path()) as document:
            await document.cells()
            await document.edit(lambda notebook: change_cells(notebook, changes, exec_id, document.cells_now()))
            await document.save()
            if not await _is_stamped(document, exec_id):
                raise NotebookError(
                    "The notebook's file was replaced from outside at the same moment, and the change is not in it.",
                    code="conflict",
                    hint="Read the notebook again.",
                )

    @override
    async def applied(self, exec_id: str) -> bool:
        async with self._documents.open(self._path(), only_reads=True) as document:
            return await _is_stamped(document, exec_id)

    @override
    async def forget(self, exec_ids: Collection[str]) -> None:
        async with self._documents.open(self._path()) as document:
            await document.cells()
            if await document.edit(lambda notebook: forget_stamps(notebook, exec_ids, document.cells_now())):
                await document.save()

    @override
    async def run(
        self, cell_id: str, exec_id: str, on_output: OnOutput, timeout_s: float | None, expected: str | None = None
    ) -> RunOutcome:
        async with self._documents.open(self._path()) as document:
            runnable(await document.cells(), cell_id, expected)
            place = _CellInDocument(document, self._clock, cell_id, exec_id, expected)
            name = kernel_name_of({"metadata": await document.edit(metadata_in)})
            return await run_cell(self._kernel, name, place, cell_id, exec_id, on_output, timeout_s)

    @override
    async def ran(self, cell_id: str, exec_id: str) -> RunOutcome | None:
        return outcome_in(await self.read(), cell_id, exec_id)


class _CellInDocument(RunningCell):
    """A running cell whose outputs everybody sees as they come."""

    def __init__(
        self, document: SharedDocument, clock: Clock, cell_id: str, exec_id: str, expected: str | None
    ) -> None:
        self._document = document
        self._clock = clock
        self._cell_id = cell_id
        self._exec_id = exec_id
        self._expected = expected
        self._place = 0
        self._saving: PeriodicSave | None = None

    @override
    async def begin(self) -> str:
        def change(notebook: Any) -> str:
            cell = runnable(self._document.cells_now(), self._cell_id, self._expected)
            self._place = self._document.place_of(self._cell_id)
            begin_run(notebook, self._cell_id, self._exec_id, self._place)
            return cell.source

        # Not saved yet: people see it in the document, and a crash before the first output tells as much without.
        source = await self._document.edit(change)
        self._saving = PeriodicSave(self._document.save, self._clock)
        return source

    @override
    async def write(self, edits: Sequence[OutputEdit], outputs: list[dict[str, Any]]) -> None:
        def change(notebook: Any) -> None:
            self._place = max(0, self._document.place_of(self._cell_id, self._place))
            edit_outputs(notebook, self._cell_id, edits, outputs, self._place)

        await self._document.edit(change)
        if self._saving is not None:
            self._saving.changed()

    @override
    async def finish(self, state: RunState, outputs: list[dict[str, Any]], execution_count: int | None) -> None:
        if self._saving is not None:
            await self._saving.stop()
        await self._document.edit(
            lambda notebook: end_run(notebook, self._cell_id, self._exec_id, state, execution_count, self._place)
        )
        await self._document.save()

    @override
    async def put_next(self, text: str, replace: bool) -> str | None:
        new_id = next_cell_id(self._exec_id)
        put = await self._document.edit(
            lambda notebook: put_next(notebook, self._cell_id, text, replace, new_id, self._document.cells_now())
        )
        await self._document.save()
        return put


async def _is_stamped(document: SharedDocument, exec_id: str) -> bool:
    return any_stamped(await document.edit(metadata_in), await document.cells(), exec_id)
