"""A confirmation in a terminal: everything that a person must see before deciding."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import datetime

from ..core import state as s
from ..core.visible_text import WARNINGS, Hazard, hazards
from .terminal import Terminal, inline

GUTTER, BEFORE, AFTER = "  │ ", "  - ", "  + "
"""Before every line that somebody else wrote: as it is, or as it was and would be."""
FOLD = "↪ "
"""Before the rest of a line that is wider than the terminal, so that it does not pass for a line of its own."""


def print_card(terminal: Terminal, opened: s.Open, state: s.RoomState) -> None:
    """Write what would happen, whole and with a warning where it is not what it seems; then id, hash and options."""
    found: set[Hazard] = set()
    terminal.line(f"● {inline(opened.title)}")
    terminal.line(f"  requested by {inline(opened.opened_by.name)}")
    for gutter, text in _texts(opened, state):
        found |= set(hazards(text))
        terminal.line(gutter + text, gutter, gutter + FOLD)
    for hazard, warning in WARNINGS.items():
        if hazard in found:
            terminal.line(f"  ! {warning}")
    if opened.tried_by is not None:
        terminal.line(f"  ! Code in {inline(opened.tried_by.name)} tried to decide this by itself.")
    if opened.expires_at is not None:
        terminal.line(f"  expires  {datetime.fromtimestamp(opened.expires_at / 1000):%Y-%m-%d %H:%M:%S}")
    options = ", ".join(f"{inline(option.id)} ({inline(option.label)})" for option in opened.options)
    terminal.line(f"  options  {options}")
    terminal.line(f"  id       {inline(opened.confirmation_id)}")
    terminal.line(f"  hash     {inline(opened.args_hash)}")


def _texts(opened: s.Open, state: s.RoomState) -> Iterator[tuple[str, str]]:
    """What others wrote and would happen, each text with the gutter that stands before all its lines."""
    if opened.body:
        yield GUTTER, opened.body
    call = state.calls.get(opened.call_id) if opened.call_id is not None else None
    if call is not None:
        yield from _call(call)
    elif opened.schema is not None:
        yield GUTTER, "answer with --value, a JSON value that fits:\n" + _json(opened.schema)


def _call(call: s.Call) -> Iterator[tuple[str, str]]:
    preview = call.preview
    for cell in preview.cells:
        yield GUTTER, f"{cell.action} {inline(cell.label or cell.cell_id)} ({cell.cell_type})"
        if cell.before and cell.before != cell.after:
            yield BEFORE, cell.before
        if cell.after:
            yield AFTER, cell.after
    if preview.code is not None:
        yield GUTTER, preview.code
    if not preview.cells and preview.code is None:
        yield GUTTER, f"{call.tool} {_json(call.args)}"


def _json(value: object) -> str:
    return json.dumps(value, indent=2, ensure_ascii=False)
