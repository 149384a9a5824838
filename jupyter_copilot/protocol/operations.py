"""Operations: what a front end is asked to do for a call, and how it reports that it ended.

An operation stands in `call_offered`, its report in `report_call` and `call_reported`. Both are kept in records as
plain JSON, so that a record outlives the version that wrote it: `operation_json` writes one, `read_report` reads the
other.
"""

from __future__ import annotations

from typing import Any, Literal

import msgspec

from .base import Tagged, Value
from .parts import JsonObject

CellType = Literal["code", "markdown", "raw"]


class InsertCell(Tagged, frozen=True, kw_only=True):
    """A new cell after `after` (null: first); its id is chosen by the proposer.

    `rest` is what a cell that comes back has besides: `metadata`, `attachments`, `outputs`, `execution_count`.
    """

    cell_id: str
    after: str | None
    cell_type: CellType
    source: str
    rest: JsonObject | None = None


class SetSource(Tagged, frozen=True, kw_only=True):
    """Another source for a cell whose version is `expected`."""

    cell_id: str
    expected: str
    source: str


class DeleteCell(Tagged, frozen=True, kw_only=True):
    """Remove a cell whose version is `expected`."""

    cell_id: str
    expected: str


class MoveCell(Tagged, frozen=True, kw_only=True):
    """Put a cell after `after` (null: first)."""

    cell_id: str
    after: str | None


class SetType(Tagged, frozen=True, kw_only=True):
    """Make a cell of version `expected` code, Markdown or raw."""

    cell_id: str
    expected: str
    cell_type: CellType


Change = InsertCell | SetSource | DeleteCell | MoveCell | SetType


class ApplyChanges(Tagged, frozen=True, kw_only=True, tag="apply"):
    """Make all changes or none, stamp the cells with `exec_id`, and save. Reports `OperationDone`."""

    changes: list[Change]
    exec_id: str


class RunCell(Tagged, frozen=True, kw_only=True, tag="run"):
    """Run a cell, if it is of the `expected` version where one is given, and save. Reports `CellRan`."""

    cell_id: str
    exec_id: str
    expected: str | None = None


class InterruptKernel(Tagged, frozen=True, kw_only=True, tag="interrupt"):
    """Interrupt the kernel, if there is one. Reports `OperationDone`."""


class RestartKernel(Tagged, frozen=True, kw_only=True, tag="restart"):
    """Restart the kernel. Reports `OperationDone`."""


class FrontEndCommand(Tagged, frozen=True, kw_only=True, tag="command"):
    """Do what the page registered under `name`. Reports `OperationDone`, with what that returned as `value`."""

    name: str
    args: JsonObject


Operation = ApplyChanges | RunCell | InterruptKernel | RestartKernel | FrontEndCommand


class OperationDone(Value, frozen=True, kw_only=True):
    """It is done; `value` is what a command returned."""

    status: Literal["ok"]
    value: Any = None


class CellRan(Value, frozen=True, kw_only=True):
    """The cell ran to an end; `outputs` are nbformat 4 output objects, `payload` is what the kernel replied with them.

    `next_cell_id` is the cell into which the page put code that the cell asked for.
    """

    status: Literal["ok", "error", "interrupted"]
    outputs: list[JsonObject] = []
    execution_count: int | None = None
    payload: list[JsonObject] = []
    next_cell_id: str | None = None


class CellsStale(Value, frozen=True, kw_only=True):
    """Nothing was done: these cells are of other versions than expected, or gone (null)."""

    status: Literal["stale"]
    cells: dict[str, str | None] = {}


class OperationFailed(Value, frozen=True, kw_only=True):
    """Nothing was done, for a reason that `code` names; `cell_id` is the cell that was looked for."""

    status: Literal["error"]
    code: str = "notebook"
    message: str = ""
    hint: str = ""
    cell_id: str | None = None


OperationReport = OperationDone | CellRan | CellsStale | OperationFailed


def operation_json(operation: Operation) -> JsonObject:
    """The operation as it stands in a record."""
    json: JsonObject = msgspec.to_builtins(operation)
    return json


def read_report(operation: Operation, result: JsonObject) -> OperationReport:
    """What a front end reported of this operation. Raises `msgspec.ValidationError` when that says nothing."""
    return msgspec.convert(result, _report_type(operation, result))


def _report_type(operation: Operation, result: JsonObject) -> type[OperationReport]:
    status = result.get("status")
    if status == "stale":
        return CellsStale
    if isinstance(operation, RunCell):
        # A run that raised reports `error` with its outputs; an operation that failed, with a code.
        return OperationFailed if "code" in result else CellRan
    return OperationFailed if status == "error" else OperationDone
