"""What a call asks for, as the judge takes it: from its record, and from what was found out when it was proposed."""

from __future__ import annotations

from ... import protocol as p
from .. import state as s

_CHANGES = ("insert", "edit", "delete", "move", "retype")


def asked_of(call: s.Call | p.CallProposed, run: s.Run, path: str) -> p.Asked:
    """What a call of this run asks for, in the notebook at `path`."""
    found = call.circumstances or p.Circumstances()
    return p.Asked(
        tool=call.tool,
        effect=call.effect,
        run_id=run.run_id,
        thread_id=run.thread_id,
        agent_id=run.agent_id or p.COPILOT,
        definition=found.definition,
        server=found.server,
        path=path,
        cells=asked_cells(call.preview, found),
        code=code_of(call.effect, call.preview),
        dangers=found.dangers,
        fetches=found.fetches,
    )


def asked_cells(preview: p.Preview, found: p.Circumstances) -> list[p.AskedCell]:
    """The cells that a preview shows, each once."""
    actions: dict[str, set[str]] = {}
    for diff in preview.cells:
        actions.setdefault(diff.cell_id, set()).add(diff.action)
    return [
        p.AskedCell(
            cell_id=cell_id,
            changed=not done.isdisjoint(_CHANGES),
            added="insert" in done,
            tags=found.tags.get(cell_id, []),
            lock=found.locks.get(cell_id),
        )
        for cell_id, done in actions.items()
    ]


def code_of(effect: p.Effect, preview: p.Preview) -> list[str]:
    """The code that a call may run: that of every code cell as it will stand, and what it shows beside cells."""
    if effect != "execute":
        return []
    sources = [diff.after for diff in preview.cells if diff.cell_type == "code" and diff.after]
    return [code for code in (*sources, preview.code or "") if code.strip()]


def current_mode(state: s.RoomState, run_id: p.RunId, now: int) -> str:
    """The mode that counts for a run now: one whose time is up asks."""
    thread = state.threads[state.runs[run_id].thread_id]
    return "ask" if thread.mode_until is not None and thread.mode_until <= now else thread.mode
