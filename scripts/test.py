"""Run the parts named on the command line (all of them without a name), each to its end, and sum up.

Exits non-zero if any part failed or left a process behind. Counts come from the runners' JUnit reports.
"""

from __future__ import annotations

import contextlib
import os
import subprocess
import sys
import time
import xml.etree.ElementTree as ET
from collections.abc import Callable
from pathlib import Path

import psutil

ROOT = Path(__file__).resolve().parent.parent
REPORTS = ROOT / "test-results"
BIN = ROOT / ".venv" / "bin"
END_S = 10.0
"""How long a process may take to end by itself after the part that started it."""


def sh(command: str) -> int:
    print(f"$ {command}", flush=True)
    return subprocess.run(["bash", "-c", command], cwd=ROOT, stdin=subprocess.DEVNULL, check=False).returncode


def pytest(part: str, marks: str, *args: str, before: str = "") -> int:
    report = REPORTS / f"{part}.xml"
    options = f"-q -m '{marks}' --durations=10 --junitxml={report}"
    return sh(f"{before}{BIN}/python -m pytest {options} {' '.join(args)}")


def together(commands: list[str]) -> int:
    """Run commands side by side; what each of them printed stands below it."""
    started = [
        subprocess.Popen(
            ["bash", "-c", command],
            cwd=ROOT,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
        )
        for command in commands
    ]
    for command, process in zip(commands, started, strict=True):
        printed = process.communicate()[0].decode()
        print(f"$ {command}\n{printed}", end="", flush=True)
    codes: list[int] = [abs(process.returncode) for process in started]
    return max(codes)


def soak() -> int:
    """The tests of chance with many rounds, in both languages."""
    os.environ["COPILOT_SOAK"] = "1"
    front_end = sh("scripts/npm.sh run --silent test -- test/client/fuzz.test.ts --silent=passed-only")
    return front_end or pytest("soak", "soak", PARALLEL)


LINT = [f"{BIN}/ruff check . && {BIN}/ruff format --check .", "scripts/npm.sh run --silent lint:check"]
MYPY_OF_TESTS = f"{BIN}/mypy --config-file tests/mypy.ini -p scripts -p tests"
TYPES = [f"{BIN}/mypy && {MYPY_OF_TESTS}", "scripts/npm.sh run --silent typecheck"]


def typescript() -> int:
    reporters = f"--silent=passed-only --reporter=default --reporter=junit --outputFile.junit={REPORTS}/ts.xml"
    return sh(f"scripts/npm.sh run --silent test -- --passWithNoTests {reporters}")


# The tests of a file run in one worker, so that what they share is made once. Files go in the order of their names:
# by default those with few tests go last, and these are the long ones.
SHARED = "--dist loadfile --no-loadscope-reorder"
# For two cores: tests of processes wait a third of their time, a browser computes.
PARALLEL, BROWSERS = f"-n 3 {SHARED}", f"-n 2 {SHARED}"
FAST = "not browser and not crash and not slow"
COVERAGE = f"--cov --cov-report=xml:{REPORTS}/coverage.xml --cov-report=term:skip-covered"
PARTS: dict[str, Callable[[], int]] = {
    "checks": lambda: together([*LINT, *TYPES, "scripts/kernels.sh"]),  # installing R is mostly waiting
    "ts": typescript,
    "py": lambda: pytest("py", "not browser", PARALLEL, before="scripts/kernels.sh && scripts/postgres.sh && "),
    "browser": lambda: pytest("browser", "browser", BROWSERS, before="source scripts/browser.sh && "),
}
ALL = list(PARTS)
PARTS |= {
    "lint": lambda: together(LINT),
    "types": lambda: together(TYPES),
    "fast": lambda: pytest("fast", FAST, PARALLEL),
    # Many more rounds of what plays by chance, for hours if need be: before a release, and when its subject changed.
    "soak": lambda: soak(),
    "coverage": lambda: pytest("coverage", FAST, PARALLEL, COVERAGE),
}


def counts(part: str) -> tuple[int, int, int] | None:
    """Passed, failed and skipped tests, or None where the part is no test run."""
    report = REPORTS / f"{part}.xml"
    if not report.exists():
        return None
    root = ET.parse(report).getroot()
    suites = list(root.iter("testsuite"))

    def total(name: str) -> int:
        return sum(int(suite.get(name) or 0) for suite in suites)

    failed, skipped = total("failures") + total("errors"), total("skipped")
    return total("tests") - failed - skipped, failed, skipped


def end_leftovers() -> list[str]:
    """The command lines of processes that live on after their part; they are ended.

    Orphans stay orphans: a kernel ends by itself when its parent is the system's first process, and only then.
    """
    alive = psutil.wait_procs(psutil.Process().children(recursive=True), END_S)[1]
    found: list[str] = []
    for process in alive:
        with contextlib.suppress(psutil.NoSuchProcess):
            found.append(f"{process.pid} {' '.join(process.cmdline())[:200]}")
            process.kill()
    psutil.wait_procs(alive, END_S)
    return found


def run_part(part: str) -> bool:
    """Run it, and end what it left behind; whether both went well."""
    (REPORTS / f"{part}.xml").unlink(missing_ok=True)
    print(f"\n=== {part} ===", flush=True)
    passed = PARTS[part]() == 0
    leftovers = end_leftovers()
    for line in leftovers:
        print(f"left behind: {line}", flush=True)
    return passed and not leftovers


def main(names: list[str]) -> int:
    unknown = [name for name in names if name not in PARTS]
    if unknown:
        print(f"Unknown: {', '.join(unknown)}. Parts: {', '.join(PARTS)}", file=sys.stderr)
        return 2
    REPORTS.mkdir(exist_ok=True)
    rows: list[tuple[str, bool, float]] = []
    for part in names or ALL:
        start = time.monotonic()
        rows.append((part, run_part(part), time.monotonic() - start))

    print(f"\n=== summary (load {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores) ===")
    passed = failed = skipped = 0
    for part, ok, seconds in rows:
        found = counts(part)
        text = ""
        if found is not None:
            passed, failed, skipped = passed + found[0], failed + found[1], skipped + found[2]
            text = f"{found[0]} passed, {found[1]} failed, {found[2]} skipped"
        elif not ok:
            failed += 1
        print(f"{part:<8} {'ok' if ok else 'FAILED':<7} {seconds:6.1f} s  {text}".rstrip())
    print(f"\n{passed} passed, {failed} failed, {skipped} skipped")
    return 0 if all(ok for _, ok, _ in rows) else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
