"""Notebooks as data scientists have them, for counting what a model is told of them."""

from __future__ import annotations

import hashlib
from typing import Any

from jupyter_copilot.ports.notebook import Cell


def cell_id(number: int) -> str:
    """Eight hexadecimal digits, as nbformat makes them."""
    return hashlib.sha256(str(number).encode()).hexdigest()[:8]


def table(number: int) -> dict[str, Any]:
    """A result as pandas prints it."""
    rows = [f"{n}  {n * number * 37 % 991:6.2f}  {n * 13 % 7}  2024-0{n}-1{n % 9}" for n in range(1, 6)]
    text = "\n".join(["    amount  kind        date", *rows])
    return {"output_type": "execute_result", "metadata": {}, "execution_count": number, "data": {"text/plain": text}}


def printed(text: str) -> dict[str, Any]:
    """What a cell printed."""
    return {"output_type": "stream", "name": "stdout", "text": text}


def sixty_cells() -> list[Cell]:
    """Markdown headings, code with tables and prints, and cells without output, sixty in all."""
    cells: list[Cell] = []
    for n in range(1, 61):
        if n % 10 == 1:
            source = f"## Step {n // 10 + 1}\n\nWe look at the sales of quarter {n // 10 + 1} and compare them by kind."
            cells.append(Cell(cell_id=cell_id(n), cell_type="markdown", source=source))
            continue
        source = (
            f"quarter_{n} = sales[sales.quarter == {n % 4 + 1}]\n"
            f"rate_{n} = quarter_{n}.amount.sum() / total\n"
            f"quarter_{n}.groupby('kind').amount.agg(['mean', 'std']).head()"
        )
        outputs = [table(n)] if n % 3 else [printed(f"rows: {n * 811}, missing: {n % 5}\n")] if n % 2 else []
        cells.append(
            Cell(cell_id=cell_id(n), cell_type="code", source=source, outputs=outputs, execution_count=n)
        )  # fmt: skip
    return cells
