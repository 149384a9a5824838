"""Fan-out: what a viewer costs the server, for each record and each token."""

from __future__ import annotations

from .bench import Bench
from .measure import Spread, ratio, spread
from .processes import Helper
from .report import Result, Target
from .streams import EVERY_TOKEN, OURS, SYSTEMS, Cell, Grid, aimed_at, cells, grid, raw

SAME_FRAMES_AIM, EVERY_TOKEN_AIM = 1.15, 0.35
VIEWERS = 50
Pairs = list[tuple[float, float]]


def measure(bench: Bench) -> Result:
    """Compare the CPU of the copilot with that of a bare loop of the same frames, and of a bare server."""
    pairs = _same_frames(bench)
    found = grid(bench)
    return Result(
        name="fan_out",
        title="CPU of the server while it streams",
        columns=[
            "viewers × tokens/s",
            "µs per token and viewer, all in",
            "bare, every token",
            "ratio",
            "one core busy",
            "viewers'",
        ],
        rows=[_row(found, cell) for cell in cells(found)],
        targets=_targets(pairs, found, aimed_at(found)),
        notes=[
            "All in: everything that the server does (reading the model, the log on disk, frames) / tokens / viewers.",
            f"Per record and viewer: {spread([a for a, _ in pairs]).text(1)} µs through rooms and sessions, "
            f"{spread([b for _, b in pairs]).text(1)} µs in the loop.",
        ],
        raw={"same frames": pairs, **raw(found)},
    )


def _same_frames(bench: Bench) -> Pairs:
    """µs of CPU per record and viewer, ours and bare, taken alternately in one process."""
    rounds, frames = (2, 20) if bench.quick else (9, 200)
    with Helper("fanning") as server, Helper("viewers") as fleet:
        fleet.ask(do="open", port=server.hello, path="/", token="", count=VIEWERS)
        server.ask(ours=True, frames=frames)
        pairs = []
        for _ in range(rounds):
            ours, bare = (server.ask(ours=way, frames=frames) / frames / VIEWERS * 1e6 for way in (True, False))
            pairs.append((ours, bare))
    return pairs


def per_token(found: Grid, system: str, cell: Cell) -> list[float]:
    """Seconds of CPU for each token and viewer, everything included."""
    return [sample.cpu_s / sample.tokens / cell[0] for sample in found[system][cell]]


def every_token(found: Grid, cell: Cell) -> Spread:
    """All our CPU against that of the bare server that forwards every token."""
    return ratio(per_token(found, OURS, cell), per_token(found, EVERY_TOKEN, cell))


def _row(found: Grid, cell: Cell) -> list[str]:
    ours = found[OURS][cell]
    busy = spread([sample.cpu_s for sample in ours]).median / (ours[0].tokens / cell[1])
    return [
        f"{cell[0]} × {cell[1]}",
        *(f"{spread(per_token(found, system, cell)).median * 1e6:.1f}" for system in (OURS, EVERY_TOKEN)),
        every_token(found, cell).text(),
        f"{busy:.0%}",
        f"{max(s.viewers_share for system in SYSTEMS for s in found[system][cell]):.0%}",
    ]


def _targets(pairs: Pairs, found: Grid, cell: Cell) -> list[Target]:
    same = ratio([a for a, _ in pairs], [b for _, b in pairs])
    every = every_token(found, cell)
    return [
        Target(
            what=f"CPU per record and viewer / bare loop of the same frames, {VIEWERS} viewers",
            aim=f"≤ {SAME_FRAMES_AIM}",
            value=same.text(),
            met=same.median <= SAME_FRAMES_AIM,
        ),
        Target(
            what=f"all CPU / bare server forwarding every token, at {cell[0]} viewers and {cell[1]} tokens/s",
            aim=f"≤ {EVERY_TOKEN_AIM}",
            value=every.text(),
            met=every.median <= EVERY_TOKEN_AIM,
        ),
    ]
