"""Fix an error: read it, see what exists, propose another source, and look at the result."""

from __future__ import annotations

import re

from ..cells import CellView, read_trouble
from ..code import needed
from ..conversation import DemoConversation
from ..examine import examine, failed_cell
from ..fixes import Case, Fix, fix_for
from ..fixes.case import quoted_name
from ..look import Look, look_around, run_first
from ..outcome import Call, Outcome
from ..script import Script, ScriptStep, Skill
from ..verdict import mishap, stale, thanks

_WANTED = re.compile(
    r"\b(fix|repair|debug|solve|correct|mend|error|exception|traceback|fails?|failed|failing|broken|wrong)\b"
)
MAX_TRIES = 3


def wanted(text: str) -> bool:
    """Whether somebody speaks of an error."""
    return _WANTED.search(text) is not None


def script(conversation: DemoConversation) -> Script:
    """Read, inspect, propose, run; again while the next error is a known one too."""
    scene = yield from look_around("First I look for the error.")
    cell = failed_cell(conversation.request, scene)
    if cell is None:
        return "I see no error in this notebook: every cell that ran ended well."
    ready = yield from run_first(scene, needed(cell.source))
    if ready is None:
        return "Then I cannot check a fix: the cell needs what those cells define. Ask me again when they have run."
    said = ""
    for _ in range(MAX_TRIES):
        case = yield from examine(cell, ready)
        fix = fix_for(case)
        if fix is None:
            return said + (yield from _without_fix(cell, case))
        outcome = yield from _propose(cell, case, fix, said)
        trouble = None if outcome.refused or outcome.failed else read_trouble(outcome.result)
        if stale(outcome):
            said = f"{_name(cell)} changed in the meantime, so I read it again. "
        elif trouble is None or trouble.value == case.trouble.value:
            return mishap(outcome) or f"{thanks(outcome)}{_name(cell)} works now."
        else:
            said = f"That was not all: now it ends with `{trouble.name}`. "
    return f"{said}I stop after {MAX_TRIES} tries. This needs somebody who can think."


def _propose(cell: CellView, case: Case, fix: Fix, said: str) -> Look[Outcome]:
    args = {"cell_id": cell.cell_id, "source": fix.source}
    [outcome] = yield ScriptStep(
        thought=f"`{case.trouble.name}`: {fix.why} With that changed the cell should run.",
        text=f"{said}{fix.why} I would change {cell.name} and run it again:",
        calls=[Call("edit_and_run", args)],
    )
    return outcome


def _without_fix(cell: CellView, case: Case) -> Script:
    """What is left when no rule fits: run it again if what was missing is there now, else say what one sees."""
    name, value = case.trouble.name, case.trouble.value
    missing = quoted_name(value)
    if name == "NameError" and missing in case.names:
        [outcome] = yield ScriptStep(
            text=f"`{missing}` is known now, so {cell.name} only needs to run again:",
            calls=[Call("run_cell", {"cell_id": cell.cell_id})],
        )
        return mishap(outcome) or f"{_name(cell)} works now."
    if name == "ModuleNotFoundError":
        return (
            f"`{missing}` is not installed. A cell with `%pip install {missing}` installs it; that is yours to decide."
        )
    where = (
        f" It happens in line {case.line}: `{case.source.splitlines()[case.line - 1].strip()}`." if case.line else ""
    )
    return (
        f"{_name(cell)} ends with `{name}: {value}`.{where} None of my rules fits this error, and a demo model "
        "does not think beyond its rules. A real model would."
    )


def _name(cell: CellView) -> str:
    return cell.name.capitalize()


FIX = Skill(name="fix common errors", example="Fix the error", wanted=wanted, script=script)
