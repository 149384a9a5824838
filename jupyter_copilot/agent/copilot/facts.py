"""The facts that a request begins with: notebook, kernel, mode, who is here; and what other chats did."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence

from ... import protocol as p
from ...core import state as s
from ...core.untrusted_text import as_name
from ...ports.notebook import Cell, KernelFacts, NotebookInfo, source_digest
from ...tools.render.data import quoted
from ...tools.render.describe import STALE

RUNNING = "running"
_MODES: Mapping[str, str] = {
    "plan": "only reading is allowed; end with propose_plan",
    "ask": "every change and run is decided by people",
    "auto_edit": "edits of cells need no approval, runs do",
    "auto": "what is harmless needs no approval",
}


def state_line(
    path: str,
    info: NotebookInfo,
    kernel: KernelFacts,
    state: s.RoomState,
    run: s.Run,
    people: Iterable[str],
    cells: Sequence[Cell],
) -> str:
    """One line of facts, of which each is left out where it is not known."""
    mode = state.threads[run.thread_id].mode
    here = ", ".join(dict.fromkeys(as_name(name) for name in people))
    packages = ", ".join(f"{name} {quoted(version)}" for name, version in kernel.packages.items())
    named = " ".join(quoted(each) for each in (info.language, f"({info.kernel})" if info.kernel else "") if each)
    facts = [
        f"notebook {quoted(path)}" if path else "",
        f"{named} kernel {_doing(kernel, state, cells)}".strip() if named or kernel.running is not None else "",
        f"packages: {packages}" if packages else "",
        f"mode {mode}: {_MODES[mode]}" if mode in _MODES else f"mode {mode}",
        f"here: {here}" if here else "",
    ]
    return f"State: {'; '.join(filter(None, facts))}."


def _doing(kernel: KernelFacts, state: s.RoomState, cells: Sequence[Cell]) -> str:
    if kernel.running is False:
        return "not running, so that outputs are from before"
    numbers = {cell.cell_id: number for number, cell in enumerate(cells, 1)}
    for call, cell_id in running_cells(state):
        who = as_name(state.runs[call.run_id].asked_by.name) if call.run_id in state.runs else "somebody"
        where = f"cell {numbers[cell_id]}" if cell_id in numbers else "a cell"
        return f"busy with {where}, for {who}"
    if kernel.busy:
        return "busy"
    if kernel.runs is None:
        return "idle" if kernel.running else ""
    count = len(kernel.runs)
    return f"idle, {count or 'no'} {'run' if count == 1 else 'runs'} since it started"


def running_cells(state: s.RoomState) -> Iterator[tuple[s.CallRunning, str]]:
    """The calls that run something now, each with the cell that it is at."""
    for call in state.calls.values():
        if isinstance(call, s.CallRunning) and call.effect == "execute":
            at = [output.cell_id for output in call.outputs if output.cell_id]
            shown = [diff.cell_id for diff in call.preview.cells]
            if at or shown:
                yield call, (at or shown)[-1] if at else shown[0]


def cell_notes(
    cells: Sequence[Cell], kernel: KernelFacts, state: s.RoomState, told: Mapping[str, p.ToldCell]
) -> dict[str, str]:
    """What is known of single cells beside what they say: that they run now, or that their outputs are stale."""
    running = {cell_id for _, cell_id in running_cells(state)}
    notes: dict[str, str] = {}
    for cell in cells:
        if cell.cell_id in running:
            notes[cell.cell_id] = RUNNING
        elif _is_stale(cell, kernel, told.get(cell.cell_id)):
            notes[cell.cell_id] = STALE
    return notes


def _is_stale(cell: Cell, kernel: KernelFacts, known: p.ToldCell | None) -> bool:
    """Whether the outputs are not those of this text in this kernel, as the kernel says, else what was told before."""
    if cell.cell_type != "code" or cell.execution_count is None:
        return False
    if kernel.runs is not None:
        return kernel.runs.get(cell.execution_count) != source_digest(cell.source)
    if known is None or known.run != cell.execution_count or kernel.running is False:
        return False
    return known.note == STALE or known.version != cell.version


def meanwhile(state: s.RoomState, run: s.Run) -> str:
    """What others had done in other chats since this thread's model was last asked, a line each."""
    earlier = [r for r in state.runs.values() if r.thread_id == run.thread_id and isinstance(r, s.Finished)]
    since = max((r.finished_at for r in earlier), default=None)
    if since is None:
        return ""
    lines = []
    for call in state.calls.values():
        if not isinstance(call, s.CallDone) or call.effect == "read":
            continue
        if call.thread_id != run.thread_id and call.finished_at > since and not call.is_error:
            title, who = state.threads[call.thread_id].title, state.runs.get(call.run_id)
            asker = f" for {as_name(who.asked_by.name)}" if who is not None else ""
            lines.append(f"Done{asker} in the chat {quoted(title)}: {call.preview.title}.")
    return "\n".join(lines)
