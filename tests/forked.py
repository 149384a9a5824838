"""Processes forked from one that has imported what servers need: real ones, each two seconds of CPU cheaper."""

from __future__ import annotations

import multiprocessing
import os
import runpy
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

_FORKS = multiprocessing.get_context("forkserver")
_FORKS.set_forkserver_preload(
    ["jupyter_copilot.server.app", "jupyter_copilot.testing", "jupyter_server.serverapp", "openai.types.chat"]
)


class Forked:
    """The process of `python -m MODULE ARGUMENTS…` in this folder, with this environment, printing into a file.

    It ends with whoever started it. The server that it is forked from begins with the first of them.
    """

    def __init__(self, module: str, *arguments: str, environ: Mapping[str, str], output: Path) -> None:
        self._process = _FORKS.Process(target=_become, args=([module, *arguments], dict(environ), output), daemon=True)
        self._process.start()

    @property
    def pid(self) -> int:
        """Its number in the system."""
        assert self._process.pid is not None
        return self._process.pid

    @property
    def returncode(self) -> int | None:
        """How it ended: the negative number of the signal that killed it; None while it lives."""
        return self._process.exitcode

    def wait(self, timeout_s: float) -> int:
        """How it ended, once it has.

        Raises:
            subprocess.TimeoutExpired: It lives on after this time.
        """
        self._process.join(timeout_s)
        if self.returncode is None:
            raise subprocess.TimeoutExpired(str(self._process.pid), timeout_s)
        return self.returncode

    def kill(self) -> None:
        """Kill it, and wait until it is dead."""
        self._process.kill()
        self._process.join()


def _become(command: list[str], environ: dict[str, str], output: Path) -> None:
    printed = os.open(output, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    for stream in (1, 2):
        os.dup2(printed, stream)
    os.environ.clear()
    os.environ.update(environ)
    sys.argv = command
    runpy.run_module(command[0], run_name="__main__", alter_sys=True)
