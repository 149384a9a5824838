"""`jupyter copilot demo` as a real process, and what a person sees of it."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psutil
from msgspec import Struct

from ..patience import scaled
from ..processes import living

STARTED_S = scaled(60.0)
ENDED_S = scaled(90.0)
NO_MODEL = ("OPENAI_", "AZURE_OPENAI_", "JUPYTER")


class Demo(Struct, kw_only=True):
    """A running demo: what it printed, where it listens, and how many seconds of work it took to say so."""

    process: subprocess.Popen[str]
    lines: list[str]
    url: str
    seconds: float

    @property
    def page(self) -> str:
        """The address that was printed."""
        return next(line.split()[1] for line in self.lines if line.startswith("  open"))

    def family(self) -> list[psutil.Process]:
        """It and every process that it started, directly or not."""
        own = psutil.Process(self.process.pid)
        return [own, *own.children(recursive=True)]

    def end(self, how: signal.Signals = signal.SIGINT) -> list[psutil.Process]:
        """End it with a signal; returns those of its family that live on after a while.

        What it prints meanwhile is added to `lines`.
        """
        family = self.family()
        self.process.send_signal(how)
        self.lines += self.process.communicate(timeout=ENDED_S)[0].splitlines()
        return living(family, ENDED_S)


def _worked(pid: int) -> float:
    """The processor's seconds of a process and its children, which do not depend on what else the machine does."""
    family = [psutil.Process(pid), *psutil.Process(pid).children(recursive=True)]
    return float(sum(sum(each.cpu_times()[:4]) for each in family))


@contextmanager
def running_demo(folder: Path, *arguments: str, **environ: str) -> Iterator[Demo]:
    """Start the command without a browser, and wait until it says how to stop it."""
    clean = {name: value for name, value in os.environ.items() if not name.startswith(NO_MODEL)}
    process = subprocess.Popen(
        [sys.executable, "-m", "jupyter_copilot.cli.main", "demo", "--no-browser", "--token=secret", *arguments],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
        env={**clean, "HOME": str(folder), "TMPDIR": str(folder), **environ},
    )
    assert process.stdout is not None
    lines: list[str] = []
    try:
        for line in process.stdout:
            lines.append(line.rstrip("\n"))
            if line.startswith("  stop"):
                break
        address = re.search(r"http://127\.0\.0\.1:\d+/", "\n".join(lines))
        assert address is not None, lines
        yield Demo(process=process, lines=lines, url=address[0], seconds=_worked(process.pid))
    finally:
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()
