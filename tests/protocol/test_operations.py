"""What a front end is asked to do, and what it reports, as JSON of records."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from jupyter_copilot import protocol as p

RUN = p.RunCell(cell_id="a", exec_id="e")
APPLY = p.ApplyChanges(changes=[p.DeleteCell(cell_id="a", expected="v")], exec_id="e")


@pytest.mark.parametrize(
    ("operation", "json"),
    [
        (
            APPLY,
            {"type": "apply", "changes": [{"type": "delete_cell", "cell_id": "a", "expected": "v"}], "exec_id": "e"},
        ),
        (RUN, {"type": "run", "cell_id": "a", "exec_id": "e", "expected": None}),
        (p.InterruptKernel(), {"type": "interrupt"}),
        (p.RestartKernel(), {"type": "restart"}),
        (p.FrontEndCommand(name="x", args={"y": 1}), {"type": "command", "name": "x", "args": {"y": 1}}),
    ],
)
def test_an_operation_is_written_as_it_always_was(operation: p.Operation, json: p.JsonObject) -> None:
    assert p.operation_json(operation) == json


@pytest.mark.parametrize(
    ("operation", "result", "report"),
    [
        (APPLY, {"status": "ok"}, p.OperationDone(status="ok")),
        (APPLY, {"status": "stale", "cells": {"a": None}}, p.CellsStale(status="stale", cells={"a": None})),
        (APPLY, {"status": "error"}, p.OperationFailed(status="error")),
        (RUN, {"status": "error", "outputs": [{}]}, p.CellRan(status="error", outputs=[{}])),
        (RUN, {"status": "error", "code": "kernel"}, p.OperationFailed(status="error", code="kernel")),
        (RUN, {"status": "ok", "later": 1}, p.CellRan(status="ok")),
    ],
)
def test_a_report_is_read_by_what_was_asked(
    operation: p.Operation, result: dict[str, Any], report: p.OperationReport
) -> None:
    assert p.read_report(operation, result) == report


@pytest.mark.parametrize(
    "result", [{}, {"status": "perhaps"}, {"status": "ok", "code": "kernel"}, {"status": "ok", "outputs": "all"}]
)
def test_a_report_that_says_nothing_is_none(result: dict[str, Any]) -> None:
    with pytest.raises(msgspec.ValidationError):
        p.read_report(RUN, result)
