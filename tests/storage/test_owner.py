"""Owners of leases, and whether they live."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

from jupyter_copilot.storage import owner
from jupyter_copilot.storage.owner import is_dead, process_owner


def test_this_process_lives() -> None:
    assert process_owner().split(":")[1] == str(os.getpid())
    assert not is_dead(process_owner())


def test_a_process_is_dead_once_it_has_ended_even_before_its_parent_asks() -> None:
    process = subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE)
    name = process_owner(process.pid)
    assert not is_dead(name)
    process.kill()
    os.waitid(os.P_PID, process.pid, os.WEXITED | os.WNOWAIT)
    assert is_dead(name), "a zombie does nothing any more"
    process.communicate()
    assert is_dead(name)


def test_a_later_process_with_the_same_pid_is_another_owner() -> None:
    host, pid, start = process_owner().split(":")
    assert is_dead(f"{host}:{pid}:{int(start) - 1}")


def test_a_machine_with_the_same_name_that_started_at_another_time_is_another(monkeypatch: pytest.MonkeyPatch) -> None:
    ours = process_owner()
    monkeypatch.setattr(owner, "_boot_id", lambda: "-5cbc7f49-9d0a-4ac6-9a6f-5a9a4b3a8f11")
    theirs = process_owner()
    host, pid, _ = theirs.split(":")
    assert is_dead(f"{host}:{pid}:1")
    assert not is_dead(ours.rpartition(":")[0] + ":1"), "its pids say nothing here"


def test_of_others_nothing_is_known() -> None:
    host, pid, _ = process_owner().split(":")
    for other in (f"elsewhere:{2**22}:1", "somebody", f"{host}:me:1", "", f"{host}:{pid}:-"):
        assert not is_dead(other)
