"""Write the golden traces, `<name>.jsonl` and `<name>.state.json`, from the Python fold.

Both Python and TypeScript fold them in their tests. Run `python -m tests.traces.make` after a change of `apply`;
`--check` writes nothing and exits with 1 when a trace is stale.

`later.jsonl` is its own source: it grows by a line or two for each event that came after the first traces. Append
`{"record": {"seq": …, "at": …, "actor": …, "event": {…}}}` with and without an effect, and run this.
"""

from __future__ import annotations

import sys
from pathlib import Path

from .recorder import fold
from .scenarios import SCENARIOS

FOLDER = Path(__file__).resolve().parent


def golden() -> dict[Path, str]:
    """Each golden file with its right text."""
    later = FOLDER / "later.jsonl"
    files = {later: fold(later.read_text(encoding="utf-8").splitlines()).trace()}
    for scenario in SCENARIOS:
        recorder = scenario()
        files[FOLDER / f"{scenario.__name__}.jsonl"] = recorder.trace()
        if len(recorder.lines) < 500:  # the digests of a long trace say as much
            files[FOLDER / f"{scenario.__name__}.state.json"] = recorder.final()
    return files


def stale(right: dict[Path, str] | None = None) -> list[Path]:
    """The golden files that are not as the fold makes them, and those that nothing makes."""
    right = right or golden()
    present = {*FOLDER.glob("*.jsonl"), *FOLDER.glob("*.state.json")}
    wrong = {path for path in present & right.keys() if path.read_text(encoding="utf-8") != right[path]}
    return sorted(wrong | (present ^ right.keys()))


def main(argv: list[str]) -> int:
    """Write or check; returns the exit code."""
    right = golden()
    found = stale(right)
    for path in found:
        print(f"{path.name} is stale")
    if "--check" in argv:
        return 1 if found else 0
    for path in found:
        path.unlink(missing_ok=True)
    for path, text in right.items():
        path.write_text(text, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
