"""The pictures of `docs/performance.md`, from the JSON of runs: `python -m benchmarks.pictures [FILE…]`."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from statistics import median
from typing import Any

import matplotlib as mpl

mpl.use("Agg")
import matplotlib.pyplot as plt

from .__main__ import DEFAULT_JSON

TARGET = Path(__file__).parent.parent / "docs" / "images"
OURS, THEIRS, GREY = "#1565c0", "#e65100", "#9e9e9e"
Raw = dict[str, Any]


def fan_out(raw: Raw) -> None:
    """CPU of the server for each token and viewer, over the number of viewers."""
    figure, axes = plt.subplots()
    for system, color, label in (
        ("every_token", THEIRS, "bare Tornado, every token forwarded"),
        ("copilot", OURS, "copilot, all in"),
    ):
        cells = sorted(
            (int(key.split()[1].split("x")[0]), samples)
            for key, samples in raw.items()
            if key.startswith(system) and key.endswith("x150")
        )
        costs = [median(s["cpu_s"] / s["tokens"] / n for s in samples) * 1e6 for n, samples in cells]
        axes.plot([n for n, _ in cells], costs, "o-", color=color, label=label)
    axes.set(xscale="log", yscale="log", xlabel="viewers", ylabel="µs of CPU per token and viewer")
    axes.set_title("150 tokens/s: what the server spends")
    _save(figure, "fan-out")


def latency(raw: Raw) -> None:
    """How late tokens are, as a cumulative distribution."""
    figure, axes = plt.subplots()
    for system, color, label in (("every_token", THEIRS, "bare Tornado"), ("copilot", OURS, "copilot")):
        samples = raw.get(f"{system} 50x150", [])
        if samples:
            middle = sorted(samples, key=lambda s: s["p99"])[len(samples) // 2]
            times = [1000 * t for t in middle["quantiles"]]
            axes.plot(times, range(len(times)), color=color, label=label)
    axes.axvline(50, color=GREY, linestyle=":", label="target for p99")
    axes.set(xlabel="ms from the model's write to the viewer's receipt", ylabel="% of tokens", xlim=(0, None))
    axes.set_title("50 viewers, 150 tokens/s")
    _save(figure, "latency")


def join(raw: Raw) -> None:
    """Time to live over the length of the history."""
    figure, axes = plt.subplots()
    sizes = sorted(map(int, raw))
    for way, color, label in (
        ("replay", THEIRS, "replaying every record"),
        ("first", "#64b5f6", "first visit: the server loads the room"),
        ("join", OURS, "join"),
    ):
        times = [median(one["seconds"] for one in raw[str(size)][way]) * 1000 for size in sizes]
        axes.plot(sizes, times, "o-", color=color, label=label)
    axes.axhline(100, color=GREY, linestyle=":", label="target at 10,000")
    axes.set(xscale="log", yscale="log", xlabel="records in the room's history", ylabel="ms until live")
    axes.set_title("Joining a room")
    _save(figure, "join")


def decisions(raw: Raw) -> None:
    """How soon each of fifty people knows."""
    figure, axes = plt.subplots()
    for what, color, label in (("question", OURS, "a question"), ("edit", "#64b5f6", "an edit by the agent")):
        times = [1000 * t for t in raw[what]["quantiles"]]
        axes.plot(times, range(len(times)), color=color, label=label)
    axes.set(xlabel="ms from the decision to its ack or refusal", ylabel="% of decisions", xlim=(0, None))
    axes.set_title("50 people decide in the same moment")
    _save(figure, "decisions")


def peers(raw: Raw) -> None:
    """CPU of a chunk against a longer and longer conversation."""
    figure, axes = plt.subplots()
    names = list(raw["streamed"])
    costs = [median(one["cpu"] for one in raw["streamed"][name]) for name in names]
    colors = [OURS if name.startswith("copilot") else THEIRS for name in names]
    axes.barh(names[::-1], costs[::-1], color=colors[::-1])
    axes.set(xlabel="seconds of CPU for a whole streamed answer")
    axes.set_title("The same answer in chunks of 5 characters")
    _save(figure, "peers", legend=False)


def _save(figure: Any, name: str, *, legend: bool = True) -> None:
    figure.set_size_inches(6.4, 3.2)
    (axes,) = figure.axes
    axes.grid(alpha=0.25)
    axes.spines[["top", "right"]].set_visible(False)
    if legend:
        axes.legend(frameon=False, fontsize="small")
    figure.savefig(TARGET / f"bench-{name}.png", dpi=100, bbox_inches="tight", metadata={"Software": None})
    plt.close(figure)


def main(paths: list[Path]) -> None:
    """Draw what the files have results for; a later file's stand for those of an earlier one."""
    TARGET.mkdir(parents=True, exist_ok=True)
    raw = {result["name"]: result["raw"] for path in paths for result in json.loads(path.read_text())["results"]}
    for draw in (fan_out, latency, join, decisions, peers):
        if draw.__name__ in raw:
            draw(raw[draw.__name__])


if __name__ == "__main__":
    main([Path(name) for name in sys.argv[1:]] or [DEFAULT_JSON])
