"""A notebook that nobody has open: read and written through the contents manager, run on its session's kernel."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from contextlib import suppress
from typing import Any

import msgspec
from typing_extensions import override

from ..ports.clock import Clock
from ..ports.notebook import Cell, Change, OnOutput, RunOutcome
from ..protocol.errors import CellNotFound, NotebookMissing
from .changes import apply_changes
from .file import NotebookFile
from .ipynb import kernel_name_of, with_cells
from .kernel.kernel import KernelBacked, NotebookKernel
from .kernel.outputs import OutputEdit
from .kernel.payloads import next_cell_id
from .kernel.running import RunningCell, run_cell, runnable
from .saving import PeriodicSave
from .stamps import RunState, any_stamped, is_stamped, outcome_in, stamped, unstamped

JsonObject = dict[str, Any]


class ContentsNotebook(KernelBacked):
    """The adapter for a notebook that no browser has open."""

    adapter = "contents"

    def __init__(self, file: NotebookFile, kernel: NotebookKernel, clock: Clock) -> None:
        super().__init__(kernel)
        self._file = file
        self._clock = clock

    @override
    async def read(self) -> list[Cell]:
        notebook = await self._file.load()
        self._metadata = notebook.get("metadata")
        return self._file.cells.of(notebook)

    @override
    async def apply(self, changes: Sequence[Change], exec_id: str) -> None:
        def edit(notebook: JsonObject) -> JsonObject:
            cells = apply_changes(self._file.cells.of(notebook), changes, exec_id)
            changed = with_cells(notebook, cells, self._file.cells.one)
            if any(is_stamped(cell.metadata, exec_id) for cell in cells):
                return changed
            return {**changed, "metadata": stamped(changed["metadata"], exec_id)}

        await self._file.change(edit)

    @override
    async def applied(self, exec_id: str) -> bool:
        notebook = await self._file.load()
        return any_stamped(notebook["metadata"], self._file.cells.of(notebook), exec_id)

    @override
    async def forget(self, exec_ids: Collection[str]) -> None:
        def edit(notebook: JsonObject) -> JsonObject:
            cells = [_forgotten(raw, exec_ids) for raw in notebook["cells"]]
            return _forgotten({**notebook, "cells": cells}, exec_ids)

        notebook = await self._file.load()
        if any(unstamped(each.get("metadata"), exec_ids) is not None for each in [notebook, *notebook["cells"]]):
            await self._file.change(edit)

    @override
    async def run(
        self, cell_id: str, exec_id: str, on_output: OnOutput, timeout_s: float | None, expected: str | None = None
    ) -> RunOutcome:
        notebook = await self._file.load()
        runnable(self._file.cells.of(notebook), cell_id, expected)
        place = _CellInFile(self._file, self._clock, cell_id, exec_id, expected)
        return await run_cell(self._kernel, kernel_name_of(notebook), place, cell_id, exec_id, on_output, timeout_s)

    @override
    async def ran(self, cell_id: str, exec_id: str) -> RunOutcome | None:
        return outcome_in(await self.read(), cell_id, exec_id)


def _forgotten(stamped: JsonObject, exec_ids: Collection[str]) -> JsonObject:
    """A cell or a notebook without the stamp of one of these executions."""
    metadata = unstamped(stamped.get("metadata"), exec_ids)
    return stamped if metadata is None else {**stamped, "metadata": metadata}


class _CellInFile(RunningCell):
    """A running cell whose outputs are saved into the file now and then, and at the end."""

    def __init__(self, file: NotebookFile, clock: Clock, cell_id: str, exec_id: str, expected: str | None) -> None:
        self._file = file
        self._clock = clock
        self._cell_id = cell_id
        self._exec_id = exec_id
        self._expected = expected
        self._outputs: list[JsonObject] = []
        self._saving: PeriodicSave | None = None

    @override
    async def begin(self) -> str:
        # Nothing is saved yet: nobody has the file open, and a crash before the first output tells as much without.
        source = runnable(self._file.cells.of(await self._file.load()), self._cell_id, self._expected).source
        self._saving = PeriodicSave(lambda: self._save("running", None), self._clock)
        return source

    @override
    async def write(self, edits: Sequence[OutputEdit], outputs: list[JsonObject]) -> None:
        self._outputs = outputs
        if self._saving is not None:
            self._saving.changed()

    @override
    async def finish(self, state: RunState, outputs: list[JsonObject], execution_count: int | None) -> None:
        if self._saving is not None:
            await self._saving.stop()
        self._outputs = outputs
        await self._save(state, execution_count)

    @override
    async def put_next(self, text: str, replace: bool) -> str | None:
        put = self._cell_id if replace else next_cell_id(self._exec_id)

        def edit(notebook: JsonObject) -> JsonObject:
            cells = self._file.cells.of(notebook)
            index = next((i for i, cell in enumerate(cells) if cell.cell_id == self._cell_id), None)
            if index is None:
                raise CellNotFound(self._cell_id)
            if replace:
                cells[index] = msgspec.structs.replace(cells[index], source=text)
            else:
                cells.insert(index + 1, Cell(cell_id=put, cell_type="code", source=text))
            return with_cells(notebook, cells, self._file.cells.one)

        with suppress(CellNotFound, NotebookMissing):
            await self._file.change(edit)
            return put
        return None

    async def _save(self, state: RunState, execution_count: int | None) -> None:
        with suppress(CellNotFound, NotebookMissing):  # somebody deleted it meanwhile: the outputs have no place
            await self._file.change(lambda notebook: self._with_state(notebook, state, execution_count))

    def _with_state(self, notebook: JsonObject, state: RunState, execution_count: int | None) -> JsonObject:
        cells = self._file.cells.of(notebook)
        index = next((i for i, cell in enumerate(cells) if cell.cell_id == self._cell_id), None)
        if index is None:
            raise CellNotFound(self._cell_id)
        cells[index] = msgspec.structs.replace(
            cells[index],
            outputs=[dict(output) for output in self._outputs],  # they may grow on while this is saved
            execution_count=execution_count,
            metadata=stamped(cells[index].metadata, self._exec_id, state),
        )
        changed = with_cells(notebook, cells, self._file.cells.one)
        # People confirmed this code, so its outputs may be shown in full.
        raw = changed["cells"][index]
        changed["cells"][index] = {**raw, "metadata": {**raw["metadata"], "trusted": True}}
        return changed
