"""Run one cell, or all of them."""

from __future__ import annotations

import re

from ..conversation import DemoConversation
from ..look import look_around
from ..outcome import Call
from ..script import Script, ScriptStep, Skill
from ..verdict import mishap

_WANTED = re.compile(r"^\W*(please |can you |could you )*(re-?)?(run|execute)\b")
_ALL = re.compile(r"\b(all|everything|notebook|whole)\b")


def wanted(text: str) -> bool:
    """Whether somebody asks to run something."""
    return _WANTED.search(text) is not None


def script(conversation: DemoConversation) -> Script:
    """Find the cells, run them with one confirmation, and say how it went."""
    scene = yield from look_around("Which cells are to run?")
    code = [cell for cell in scene.cells if cell.cell_type == "code" and cell.source.strip()]
    one = None if _ALL.search(conversation.request.text.lower()) else scene.cell(conversation.request)
    if one is not None and one not in code:
        return f"Cell {one.number} is text, so there is nothing to run."
    chosen = [one] if one else code
    if not chosen:
        return "There is no code in this notebook yet."
    call = (
        Call("run_cell", {"cell_id": one.cell_id})
        if one
        else Call("run_cells", {"cell_ids": [cell.cell_id for cell in chosen]})
    )
    name = one.name.capitalize() if one else f"These {len(chosen)} cells"
    [outcome] = yield ScriptStep(thought="I only run it; nothing is changed.", calls=[call])
    return mishap(outcome) or f"{name} ran without an error."


RUN = Skill(name="run a cell or all of them", example="Run cell 3", wanted=wanted, script=script)
