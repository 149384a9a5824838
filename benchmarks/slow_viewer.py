"""A slow viewer: one reader that stopped reading, and what it costs the server and the others."""

from __future__ import annotations

import time
from typing import Any

from .bench import Bench
from .jupyter import TOKEN, Jupyter
from .measure import ratio, spread
from .processes import Helper
from .report import Result, Target

VIEWERS = 20
TOKENS, PER_S, CHARS, PAIRS = 1200, 600, 3000, 8
"""Many short streams: a stall of the machine falls into one of them, not into the median."""
QUICK_TOKENS = 300
MEMORY_AIM_MB, DELAY_AIM = 4.0, 1.10
WITHOUT, WITH = "all read", "one does not"


def measure(bench: Bench) -> Result:
    """Stream the same answer with and without a paused reader, alternately."""
    found: dict[str, list[dict[str, Any]]] = {WITHOUT: [], WITH: []}
    tokens, pairs = (QUICK_TOKENS, 1) if bench.quick else (TOKENS, PAIRS)
    with (
        Helper("model_server") as model,
        Helper("viewers") as fleet,
        Jupyter(bench.folder("slow"), model_url=model.hello) as jupyter,
    ):
        _played(jupyter, model, fleet, "warm.ipynb", QUICK_TOKENS, paused=False)
        for number in range(pairs):
            # Each way comes first as often as the other: a server's memory grows with what it has streamed.
            for way in (WITHOUT, WITH)[:: 1 if number % 2 else -1]:
                name = f"{number}-{len(way)}.ipynb"
                found[way].append(_played(jupyter, model, fleet, name, tokens, paused=way == WITH))
    return _result(found, tokens)


def _played(jupyter: Jupyter, model: Helper, fleet: Helper, name: str, tokens: int, *, paused: bool) -> dict[str, Any]:
    where: dict[str, Any] = {"port": jupyter.port, "path": jupyter.channel(jupyter.notebook(name)), "token": TOKEN}
    fleet.ask(do="open", count=VIEWERS, **where)
    if paused:
        fleet.ask(do="open", count=1, paused=True, **where)
    fleet.ask(do="clear")
    before = jupyter.rss()
    load = fleet.meter()
    jupyter.post(name, f"stream {tokens} {PER_S} {CHARS}")
    writes = model.ask(within_s=tokens / PER_S + 60)
    after = jupyter.rss()
    fleet.ask(do="arrived", tokens=tokens)
    share = load.read().share
    got: dict[str, Any] = fleet.ask(do="collect", writes=writes)
    fleet.ask(do="close")
    time.sleep(0.2)
    return {
        "grown": after - before,
        "share": share,
        **{key: got[key] for key in ("p50", "p99", "bytes", "paused_open")},
    }


def _result(found: dict[str, list[dict[str, Any]]], tokens: int) -> Result:
    p99 = {way: [one["p99"] * 1000 for one in played] for way, played in found.items()}
    grown = {way: [one["grown"] / 1e6 for one in played] for way, played in found.items()}
    delay = ratio(p99[WITH], p99[WITHOUT])
    more = spread(grown[WITH]).median - spread(grown[WITHOUT]).median
    return Result(
        name="slow_viewer",
        title=f"{VIEWERS} viewers of a stream of {tokens * CHARS / 1e6:.0f} MB, and one that stops reading",
        columns=["viewers", "p50 ms of the others", "p99 ms of the others", "server's memory grew by MB", "viewers'"],
        rows=[
            [
                way,
                spread([one["p50"] * 1000 for one in played]).text(1),
                spread(p99[way]).text(1),
                spread(grown[way]).text(1),
                f"{max(one['share'] for one in played):.0%}",
            ]
            for way, played in found.items()
        ],
        targets=[
            Target(
                what="memory for the one that does not read",
                aim=f"< {MEMORY_AIM_MB:.0f} MB",
                value=f"{more:.1f} MB",
                met=more < MEMORY_AIM_MB,
            ),
            Target(
                what="p99 of the others, with / without",
                aim=f"≤ {DELAY_AIM:.2f}",
                value=delay.text(),
                met=delay.median <= DELAY_AIM,
            ),
        ],
        notes=["Its socket takes 4 kB; what does not fit waits in an outbox of at most 256 frames or 2 MiB."],
        raw=dict(found),
    )
