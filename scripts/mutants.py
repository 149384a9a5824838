"""Break each important line in turn, and fail when the tests do not notice: `make mutants`.

The package and its tests are copied first: nothing of the checkout is changed.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

try:
    from .mutant_list import MUTANTS, Mutant
except ImportError:  # run as a script
    from mutant_list import MUTANTS, Mutant  # type: ignore[import-not-found,no-redef]

ROOT = Path(__file__).parent.parent


def passes(tests: list[str], mutant: Mutant | None = None) -> bool:
    """Whether tests pass on a copy of the package, with a mutant in it or without."""
    what = mutant.name if mutant is not None else "nothing broken"
    with tempfile.TemporaryDirectory() as folder:
        copy = Path(folder)
        for name in ("jupyter_copilot", "tests"):
            shutil.copytree(ROOT / name, copy / name, ignore=shutil.ignore_patterns("__pycache__", "labextension"))
        shutil.copy(ROOT / "pyproject.toml", copy)
        if mutant is not None:
            path = copy / mutant.file
            text = path.read_text()
            assert text.count(mutant.line) == 1, f"{what}: the line is there {text.count(mutant.line)} times."
            path.write_text(text.replace(mutant.line, mutant.becomes))
        # A mutant may make a test wait for ever, which is a failure as good as any.
        command = [sys.executable, "-m", "pytest", "-q", "-x", "-p", "no:cacheprovider", "--timeout=30", *tests]
        done = subprocess.run(command, cwd=copy, env=os.environ | {"PYTHONDONTWRITEBYTECODE": "1"}, capture_output=True)
        if done.returncode not in (0, 1):
            raise SystemExit(f"{what}: the tests did not run.\n{done.stdout.decode()[-2000:]}")
        return done.returncode == 0


def main(wanted: list[str]) -> int:
    """Try all mutants, or those with one of the words in their name; returns 1 when one survives."""
    mutants = [m for m in MUTANTS if not wanted or any(word in m.name for word in wanted)]
    if not passes(sorted({mutant.tests for mutant in mutants})):
        print("The tests fail with nothing broken: no mutant would be killed by what it breaks.")
        return 1
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        survivors = []
        outcomes = pool.map(lambda mutant: passes([mutant.tests], mutant), mutants)
        for mutant, survived in zip(mutants, outcomes, strict=True):
            print(f"{'SURVIVED' if survived else 'killed':9} {mutant.name}", flush=True)
            if survived:
                survivors.append(mutant)
    print(f"{len(mutants) - len(survivors)} of {len(mutants)} mutants were killed.")
    return 1 if survivors else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
