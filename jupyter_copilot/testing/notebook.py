"""A notebook in memory, whose runs end as the test says."""

from __future__ import annotations

import asyncio
from collections.abc import Collection, Iterable, Sequence
from types import TracebackType
from typing import Any, Literal

from msgspec import Struct
from msgspec.structs import replace
from typing_extensions import Self, override

from ..notebooks.changes import apply_changes
from ..notebooks.kernel.outputs import pieces_of
from ..notebooks.kernel.running import runnable
from ..notebooks.stamps import RunState, any_stamped, is_stamped, outcome_in, stamp, stamped, unstamped
from ..ports.notebook import Cell, Change, Notebook, NotebookInfo, Notebooks, OnOutput, RunOutcome
from ..protocol import Right
from ..protocol.errors import KernelError, NotebookError


class ScriptedRun(Struct, kw_only=True):
    """How the next run of a cell ends: with these outputs and status, or with an error.

    With `until`, its outputs come, and then it goes on until this is set or somebody interrupts it.
    """

    cell_id: str
    status: Literal["ok", "error", "interrupted", "timeout"] = "ok"
    outputs: list[dict[str, Any]] = []
    error: NotebookError | None = None
    until: asyncio.Event | None = None


class Operation(Struct, frozen=True):
    """Something that was done to the notebook: the method's name, and what it was about."""

    name: Literal["apply", "run", "evaluate", "interrupt", "restart"]
    subject: Any = None
    exec_id: str = ""


class FakeNotebook(Notebook):
    """Keeps cells, records operations, and plays scripted runs in order; as a context manager it checks at the end."""

    def __init__(
        self,
        cells: Iterable[Cell] = (),
        *,
        runs: Iterable[ScriptedRun] = (),
        evaluations: Iterable[str | NotebookError] = (),
        adapter: str = "fake",
    ) -> None:
        self.adapter = adapter
        self.cells = list(cells)
        self.metadata: dict[str, Any] = {}
        self.info = NotebookInfo()
        self.operations: list[Operation] = []
        self._runs = list(runs)
        self._evaluations = list(evaluations)
        self._interrupted = asyncio.Event()
        self._count = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: object, trace: TracebackType | None) -> None:
        if kind is None:
            self.verify()

    def verify(self) -> None:
        """Raise `AssertionError` when something scripted was not used."""
        left = [*self._runs, *self._evaluations]
        assert not left, f"scripted, but not used: {left}"

    def set_source(self, cell_id: str, source: str) -> None:
        """What a person does in the meantime."""
        self._replace(replace(self._cell(cell_id), source=source))

    @override
    async def read(self) -> list[Cell]:
        return list(self.cells)

    @override
    async def describe(self) -> NotebookInfo:
        return self.info

    @override
    async def apply(self, changes: Sequence[Change], exec_id: str) -> None:
        self.cells = apply_changes(self.cells, changes, exec_id)
        if not any(is_stamped(cell.metadata, exec_id) for cell in self.cells):
            self.metadata["copilot"] = stamp(exec_id)
        self.operations.append(Operation("apply", list(changes), exec_id))

    @override
    async def applied(self, exec_id: str) -> bool:
        return any_stamped(self.metadata, self.cells, exec_id)

    @override
    async def forget(self, exec_ids: Collection[str]) -> None:
        own = unstamped(self.metadata, exec_ids)
        self.metadata = self.metadata if own is None else own
        for cell in self.cells:
            metadata = unstamped(cell.metadata, exec_ids)
            if metadata is not None:
                self._replace(replace(cell, metadata=metadata))

    @override
    async def run(
        self, cell_id: str, exec_id: str, on_output: OnOutput, timeout_s: float | None, expected: str | None = None
    ) -> RunOutcome:
        runnable(self.cells, cell_id, expected)
        script = self._next_run(cell_id)
        self.operations.append(Operation("run", cell_id, exec_id))
        self._interrupted.clear()
        self._mark(cell_id, exec_id, "running", script.outputs)
        for output in script.outputs:
            for piece in pieces_of({"msg_type": output["output_type"], "content": output}, cell_id):
                on_output(piece)
        try:
            status = await self._end_of(script)
        except asyncio.CancelledError:
            self._mark(cell_id, exec_id, "interrupted", script.outputs)
            raise
        self._mark(cell_id, exec_id, status, script.outputs)
        if script.error is not None:
            raise script.error
        cell = self._cell(cell_id)
        return RunOutcome(cell_id=cell_id, status=status, outputs=cell.outputs, execution_count=cell.execution_count)

    @override
    async def ran(self, cell_id: str, exec_id: str) -> RunOutcome | None:
        return outcome_in(self.cells, cell_id, exec_id)

    @override
    async def evaluate(self, code: str, timeout_s: float) -> str:
        self.operations.append(Operation("evaluate", code))
        if not self._evaluations:
            raise KernelError("The notebook has no running kernel.")
        answer = self._evaluations.pop(0)
        if isinstance(answer, NotebookError):
            raise answer
        return answer

    @override
    async def interrupt(self) -> None:
        self.operations.append(Operation("interrupt"))
        self._interrupted.set()

    @override
    async def restart(self) -> None:
        self.operations.append(Operation("restart"))

    def _next_run(self, cell_id: str) -> ScriptedRun:
        assert self._runs, f"no run is scripted, but {cell_id!r} is run"
        script = self._runs.pop(0)
        assert script.cell_id == cell_id, f"a run of {script.cell_id!r} is scripted, but {cell_id!r} is run"
        return script

    async def _end_of(self, script: ScriptedRun) -> Literal["ok", "error", "interrupted", "timeout"]:
        if script.until is None:
            return "error" if script.error is not None else script.status
        ends = [asyncio.ensure_future(event.wait()) for event in (script.until, self._interrupted)]
        try:
            await asyncio.wait(ends, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for end in ends:
                end.cancel()
        return "interrupted" if self._interrupted.is_set() else script.status

    def _mark(self, cell_id: str, exec_id: str, state: RunState, outputs: list[dict[str, Any]]) -> None:
        if state in ("ok", "error"):
            self._count += 1
        cell = self._cell(cell_id)
        count = self._count if state in ("ok", "error") else None
        metadata = stamped(cell.metadata, exec_id, state)
        self._replace(replace(cell, outputs=list(outputs), execution_count=count, metadata=metadata))

    def _cell(self, cell_id: str) -> Cell:
        return next(cell for cell in self.cells if cell.cell_id == cell_id)

    def _replace(self, new: Cell) -> None:
        self.cells = [new if cell.cell_id == new.cell_id else cell for cell in self.cells]


class FakeNotebooks(Notebooks):
    """Always opens the same notebook, and records for which call and tab."""

    def __init__(self, notebook: Notebook) -> None:
        self.notebook = notebook
        self.opened: list[tuple[str | None, str | None]] = []

    @override
    async def open(self, call_id: str | None = None, prefer: str | None = None, right: Right = "write") -> Notebook:
        self.opened.append((call_id, prefer))
        return self.notebook
