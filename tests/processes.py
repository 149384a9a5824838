"""Whether processes have ended."""

from __future__ import annotations

import time
from collections.abc import Sequence

import psutil


def living(processes: Sequence[psutil.Process], timeout_s: float) -> list[psutil.Process]:
    """Those that live on after a while. One that ended and whose parent has not asked yet has ended all the same."""
    deadline = time.monotonic() + timeout_s
    alive = list(processes)
    while alive and time.monotonic() < deadline:
        alive = [process for process in psutil.wait_procs(alive, 0.2)[1] if not _has_ended(process)]
    return alive


def _has_ended(process: psutil.Process) -> bool:
    try:
        return bool(process.status() == psutil.STATUS_ZOMBIE)
    except psutil.NoSuchProcess:
        return True
