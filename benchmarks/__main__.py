"""Run benchmarks: `python -m benchmarks [NAME…] [--quick] [--json FILE]`."""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from importlib import import_module
from pathlib import Path

import msgspec

from .bench import Bench
from .report import Result, machine, write_json

NAMES = (
    "fan_out",
    "latency",
    "completion",
    "join",
    "append",
    "stores",
    "decisions",
    "crash",
    "slow_viewer",
    "hostile",
    "footprint",
    "peers",
    "prompt_economy",
    "large_notebooks",
)
DEFAULT_JSON = Path("build/bench.json")


def main(arguments: list[str] | None = None) -> int:
    """Run the named benchmarks, print each table as it is there, and write all samples as JSON."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=main.__doc__)
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"of {', '.join(NAMES)}; without one, all")
    parser.add_argument("--quick", action="store_true", help="little work: shows that it runs, not how fast")
    parser.add_argument("--json", type=Path, default=DEFAULT_JSON, help=f"where to write the samples ({DEFAULT_JSON})")
    options = parser.parse_args(arguments)
    unknown = set(options.names) - set(NAMES)
    if unknown:
        parser.error(f"no benchmark is called {', '.join(sorted(unknown))}")
    facts = machine()
    print(
        f"{facts['cpu']}, {facts['cores']} cores, {facts['system']}, "
        f"Python {facts['python']}, load {facts['load'][0]:.1f}\n"
    )
    results = []
    with tempfile.TemporaryDirectory(prefix="copilot-bench-") as folder:
        bench = Bench(Path(folder), quick=options.quick)
        for name in options.names or NAMES:
            results.append(run(name, bench))
            print(results[-1].text(), flush=True)
    write_json(options.json, results, facts, quick=options.quick)
    print(f"samples: {options.json}")
    return 0


def run(name: str, bench: Bench) -> Result:
    """One benchmark's result."""
    begin = time.monotonic()
    result: Result = import_module(f".{name}", __package__).measure(bench)
    return msgspec.structs.replace(result, seconds=time.monotonic() - begin)


if __name__ == "__main__":
    sys.exit(main())
