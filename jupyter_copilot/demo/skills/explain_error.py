"""Explain an error without changing anything: what it means, where it happens, and what would help."""

from __future__ import annotations

import re

from ..conversation import DemoConversation
from ..examine import examine, failed_cell
from ..fixes import Case, fix_for
from ..look import look_around
from ..script import Script, Skill

_WANTED = re.compile(r"\b(explain|what does|what is|why|mean)\b")
_ERROR = re.compile(r"\b(error|exception|traceback|fails?|failed)\b")
_MEANINGS = {
    "NameError": "a name has no value in the kernel: it is misspelt, not imported, or its cell has not run",
    "KeyError": "something is looked up by a name that is not there, such as a column that is called otherwise",
    "AttributeError": "an object is asked for something that it does not have",
    "TypeError": "an operation gets a value of a kind that it cannot work with",
    "ValueError": "an operation gets a value of the right kind that it cannot work with",
    "IndexError": "a position is asked for that is beyond the end",
    "ZeroDivisionError": "something is divided by zero",
    "FileNotFoundError": "there is no file at this path, seen from the notebook's folder",
    "ModuleNotFoundError": "a package is imported that is not installed in the kernel's environment",
    "SyntaxError": "Python cannot read the cell at all, so nothing of it ran",
    "IndentationError": "lines that belong together are not indented alike, so nothing of the cell ran",
}


def wanted(text: str) -> bool:
    """Whether somebody wants to understand an error, rather than have it fixed."""
    return _WANTED.search(text) is not None and _ERROR.search(text) is not None and "fix" not in text


def script(conversation: DemoConversation) -> Script:
    """Read the cell and what it works with, and say what one sees."""
    scene = yield from look_around("First I look for the error.")
    cell = failed_cell(conversation.request, scene)
    if cell is None:
        return "I see no error in this notebook: every cell that ran ended well."
    case = yield from examine(cell, scene)
    return f"{_explained(cell.name.capitalize(), case)} Say “fix {cell.name}”, and I try."


def _explained(name: str, case: Case) -> str:
    meaning = _MEANINGS.get(case.trouble.name)
    fix = fix_for(case)
    parts = [
        f"{name} ends with `{case.trouble.name}: {case.trouble.value}`.",
        f"That means: {meaning}." if meaning else "",
        f"It happens in line {case.line}: `{case.failing}`." if case.line else "",
        fix.why if fix else "",
    ]
    return " ".join(filter(None, parts))


EXPLAIN_ERROR = Skill(name="explain an error", example="Explain the error in cell 6", wanted=wanted, script=script)
