"""The tables of `docs/performance.md`, from the JSON of runs: `python -m benchmarks.page [FILE…]`."""

from __future__ import annotations

import re
import sys
from pathlib import Path
from typing import Any

import msgspec

from .__main__ import DEFAULT_JSON
from .report import Result, aligned

PAGE = Path(__file__).parent.parent / "docs" / "performance.md"
_BLOCK = re.compile(r"```text\n(\w+): .*?\n```", re.DOTALL)


class Run(msgspec.Struct):
    """What a run left behind."""

    machine: dict[str, Any]
    results: list[Result]


def rewritten(page: str, runs: list[Run]) -> str:
    """The page with each block that begins with a benchmark's name, `targets` or `machine` as the runs have it.

    A later run's results stand for those of an earlier one; a block that no run tells anything of stays.
    """
    results = {result.name: result for run in runs for result in run.results}
    blocks = {name: result.text().rstrip() for name, result in results.items()}
    blocks["targets"] = _targets(list(results.values()))
    blocks["machine"] = "\n".join(_machine(run) for run in runs)

    def block(found: re.Match[str]) -> str:
        text = blocks.get(found[1])
        return f"```text\n{text}\n```" if text else found[0]

    return _BLOCK.sub(block, page)


def _targets(results: list[Result]) -> str:
    rows = [
        [f"{result.name}: {target.what}", target.aim, target.value, "met" if target.met else "MISSED"]
        for result in results
        for target in result.targets
    ]
    return "\n".join(["targets: all of them", "", *aligned([["what", "target", "measured", ""], *rows])])


def _machine(run: Run) -> str:
    facts, minutes = run.machine, sum(result.seconds for result in run.results) / 60
    load = f"load {facts['load'][0]:.1f} at the start"
    packages = ", ".join(f"{name} {version}" for name, version in facts["packages"].items() if version)
    return (
        f"machine: {facts['cpu']}, {facts['cores']} cores, {facts['system'].split('-')[0]}, "
        f"Python {facts['python']}, SQLite {facts['sqlite']}\n"
        f"  {packages}\n"
        f"  {facts['at']}, commit {facts['commit']}, {minutes:.1f} minutes, {load}"
    )


def main(paths: list[Path]) -> None:
    """Rewrite the page from these files."""
    runs = [msgspec.json.decode(path.read_bytes(), type=Run) for path in paths]
    PAGE.write_text(rewritten(PAGE.read_text(), runs))


if __name__ == "__main__":
    main([Path(name) for name in sys.argv[1:]] or [DEFAULT_JSON])
