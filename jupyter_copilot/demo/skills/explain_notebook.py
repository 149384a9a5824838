"""Explain the notebook: what it is called, what each cell does, and what is wrong."""

from __future__ import annotations

import re

from ..cells import CellView, read_cells
from ..conversation import DemoConversation
from ..outcome import Call
from ..prose import describe, sentence
from ..script import Script, ScriptStep, Skill

_TITLE = re.compile(r"^#\s+(.+)$", re.MULTILINE)
_WANTED = re.compile(
    r"\b(explain|what does|what is|describe|overview|walk me through|tell me about|sum up|summari[sz]e)\b"
)


def wanted(text: str) -> bool:
    """Whether somebody asks what the notebook is about."""
    return _WANTED.search(text) is not None and re.search(r"\b(notebook|this|it|here)\b", text) is not None


def script(conversation: DemoConversation) -> Script:
    """Read it, and go through it cell by cell."""
    [notebook] = yield ScriptStep(
        thought="I should read the whole notebook before I say anything about it.", calls=[Call("read_notebook")]
    )
    cells = read_cells(notebook.result)
    code = [cell for cell in cells if cell.cell_type == "code" and cell.source.strip()]
    if not code:
        return "There is no code in this notebook yet. Ask me again once there is."
    lines = [_line(cell) for cell in code]
    return "\n\n".join(filter(None, [_lead(cells, code), "\n".join(lines), _advice(code)]))


def _lead(cells: list[CellView], code: list[CellView]) -> str:
    title = next((found[1] for cell in cells if (found := _TITLE.search(cell.source)) and cell not in code), None)
    what = f"**{title}**" if title else "This notebook"
    intro = next((_first_sentence(cell.source) for cell in cells if cell.cell_type == "markdown"), "")
    count = f"{len(cells)} cells, {len(code)} of them code"
    return f"{what}: {count}.{' ' + intro if intro else ''} It goes like this:"


def _first_sentence(markdown: str) -> str:
    text = " ".join(line for line in markdown.splitlines() if line.strip() and not line.startswith("#"))
    found = re.match(r"(.+?[.!?])(\s|$)", text)
    return re.sub(r"\s*\(\[[^\]]*\]\([^)]*\)\)", "", found[1]) if found else ""


def _line(cell: CellView) -> str:
    wrong = f" It fails with `{cell.trouble.name}`." if cell.trouble else ""
    what = sentence(describe(cell.source))
    return f"- **Cell {cell.number}** {what}.{wrong}"


def _advice(code: list[CellView]) -> str:
    broken = next((cell for cell in code if cell.trouble), None)
    return f"Shall I look at the error? Say “fix {broken.name}”." if broken else ""


EXPLAIN_NOTEBOOK = Skill(
    name="explain the notebook", example="Explain what this notebook does", wanted=wanted, script=script
)
