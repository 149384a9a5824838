"""What a benchmark found: a table for people, and JSON with everything that it rests on."""

from __future__ import annotations

import os
import platform
import sqlite3
import subprocess
import time
from importlib import metadata
from pathlib import Path
from typing import Any

import msgspec
from msgspec import Struct

PACKAGES = ("jupyter-collaborative-copilot", "jupyter-server", "tornado", "openai", "msgspec", "jupyterlab-chat")


class Target(Struct, frozen=True, kw_only=True):
    """A figure that was aimed at, and what it came to."""

    what: str
    aim: str
    value: str
    met: bool


class Result(Struct, frozen=True, kw_only=True):
    """A benchmark's outcome; `raw` holds the samples behind the rows."""

    name: str
    title: str
    columns: list[str]
    rows: list[list[str]]
    targets: list[Target] = []
    notes: list[str] = []
    raw: dict[str, Any] = {}
    seconds: float = 0.0

    def text(self) -> str:
        """The result as it is printed."""
        lines = [f"{self.name}: {self.title}  [{self.seconds:.0f} s]", ""]
        lines += aligned([self.columns, *self.rows])
        lines += [""] * bool(self.targets)
        lines += [
            f"  {'met' if target.met else 'MISSED':<6} {target.what}: {target.value} (target {target.aim})"
            for target in self.targets
        ]
        lines += [f"  {note}" for note in self.notes]
        return "\n".join([*lines, ""])


def aligned(rows: list[list[str]]) -> list[str]:
    """The rows in columns, figures to the right, under a line after the first."""
    widths = [max(len(row[n]) for row in rows) for n in range(len(rows[0]))]

    def line(row: list[str]) -> str:
        cells = [row[0].ljust(widths[0]), *(cell.rjust(width) for cell, width in zip(row[1:], widths[1:], strict=True))]
        return "  " + "   ".join(cells).rstrip()

    return [line(rows[0]), "  " + "   ".join("─" * width for width in widths), *map(line, rows[1:])]


def machine() -> dict[str, Any]:
    """Where this ran, and on what versions."""
    return {
        "at": time.strftime("%Y-%m-%d %H:%M UTC", time.gmtime()),
        "cpu": _cpu_name(),
        "cores": os.cpu_count(),
        "load": os.getloadavg(),
        "system": f"{platform.system()} {platform.release()}",
        "python": platform.python_version(),
        "sqlite": sqlite3.sqlite_version,
        "packages": {name: _version(name) for name in PACKAGES},
        "commit": _commit(),
    }


def write_json(path: Path, results: list[Result], facts: dict[str, Any], *, quick: bool) -> None:
    """Write the results with all samples."""
    whole = {"quick": quick, "machine": facts, "results": results}
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(msgspec.json.format(msgspec.json.encode(whole), indent=1))


def _cpu_name() -> str:
    lines = Path("/proc/cpuinfo").read_text().splitlines()
    return next((line.split(":", 1)[1].strip() for line in lines if line.startswith("model name")), platform.machine())


def _version(name: str) -> str | None:
    try:
        return metadata.version(name)
    except metadata.PackageNotFoundError:
        return None


def _commit() -> str:
    found = subprocess.run(
        ["git", "describe", "--always", "--dirty"],
        cwd=Path(__file__).parent,
        capture_output=True,
        text=True,
        check=False,
    )
    return found.stdout.strip()
