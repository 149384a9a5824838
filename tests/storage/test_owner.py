"""Owners of leases, and whether they live."""

from __future__ import annotations

import os
import subprocess
import sys

from jupyter_copilot.storage.owner import is_dead, process_owner


def test_this_process_lives() -> None:
    assert process_owner().split(":")[1] == str(os.getpid())
    assert not is_dead(process_owner())


def test_a_process_is_dead_once_it_has_ended_even_before_its_parent_asks() -> None:
    process = subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE)
    owner = process_owner(process.pid)
    assert not is_dead(owner)
    process.kill()
    os.waitid(os.P_PID, process.pid, os.WEXITED | os.WNOWAIT)
    assert is_dead(owner), "a zombie does nothing any more"
    process.communicate()
    assert is_dead(owner)


def test_a_later_process_with_the_same_pid_is_another_owner() -> None:
    host, pid, start = process_owner().split(":")
    assert is_dead(f"{host}:{pid}:{int(start) - 1}")


def test_of_others_nothing_is_known() -> None:
    host, pid, _ = process_owner().split(":")
    for owner in (f"elsewhere:{2**22}:1", "somebody", f"{host}:me:1", "", f"{host}:{pid}:-"):
        assert not is_dead(owner)
