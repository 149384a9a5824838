"""Token latency: from the model server's write to a viewer's receipt."""

from __future__ import annotations

from .bench import Bench
from .measure import spread
from .report import Result, Target
from .streams import EVERY_TOKEN, OURS, Cell, Grid, aimed_at, cells, grid, raw

TICK_MS, P99_AIM_MS = 30.0, 50.0


def measure(bench: Bench) -> Result:
    """Compare the copilot with the bare server that forwards every token at once."""
    found = grid(bench)
    return Result(
        name="latency",
        title="model server's write → viewer's receipt, ms; every token of every viewer",
        columns=["viewers × tokens/s", "p50", "p99", "bare, every token: p50", "p99 ", "viewers'"],
        rows=[_row(found, cell) for cell in cells(found)],
        targets=_targets(found, aimed_at(found)),
        notes=[f"Ours waits up to a tick of {TICK_MS:.0f} ms on purpose, and for the disk: what is seen is durable."],
        raw=raw(found),
    )


def latency_ms(found: Grid, system: str, cell: Cell, at: str) -> float:
    """The median over the streams of their p50 or p99."""
    return spread([getattr(sample, at) * 1000 for sample in found[system][cell]]).median


def _row(found: Grid, cell: Cell) -> list[str]:
    figures = [f"{latency_ms(found, system, cell, at):.1f}" for system in (OURS, EVERY_TOKEN) for at in ("p50", "p99")]
    share = max(s.viewers_share for system in (OURS, EVERY_TOKEN) for s in found[system][cell])
    return [f"{cell[0]} × {cell[1]}", *figures, f"{share:.0%}"]


def _targets(found: Grid, cell: Cell) -> list[Target]:
    p50, p99 = (latency_ms(found, OURS, cell, at) for at in ("p50", "p99"))
    where = f"at {cell[0]} viewers and {cell[1]} tokens/s"
    return [
        Target(what=f"p50 {where}", aim=f"< one tick, {TICK_MS:.0f} ms", value=f"{p50:.1f} ms", met=p50 < TICK_MS),
        Target(what=f"p99 {where}", aim=f"< {P99_AIM_MS:.0f} ms", value=f"{p99:.1f} ms", met=p99 < P99_AIM_MS),
    ]
