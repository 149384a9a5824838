"""Explain one cell: its statements in words, the data frames that it uses, and its error."""

from __future__ import annotations

import re

from ..cells import CellView, read_cells
from ..code import needed
from ..conversation import DemoConversation
from ..look import look_around
from ..outcome import Call
from ..prose import describe
from ..script import Script, ScriptStep, Skill
from ..variables import Frame, read_frame

_WANTED = re.compile(r"\b(explain|what does|what is|describe|how does)\b")
_CELL = re.compile(r"\bcells?\b")


def wanted(text: str) -> bool:
    """Whether somebody asks about one cell."""
    return _WANTED.search(text) is not None and _CELL.search(text) is not None


def script(conversation: DemoConversation) -> Script:
    """Find the cell, then read it and what it uses in one step."""
    scene = yield from look_around("Which cell is meant, and what does the kernel know?")
    cell = scene.cell(conversation.request)
    if cell is None:
        return f"Which cell do you mean? There are cells 1 to {len(scene.cells)}; say for example “explain cell 2”."
    frames = [v.name for v in scene.variables if v.is_frame and v.name in needed(cell.source)]
    read, *shown = yield ScriptStep(
        thought=f"I read {cell.name} as it stands now" + (" and look at the data it uses." if frames else "."),
        calls=[
            Call("read_cell", {"cell_id": cell.cell_id}),
            *(Call("inspect_variable", {"name": name}) for name in frames),
        ],
    )
    now = next(iter(read_cells(read.result)), cell)
    data = [read_frame(name, outcome.result) for name, outcome in zip(frames, shown, strict=True)]
    return _explained(now, [frame for frame in data if frame is not None])


def _explained(cell: CellView, frames: list[Frame]) -> str:
    if cell.cell_type != "code":
        return f"Cell {cell.number} is text: {' '.join(cell.source.split())[:300]}"
    phrases = describe(cell.source)
    steps = "\n".join(f"{n}. {_sentence(phrase)}" for n, phrase in enumerate(phrases, 1)) or "It is empty."
    parts = [f"**Cell {cell.number}**, step by step:", steps]
    parts += [f"`{f.name}` is a data frame of {f.rows:,} rows and {len(f.columns)} columns." for f in frames]
    if cell.trouble:
        parts.append(
            f"Its last run ended with `{cell.trouble.name}: {cell.trouble.value}`. Say “fix {cell.name}”, and I try."
        )
    elif not cell.ran:
        parts.append("It has not run yet.")
    return "\n\n".join(parts)


def _sentence(phrase: str) -> str:
    return f"{phrase[0].upper()}{phrase[1:]}." if phrase.startswith("for each") else f"It {phrase}."


EXPLAIN_CELL = Skill(name="explain a cell", example="Explain cell 4", wanted=wanted, script=script)
