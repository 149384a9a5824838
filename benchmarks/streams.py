"""The same model stream through the copilot and through a bare server, alternately, for `fan_out` and `latency`.

The copilot batches tokens on a tick, writes them to its log on disk and sends records; the bare Tornado server reads
the stream with the same `openai` client and forwards every token at once.
"""

from __future__ import annotations

import time
from typing import Any

import msgspec
from msgspec import Struct

from .bench import Bench
from .jupyter import TOKEN, Jupyter
from .processes import Helper

OURS, EVERY_TOKEN = "copilot", "every_token"
SYSTEMS = (OURS, EVERY_TOKEN)
VIEWERS = (1, 10, 50, 200)
RATES = (30, 150)
AIMED_AT = (50, 150)
ROUNDS, ROUNDS_AIMED = 2, 5
"""How often each system streams in a cell, and in the one that the targets speak of."""
SECONDS, SECONDS_AIMED, SECONDS_QUICK = 1.6, 4.0, 0.5
"""How long a stream is; where targets are set, as long as an answer of 600 tokens."""
TOKEN_CHARS = 5
SETTLED_S = 0.25
"""How long after the last token came to all viewers a server is still watched."""
PATIENCE_S = 60.0


class Sample(Struct, frozen=True, kw_only=True):
    """One stream through one system; the latencies are seconds from the model's write to a viewer's receipt."""

    cpu_s: float
    tokens: int
    bytes: int
    viewers_share: float
    p50: float
    p99: float
    quantiles: list[float]


Cell = tuple[int, int]
"""Viewers, and tokens a second."""
Grid = dict[str, dict[Cell, list[Sample]]]
"""Samples by system and cell; those of one index were taken one right after the other."""


class Stage:
    """Everything that streams need, running."""

    def __init__(self, bench: Bench) -> None:
        self.model = Helper("model_server")
        self.bare = Helper("bare")
        self.fleets = {OURS: Helper("viewers"), EVERY_TOKEN: Helper("viewers")}
        self.jupyter = Jupyter(bench.folder("streams"), model_url=self.model.hello)
        self.jupyter.start()
        self.jupyter.wait()
        self.notebook = self.jupyter.notebook("stream.ipynb")

    def close(self) -> None:
        """End all processes."""
        self.jupyter.stop()
        for helper in (self.model, self.bare, *self.fleets.values()):
            helper.close()

    def ctx(self, count: int) -> None:
        """Have this many viewers on each server."""
        for fleet in self.fleets.values():
            fleet.ask(do="close")
        time.sleep(SETTLED_S)
        self.fleets[OURS].ask(
            do="open", port=self.jupyter.port, path=self.jupyter.channel(self.notebook), token=TOKEN, count=count
        )
        self.fleets[EVERY_TOKEN].ask(do="open", port=self.bare.hello, path="/", token="", count=count)
        time.sleep(SETTLED_S)

    def play(self, system: str, count: int, per_s: int) -> Sample:
        """Stream `count` tokens through the system and see what it took."""
        fleet = self.fleets[system]
        fleet.ask(do="clear")
        meter = self.jupyter.meter() if system == OURS else self.bare.meter()
        load = fleet.meter()
        writes = self._run(system, f"stream {count} {per_s} {TOKEN_CHARS}", count / per_s + PATIENCE_S)
        if not fleet.ask(do="arrived", tokens=count):
            raise RuntimeError(f"{system}: the viewers did not get all of {count} tokens")
        time.sleep(SETTLED_S)
        spent, share = meter.read(), load.read().share
        got: dict[str, Any] = fleet.ask(do="collect", writes=writes)
        return Sample(
            cpu_s=spent.cpu_s,
            tokens=count,
            bytes=got["bytes"],
            viewers_share=share,
            p50=got["p50"],
            p99=got["p99"],
            quantiles=got["quantiles"],
        )

    def _run(self, system: str, text: str, within_s: float) -> list[float]:
        if system == EVERY_TOKEN:
            self.bare.ask(forward=text, model_url=self.model.hello)
        else:
            self.jupyter.post(self.notebook, text)
        writes: list[float] = self.model.ask(within_s=within_s)
        return writes


def grid(bench: Bench) -> Grid:
    """All samples, measured once for all benchmarks of one run."""
    if bench.grid is None:
        bench.grid = _measured(bench)
    return bench.grid


def _measured(bench: Bench) -> Grid:
    stage, found = Stage(bench), Grid({system: {} for system in SYSTEMS})
    try:
        stage.ctx(1)
        for system in SYSTEMS:
            stage.play(system, 30, 150)  # what is imported or made at first use is no part of a stream
        for viewers in (1, 3) if bench.quick else VIEWERS:
            stage.ctx(viewers)
            for per_s in RATES[-1:] if bench.quick else RATES:
                rounds, seconds = (1, SECONDS_QUICK) if bench.quick else _thoroughness((viewers, per_s))
                for _ in range(rounds):
                    for system in SYSTEMS:
                        sample = stage.play(system, int(seconds * per_s), per_s)
                        found[system].setdefault((viewers, per_s), []).append(sample)
    finally:
        stage.close()
    return found


def _thoroughness(cell: Cell) -> tuple[int, float]:
    """How many streams, and of how many seconds."""
    return (ROUNDS_AIMED, SECONDS_AIMED) if cell == AIMED_AT else (ROUNDS, SECONDS)


def cells(found: Grid) -> list[Cell]:
    """All cells, by rate and then by viewers."""
    return sorted(found[OURS], key=lambda cell: (cell[1], cell[0]))


def aimed_at(found: Grid) -> Cell:
    """The cell that the targets speak of; in a quick run, the nearest that there is."""
    return AIMED_AT if AIMED_AT in found[OURS] else cells(found)[-1]


def raw(found: Grid) -> dict[str, list[Any]]:
    """All samples, for JSON."""
    return {
        f"{system} {viewers}x{per_s}": msgspec.to_builtins(samples)
        for system, of_system in found.items()
        for (viewers, per_s), samples in of_system.items()
    }
