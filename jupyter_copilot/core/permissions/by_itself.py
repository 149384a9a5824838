"""What is decided by itself: approving several calls at once is for those that hold no surprise.

The browser judges the same (`core/permissions/by-itself.ts`); both run the vectors in `tests/vectors/policy.json`.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Literal

from ... import protocol as p
from .. import state as s
from ..visible_text import hazards

Why = Literal["fetches", "danger", "hidden", "unknown"]
"""Why a call is approved by itself: what drawing it fetches, what its code may do, characters that hide, or that nobody
found out."""

_REFUSALS = (p.DENY, "leave")


def by_itself(state: s.RoomState, decision: p.Decide) -> Why | None:
    """Why this decision is not made together with others; None when it may be, as every refusal may."""
    opened = state.confirmations.get(decision.confirmation_id)
    if not isinstance(opened, s.Open):
        return None
    call = state.calls.get(opened.call_id or "")
    if call is None:
        return "hidden" if any(hazards(text) for text in (opened.title, opened.body)) else None
    return None if decision.option in _REFUSALS else surprise_in(call)


def surprise_in(call: s.Call) -> Why | None:
    """What in a call has to be looked at by itself before it is approved."""
    found = call.circumstances
    if call.effect != "read":
        if found is None:
            return "unknown"
        if found.fetches:
            return "fetches"
        if found.dangers:
            return "danger"
    return "hidden" if any(hazards(text) for text in _shown(call)) else None


def _shown(call: s.Call) -> Iterator[str]:
    """All that a call writes, runs or is given, as its card shows it."""
    preview = call.preview
    if preview.cells:
        for cell in preview.cells:
            yield cell.after if cell.after is not None else cell.before or ""
    else:
        yield json.dumps(call.args, ensure_ascii=False) if preview.code is None else preview.code
