"""Who holds a lease: a process, named so that its death can be told from its silence."""

from __future__ import annotations

import os
import socket
from pathlib import Path

_PROC = Path("/proc")
_UNKNOWN = "-"


def process_owner(pid: int | None = None) -> str:
    """The name `host:pid:start-time` of a process of this machine, by default of this one.

    The start time tells a process from a later one with the same pid; it is `-` where the system does not tell it.
    """
    pid = os.getpid() if pid is None else pid
    return f"{_host()}:{pid}:{_start_time(pid) or _UNKNOWN}"


def is_dead(owner: str) -> bool:
    """Whether the owner is a process of this machine that no longer exists; False when that cannot be told."""
    host, _, process = owner.partition(":")
    pid, _, started = process.partition(":")
    if host != _host() or not pid.isdecimal():
        return False
    now = _start_time(int(pid))
    return now is None or (now != started and _UNKNOWN not in (now, started))


def _host() -> str:
    """Where pids are counted: the machine's name, the start of its system, and the container's pid namespace.

    Two machines may have one name and equal namespaces; the same start they never have.
    """
    try:
        namespace = os.readlink(_PROC / "self" / "ns" / "pid")
    except OSError:
        namespace = ""
    return socket.gethostname() + namespace.removeprefix("pid:") + _boot_id()


def _boot_id() -> str:
    """What the system drew by lot when it started; empty where it does not tell."""
    try:
        return "-" + (_PROC / "sys" / "kernel" / "random" / "boot_id").read_text().strip()
    except OSError:
        return ""


def _start_time(pid: int) -> str | None:
    """When the process started, in the system's own count; None when there is no such process."""
    if (_PROC / "self" / "stat").exists():
        return _start_ticks(pid)
    if os.name == "posix":
        try:
            os.kill(pid, 0)
        except ProcessLookupError:
            return None
        except PermissionError:
            pass
    return _UNKNOWN


def _start_ticks(pid: int) -> str | None:
    try:
        stat = (_PROC / str(pid) / "stat").read_text()
    except (FileNotFoundError, ProcessLookupError):
        return None
    # The name, in parentheses, may hold spaces and parentheses itself: what counts follows its last one.
    fields = stat.rpartition(")")[2].split()
    state, start_ticks = fields[0], fields[19]
    return None if state in "ZX" else start_ticks
