"""What the model was told of cells, with requests and in results of calls: derived from the state, never stored."""

from __future__ import annotations

from msgspec.structs import replace

from ... import protocol as p
from .. import state as s

GONE = "-"
"""Stands as the version of a cell that is no longer there, once the model was told so."""


def told_cells(
    state: s.RoomState, thread_id: p.ThreadId, *, before: p.MessageId | None = None, but: p.RunId | None = None
) -> dict[str, p.ToldCell]:
    """The cells as a thread's model was last told them, without the calls of the answer `before` and the run `but`.

    What a summary stands for was told, and is told no more: it does not count.
    """
    told: dict[str, p.ToldCell] = {}
    calls = [call for call in state.calls.values() if call.thread_id == thread_id]
    for run in told_runs(state, thread_id):
        if run.run_id == but:
            continue
        if run.notebook is not None:
            told |= run.notebook.cells
        done = [c for c in calls if c.run_id == run.run_id and c.message_id != before and isinstance(c, s.CallDone)]
        for call in done:
            _add(told, call.result.told)
    return {cell_id: cell for cell_id, cell in told.items() if cell.version != GONE}


def told_runs(state: s.RoomState, thread_id: p.ThreadId) -> list[s.Run]:
    """The runs whose requests a thread's model is still told, in order."""
    covered = _covered(state, thread_id)
    gone = s.taken_back(state.threads[thread_id]) if thread_id in state.threads else ()
    return [
        run
        for run in state.runs.values()
        if run.thread_id == thread_id and run.run_id not in covered and run.message_id not in gone
    ]


def _add(told: dict[str, p.ToldCell], more: dict[str, p.ToldCell]) -> None:
    for cell_id, cell in more.items():
        known = told.get(cell_id)
        told[cell_id] = cell if cell.version or known is None else replace(cell, version=known.version)


def _covered(state: s.RoomState, thread_id: p.ThreadId) -> set[str]:
    """The runs that a summary stands for."""
    thread = state.threads.get(thread_id)
    if thread is None or thread.summary is None:
        return set()
    ids = [item.id for item in thread.items]
    if thread.summary.through not in ids:
        return set()
    told = set(ids[: ids.index(thread.summary.through) + 1])
    owners = {m.run_id for m in state.messages.values() if not isinstance(m, s.Posted) and m.message_id in told}
    return owners | {call.run_id for call in state.calls.values() if call.call_id in told}
