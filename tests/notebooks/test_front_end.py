"""The front-end adapter: one tab does the work, and what it reports is taken at its word."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from msgspec.structs import replace

from jupyter_copilot.notebooks.changes import apply_changes
from jupyter_copilot.notebooks.front_end import FrontEndNotebook
from jupyter_copilot.notebooks.ipynb import with_cells
from jupyter_copilot.notebooks.kernel.kernel import NotebookKernel
from jupyter_copilot.notebooks.stamps import stamp
from jupyter_copilot.ports.notebook import (
    Change,
    DeleteCell,
    InsertCell,
    NextInput,
    OnOutput,
    RunOutcome,
    SetSource,
    TabView,
)
from jupyter_copilot.protocol import Operation, OperationReport, Output, Right, operation_json, read_report
from jupyter_copilot.protocol.errors import (
    CellNotFound,
    InDoubt,
    KernelError,
    NotebookError,
    NotebookMissing,
    StaleCells,
)
from jupyter_copilot.testing import FakeNotebook

from .contract import CELLS

EMPTY: dict[str, Any] = {"cells": [], "metadata": {}, "nbformat": 4, "nbformat_minor": 5}
HELLO = {"output_type": "stream", "name": "stdout", "text": "hello\n"}
Report = dict[str, Any] | NotebookError | Callable[[OnOutput], Awaitable[dict[str, Any]]]


class ScriptedTab:
    """A tab that reports what the test says, and records what it was asked to do, and for whom."""

    def __init__(self, *reports: Report) -> None:
        self.notebook: dict[str, Any] | None = with_cells(EMPTY, CELLS)
        self.asked: list[tuple[str, dict[str, Any], str | None]] = []
        self.others: list[TabView] = []
        self._reports = list(reports)

    def is_open(self, right: Right = "write") -> bool:
        return self.notebook is not None

    async def read_others(self, but: str | None) -> list[TabView]:
        return self.others

    async def read(self, prefer: str | None, right: Right = "write") -> TabView:
        if self.notebook is None:
            raise NotebookError("No tab answers.")
        return TabView(self.notebook)

    async def perform(
        self, call_id: str, operation: Operation, on_output: OnOutput, prefer: str | None
    ) -> OperationReport:
        self.asked.append((call_id, operation_json(operation), prefer))
        report = self._reports.pop(0)
        if isinstance(report, NotebookError):
            raise report
        return read_report(operation, report if isinstance(report, dict) else await report(on_output))


class NoSessions:
    """A server where no notebook has a kernel."""

    async def list_sessions(self) -> list[dict[str, Any]]:
        return []

    def create_session(self, **given: Any) -> Any:
        raise AssertionError("no kernel is started here")


def adapter(tab: ScriptedTab, call_id: str | None = "call", fallback: FakeNotebook | None = None) -> FrontEndNotebook:
    kernel = NotebookKernel(NoSessions(), {}, lambda: "nb.ipynb")  # type: ignore[arg-type]
    return FrontEndNotebook(tab, fallback or FakeNotebook(CELLS), kernel, call_id, "tab-1")


def ignore(output: Output) -> None:
    pass


async def test_reading_is_what_the_tab_shows() -> None:
    assert await adapter(ScriptedTab()).read() == CELLS


async def test_the_tab_that_asked_is_preferred_and_told_all_changes_at_once() -> None:
    tab = ScriptedTab({"status": "ok"})
    changes: list[Change] = [
        InsertCell(cell_id="n", after=None, cell_type="code", source="x"),
        DeleteCell(cell_id="hello", expected="v"),
    ]
    await adapter(tab).apply(changes, "e1")
    ((call_id, operation, prefer),) = tab.asked
    assert (call_id, prefer) == ("call", "tab-1")
    assert operation == {
        "type": "apply",
        "changes": [
            {"type": "insert_cell", "cell_id": "n", "after": None, "cell_type": "code", "source": "x", "rest": None},
            {"type": "delete_cell", "cell_id": "hello", "expected": "v"},
        ],
        "exec_id": "e1",
    }


@pytest.mark.parametrize(
    ("report", "error"),
    [
        ({"status": "stale", "cells": {"hello": "v2"}}, StaleCells),
        ({"status": "error", "code": "cell_not_found", "message": "No.", "cell_id": "n"}, CellNotFound),
        ({"status": "error", "code": "kernel", "message": "No."}, KernelError),
        ({"status": "error", "code": "notebook_missing", "message": "No."}, NotebookMissing),
        ({"status": "error", "code": "in_doubt", "message": "No."}, InDoubt),
        ({"status": "error", "code": "cell_exists", "message": "No."}, NotebookError),
        (InDoubt("The tab went away."), InDoubt),
    ],
)
async def test_what_the_tab_could_not_do_is_raised(report: Report, error: type[NotebookError]) -> None:
    with pytest.raises(error):
        await adapter(ScriptedTab(report)).apply([], "e1")
    with pytest.raises(error):
        await adapter(ScriptedTab(report)).run("hello", "e1", ignore, None)


async def test_stale_cells_come_with_their_versions() -> None:
    with pytest.raises(StaleCells) as caught:
        await adapter(ScriptedTab({"status": "stale", "cells": {"a": "v", "b": None}})).apply([], "e1")
    assert caught.value.cells == {"a": "v", "b": None}


@pytest.mark.parametrize("status", ["ok", "error", "interrupted"])
async def test_a_run_ends_as_the_tab_reports(status: str) -> None:
    tab = ScriptedTab({"status": status, "outputs": [HELLO], "execution_count": 3})
    outcome = await adapter(tab).run("hello", "e1.hello", ignore, None, "v")
    assert outcome == RunOutcome(cell_id="hello", status=status, outputs=[HELLO], execution_count=3)  # type: ignore[arg-type]
    operation = {"type": "run", "cell_id": "hello", "exec_id": "e1.hello", "expected": "v"}
    assert tab.asked == [("call", operation, "tab-1")]


async def test_what_the_code_asked_of_the_tab_is_known_from_its_report() -> None:
    payload = [{"source": "page"}, {"source": "set_next_input", "replace": False}, {"source": "ask_exit"}]
    report = {"status": "ok", "outputs": [], "execution_count": 1, "payload": payload, "next_cell_id": "n"}
    outcome = await adapter(ScriptedTab(report)).run("hello", "e1", ignore, None)
    assert (outcome.next_input, outcome.kernel_ended) == (NextInput("n", False), True)
    report["payload"] = [{"source": "set_next_input", "replace": True}, {"source": "telepathy"}]
    outcome = await adapter(ScriptedTab(report)).run("hello", "e1", ignore, None)
    assert outcome.next_input == NextInput("hello", True) and "telepathy" in outcome.notes[0]


async def test_a_run_that_takes_too_long_is_called_back() -> None:
    called_back = asyncio.Event()

    async def forever(on_output: OnOutput) -> dict[str, Any]:
        try:
            await asyncio.Event().wait()
        finally:
            called_back.set()
        return {}

    tab = ScriptedTab(forever)
    tab.notebook = with_cells(EMPTY, [CELLS[0]])
    outcome = await adapter(tab).run("first", "e1", ignore, 0.01)
    assert outcome == RunOutcome(cell_id="first", status="timeout")
    assert called_back.is_set()


async def test_after_a_crash_the_tab_is_asked_and_else_the_file() -> None:
    tab = ScriptedTab()
    changed = [*CELLS[:1], *CELLS[2:]]
    tab.notebook = {**with_cells(EMPTY, changed), "metadata": {"copilot": stamp("e1")}}
    assert await adapter(tab).applied("e1")
    assert not await adapter(tab).applied("e2")
    assert await adapter(tab).ran("hello", "e1") is None

    on_disk = FakeNotebook(CELLS)
    await on_disk.apply([DeleteCell(cell_id="hello", expected=CELLS[1].version)], "e2")
    on_disk.cells[0].metadata["copilot"] = stamp("e3", "ok")
    tab.notebook = None
    closed = adapter(tab, fallback=on_disk)
    assert await closed.applied("e2")
    assert await closed.ran("first", "e3") == RunOutcome(cell_id="first", status="ok")


async def test_without_a_call_the_execution_names_the_offer() -> None:
    tab = ScriptedTab({"status": "ok"})
    await adapter(tab, call_id=None).apply([], "e1")
    assert tab.asked[0][0] == "e1"


async def test_the_kernel_needs_no_tab() -> None:
    notebook = adapter(ScriptedTab())
    await notebook.interrupt()
    with pytest.raises(KernelError):
        await notebook.restart()
    with pytest.raises(KernelError):
        await notebook.evaluate("1", 1)


async def test_where_a_cell_is_not_the_same_is_told() -> None:
    tab = ScriptedTab()
    changed = [replace(cell, source="forged") if cell.cell_id == "hello" else cell for cell in CELLS]
    notebook = adapter(tab, fallback=FakeNotebook(changed))
    versions = {cell.cell_id: cell.version for cell in await notebook.read()}
    assert await notebook.elsewhere(versions) == {"hello": ["file"]}
    tab.others = [TabView(with_cells(EMPTY, CELLS)), TabView(with_cells(EMPTY, CELLS[:2]))]
    assert await notebook.elsewhere(versions) == {"hello": ["file"], "fails": ["tab"]}
    assert await adapter(ScriptedTab()).elsewhere(versions) == {}


async def test_a_change_that_is_reported_and_nowhere_to_be_seen_is_in_doubt() -> None:
    tab = ScriptedTab({"status": "ok"}, {"status": "ok"}, {"status": "ok"})
    tab.others = [TabView(with_cells(EMPTY, CELLS))]
    with pytest.raises(InDoubt, match="neither in the saved file nor in an open tab"):
        await adapter(tab).apply([SetSource(cell_id="hello", expected=CELLS[1].version, source="x")], "e1")
    change = SetSource(cell_id="hello", expected=CELLS[1].version, source="x")
    file = FakeNotebook(CELLS)
    await file.apply([change], "e1")
    await adapter(tab, fallback=file).apply([change], "e1")
    tab.others = [TabView(with_cells(EMPTY, apply_changes(CELLS, [change], "e1")))]
    await adapter(tab).apply([change], "e1")
