"""Cells of jobs, and what became of them."""

from __future__ import annotations

from jupyter_copilot.ports.notebook import Cell


def code(cell_id: str, source: str) -> Cell:
    return Cell(cell_id=cell_id, cell_type="code", source=source)


def markdown(cell_id: str, source: str) -> Cell:
    return Cell(cell_id=cell_id, cell_type="markdown", source=source)


def succeeded(cell: Cell) -> bool:
    """Whether it was run, and raised nothing."""
    return cell.execution_count is not None and all(each["output_type"] != "error" for each in cell.outputs)
