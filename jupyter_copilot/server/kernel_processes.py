"""Names of kernels' processes, which stand in records: whether a process is gone can be told from its name alone."""

from __future__ import annotations

import hashlib

from ..eventlog.owner import is_dead, process_owner


def process_name(pid: int) -> str:
    """The name of a process of this machine: the machine as a digest, the pid, and when the process started."""
    machine, _, process = process_owner(pid).partition(":")
    return f"{_digest(machine)}:{process}"


def has_died(name: str) -> bool:
    """Whether the process is one of this machine that no longer exists; False when that cannot be told."""
    mark, _, process = name.partition(":")
    machine = process_owner().partition(":")[0]
    return mark == _digest(machine) and is_dead(f"{machine}:{process}")


def _digest(machine: str) -> str:
    """What others may know of a machine: whether it is the same one."""
    return hashlib.sha256(machine.encode()).hexdigest()[:12]
