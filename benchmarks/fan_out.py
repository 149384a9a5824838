"""Fan-out: what a viewer costs the server, for each record and each token."""

from __future__ import annotations

from statistics import median

from .bench import Bench
from .measure import Spread, ratio, spread
from .report import Result, Target
from .streams import ALONE, EVERY_TOKEN, OURS, SAME_FRAMES, SYSTEMS, Cell, Grid, aimed_at, cells, grid, raw

SAME_FRAMES_AIM, EVERY_TOKEN_AIM = 1.15, 0.35


def measure(bench: Bench) -> Result:
    """Compare the CPU of the copilot with that of both bare servers."""
    found = grid(bench)
    return Result(
        name="fan_out",
        title="CPU of the server while it streams; per viewer = what one more viewer adds",
        columns=[
            "viewers × tokens/s",
            "µs per record and viewer",
            "bare, same frames",
            "ratio",
            "µs per token and viewer, all in",
            "bare, every token",
            "ratio ",
            "one core busy",
            "viewers'",
        ],
        rows=[_row(found, cell) for cell in cells(found)],
        targets=_targets(found, aimed_at(found)),
        notes=[
            "Per record and viewer: CPU beyond that with one viewer / records brought to viewers beyond it, for both.",
            "All in: everything that the server does (reading the model, the log on disk, frames) / tokens / viewers.",
        ],
        raw=raw(found),
    )


def per_record(found: Grid, system: str, cell: Cell) -> list[float]:
    """Seconds of CPU that it costs to bring one more record to one viewer.

    The cost of a stream is what it costs without viewers, which is the same for all, and so much for each record and
    viewer; the stream with one viewer is subtracted, so that only the latter is left.
    """
    alone = found[system][ALONE, cell[1]]
    cpu_s, brought = median(s.cpu_s for s in alone), median(s.records for s in alone) * ALONE
    # A negative difference is noise around nothing.
    return [max(1e-9, (s.cpu_s - cpu_s) / (s.records * cell[0] - brought)) for s in found[system][cell]]


def per_token(found: Grid, system: str, cell: Cell) -> list[float]:
    """Seconds of CPU for each token and viewer, everything included."""
    return [sample.cpu_s / sample.tokens / cell[0] for sample in found[system][cell]]


def same_frames(found: Grid, cell: Cell) -> Spread:
    """Our cost per record and viewer against the bare server that writes the same frames."""
    return ratio(per_record(found, OURS, cell), per_record(found, SAME_FRAMES, cell))


def every_token(found: Grid, cell: Cell) -> Spread:
    """All our CPU against that of the bare server that forwards every token."""
    return ratio(per_token(found, OURS, cell), per_token(found, EVERY_TOKEN, cell))


def _row(found: Grid, cell: Cell) -> list[str]:
    ours = found[OURS][cell]
    busy = spread([sample.cpu_s for sample in ours]).median / _seconds(cell, ours[0].tokens)
    more = ["–"] * 3
    if cell[0] > ALONE:
        more = [f"{spread(per_record(found, system, cell)).median * 1e6:.1f}" for system in (OURS, SAME_FRAMES)]
        more.append(same_frames(found, cell).text())
    return [
        f"{cell[0]} × {cell[1]}",
        *more,
        *(f"{spread(per_token(found, system, cell)).median * 1e6:.1f}" for system in (OURS, EVERY_TOKEN)),
        every_token(found, cell).text(),
        f"{busy:.0%}",
        f"{max(s.viewers_share for system in SYSTEMS for s in found[system][cell]):.0%}",
    ]


def _seconds(cell: Cell, tokens: int) -> float:
    return tokens / cell[1]


def _targets(found: Grid, cell: Cell) -> list[Target]:
    same, every = same_frames(found, cell), every_token(found, cell)
    where = f"at {cell[0]} viewers and {cell[1]} tokens/s"
    return [
        Target(
            what=f"CPU per record and viewer / bare server writing the same frames, {where}",
            aim=f"≤ {SAME_FRAMES_AIM}",
            value=same.text(),
            met=same.median <= SAME_FRAMES_AIM,
        ),
        Target(
            what=f"all CPU / bare server forwarding every token, {where}",
            aim=f"≤ {EVERY_TOKEN_AIM}",
            value=every.text(),
            met=every.median <= EVERY_TOKEN_AIM,
        ),
    ]
