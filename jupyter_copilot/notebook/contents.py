"""A notebook that nobody has open: read and written through the contents manager, run on its session's kernel."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import Any

from jupyter_core.utils import ensure_async
from msgspec.structs import replace
from tornado.web import HTTPError
from typing_extensions import override

from ..clock import Clock
from ..errors import CellNotFound, NotebookError, NotebookMissing
from .base import Cell, Change, Notebook, OnOutput, RunOutcome
from .changes import apply_changes
from .ipynb import cells_of, with_cells, with_ids
from .kernel import NotebookKernel
from .outputs import OutputEdit
from .running import RunningCell, run_cell, runnable
from .saving import PeriodicSave
from .services import Contents
from .stamps import KEY, RunState, any_stamped, is_stamped, outcome_in, stamp, stamped

JsonObject = dict[str, Any]

_ATTEMPTS = 5


class NotebookFile:
    """One notebook file, changed by compare-and-set: what somebody else saved in between is never overwritten."""

    def __init__(self, contents: Contents, path: Callable[[], str]) -> None:
        self._contents = contents
        self._path = path
        self._lock = asyncio.Lock()
        self._seen: tuple[str, list[str]] = ("", [])

    async def load(self) -> JsonObject:
        """The notebook as nbformat 4.5 JSON. Raises `NotebookMissing` or `NotebookError`."""
        notebook, _ = await self._load()
        return notebook

    async def change(self, edit: Callable[[JsonObject], JsonObject]) -> None:
        """Save `edit` of the notebook; when the file changed meanwhile, `edit` is called again with what it holds now.

        What `edit` raises is passed on, and nothing is saved. Raises `NotebookError` when the file cannot be written.
        """
        async with self._lock:
            for _ in range(_ATTEMPTS):
                before, version = await self._load()
                after = edit(before)
                if await self._version() == version:
                    await self._save(after)
                    return
            raise NotebookError("The notebook's file keeps changing.", code="conflict", hint="Try again in a moment.")

    async def _load(self) -> tuple[JsonObject, str]:
        model = await self._get(content=True)
        version = _version_of(model)
        notebook: JsonObject = with_ids(model["content"])
        if self._seen[0] == version:
            # Where the file lacks ids that its format demands, nbformat makes up others at each reading.
            cells = [{**cell, "id": known} for cell, known in zip(notebook["cells"], self._seen[1], strict=True)]
            return {**notebook, "cells": cells}, version
        self._seen = (version, [cell["id"] for cell in notebook["cells"]])
        return notebook, version

    async def _version(self) -> str:
        return _version_of(await self._get(content=False))

    async def _get(self, content: bool) -> JsonObject:
        path = self._path()
        if not path:
            raise _missing(path)
        try:
            model: JsonObject = await ensure_async(
                self._contents.get(path, content=content, type="notebook", require_hash=True)
            )
        except HTTPError as error:
            raise _translated(error, path, "read") from error
        return model

    async def _save(self, notebook: JsonObject) -> None:
        path = self._path()
        try:
            await ensure_async(self._contents.save({"type": "notebook", "format": "json", "content": notebook}, path))
        except HTTPError as error:
            raise _translated(error, path, "saved") from error


class ContentsNotebook(Notebook):
    """The adapter for a notebook that no browser has open."""

    adapter = "contents"

    def __init__(self, file: NotebookFile, kernel: NotebookKernel, clock: Clock) -> None:
        self._file = file
        self._kernel = kernel
        self._clock = clock

    @override
    async def read(self) -> list[Cell]:
        return cells_of(await self._file.load())

    @override
    async def apply(self, changes: Sequence[Change], exec_id: str) -> None:
        def edit(notebook: JsonObject) -> JsonObject:
            cells = apply_changes(cells_of(notebook), changes, exec_id)
            changed = with_cells(notebook, cells)
            if any(is_stamped(cell.metadata, exec_id) for cell in cells):
                return changed
            return {**changed, "metadata": {**changed["metadata"], KEY: stamp(exec_id)}}

        await self._file.change(edit)

    @override
    async def applied(self, exec_id: str) -> bool:
        notebook = await self._file.load()
        return any_stamped(notebook["metadata"], cells_of(notebook), exec_id)

    @override
    async def run(
        self, cell_id: str, exec_id: str, on_output: OnOutput, timeout_s: float | None, expected: str | None = None
    ) -> RunOutcome:
        notebook = await self._file.load()
        runnable(cells_of(notebook), cell_id, expected)
        place = _CellInFile(self._file, self._clock, cell_id, exec_id, expected)
        return await run_cell(self._kernel, kernel_name_of(notebook), place, cell_id, exec_id, on_output, timeout_s)

    @override
    async def ran(self, cell_id: str, exec_id: str) -> RunOutcome | None:
        return outcome_in(await self.read(), cell_id, exec_id)

    @override
    async def evaluate(self, code: str, timeout_s: float) -> str:
        return await self._kernel.evaluate(code, timeout_s)

    @override
    async def interrupt(self) -> None:
        await self._kernel.interrupt()

    @override
    async def restart(self) -> None:
        await self._kernel.restart()


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
        source = ""

        def edit(notebook: JsonObject) -> JsonObject:
            nonlocal source
            source = runnable(cells_of(notebook), self._cell_id, self._expected).source
            return self._with_state(notebook, "running", None)

        await self._file.change(edit)
        self._saving = PeriodicSave(lambda: self._save("running", None), self._clock)
        return source

    @override
    async def write(self, edits: Sequence[OutputEdit], outputs: list[JsonObject]) -> None:
        self._outputs = [dict(output) for output in outputs]
        if self._saving is not None:
            self._saving.changed()

    @override
    async def finish(self, state: RunState, outputs: list[JsonObject], execution_count: int | None) -> None:
        if self._saving is not None:
            await self._saving.stop()
        self._outputs = outputs
        await self._save(state, execution_count)

    async def _save(self, state: RunState, execution_count: int | None) -> None:
        with suppress(CellNotFound, NotebookMissing):  # somebody deleted it meanwhile: the outputs have no place
            await self._file.change(lambda notebook: self._with_state(notebook, state, execution_count))

    def _with_state(self, notebook: JsonObject, state: RunState, execution_count: int | None) -> JsonObject:
        cells = cells_of(notebook)
        index = next((i for i, cell in enumerate(cells) if cell.cell_id == self._cell_id), None)
        if index is None:
            raise CellNotFound(self._cell_id)
        cells[index] = replace(
            cells[index],
            outputs=self._outputs,
            execution_count=execution_count,
            metadata=stamped(cells[index].metadata, self._exec_id, state),
        )
        changed = with_cells(notebook, cells)
        # People confirmed this code, so its outputs may be shown in full.
        raw = changed["cells"][index]
        changed["cells"][index] = {**raw, "metadata": {**raw["metadata"], "trusted": True}}
        return changed


def kernel_name_of(notebook: JsonObject) -> str | None:
    """The kernel that the notebook asks for, or None."""
    name = notebook.get("metadata", {}).get("kernelspec", {}).get("name")
    return name if isinstance(name, str) and name else None


def _version_of(model: JsonObject) -> str:
    return f"{model['last_modified']} {model.get('hash')}"


def _translated(error: HTTPError, path: str, what: str) -> NotebookError:
    if error.status_code == 404:
        return _missing(path)
    return NotebookError(f"The notebook {path!r} could not be {what}: {error.log_message or error.reason}.")


def _missing(path: str) -> NotebookMissing:
    return NotebookMissing(f"There is no notebook {path!r}.", hint="It may have been renamed or deleted.")
