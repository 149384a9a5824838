"""Measuring: the CPU and memory of processes, quantiles, and ratios with their spread."""

from __future__ import annotations

import statistics
import time
from collections.abc import Sequence
from pathlib import Path

from msgspec import Struct

_CPU_CLOCK = 2
"""Linux names a process's CPU clock by its id and this number: see `clock_getcpuclockid(3)`."""


def cpu_s(pid: int) -> float:
    """Seconds of CPU that all threads of the process have used, to the nanosecond."""
    return time.clock_gettime(~pid << 3 | _CPU_CLOCK)


def rss_bytes(pid: int) -> int:
    """Memory of the process that is resident and its own: pages of files that others share are left out."""
    status = Path(f"/proc/{pid}/status").read_text()
    return 1024 * next(int(line.split()[1]) for line in status.splitlines() if line.startswith("RssAnon:"))


class Spent(Struct, frozen=True):
    """What a process used between two moments."""

    cpu_s: float
    wall_s: float

    @property
    def share(self) -> float:
        """How much of one core it kept busy."""
        return self.cpu_s / self.wall_s


class Meter:
    """Counts the CPU of a process from its making to `read`."""

    def __init__(self, pid: int) -> None:
        self._pid = pid
        self._cpu, self._wall = cpu_s(pid), time.monotonic()

    def read(self) -> Spent:
        """What was spent so far."""
        return Spent(cpu_s(self._pid) - self._cpu, time.monotonic() - self._wall)


class Spread(Struct, frozen=True):
    """The median of some samples, with the least and the greatest."""

    median: float
    low: float
    high: float

    def text(self, digits: int = 2) -> str:
        """As `1.05 (0.98 … 1.10)`; a single sample as `1.05`."""
        middle = f"{self.median:.{digits}f}"
        return middle if self.low == self.high else f"{middle} ({self.low:.{digits}f} … {self.high:.{digits}f})"


def spread(samples: Sequence[float]) -> Spread:
    """The spread of at least one sample."""
    return Spread(statistics.median(samples), min(samples), max(samples))


def ratio(ours: Sequence[float], theirs: Sequence[float]) -> Spread:
    """The spread of the ratios of samples that were taken one right after the other."""
    return spread([a / b for a, b in zip(ours, theirs, strict=True)])


def quantile(samples: Sequence[float], q: float) -> float:
    """The sample below which the share `q` of all lies; nan without samples."""
    if not samples:
        return float("nan")
    ordered = sorted(samples)
    return ordered[min(len(ordered) - 1, int(q * len(ordered)))]


def quantiles(samples: Sequence[float], points: int = 100) -> list[float]:
    """The whole distribution in `points + 1` figures, from the least to the greatest."""
    ordered = sorted(samples)
    return [ordered[min(len(ordered) - 1, n * len(ordered) // points)] for n in range(points + 1)] if ordered else []
