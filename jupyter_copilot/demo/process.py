"""The demo model as a process of its own, which ends with the one that started it."""

from __future__ import annotations

import subprocess
import sys
from types import TracebackType

from typing_extensions import Self

from ..protocol.errors import ModelError

END_S = 5.0


class DemoModel:
    """Starts the demo model when entered and ends it when left; `url` and `token` are how to reach it."""

    url: str
    token: str

    def __enter__(self) -> Self:
        """Start it, and wait until it listens. Raises `ModelError` when it does not."""
        # Whatever happens to us, the system closes our end of its standard input, and it ends.
        self._process = subprocess.Popen(
            [sys.executable, "-m", "jupyter_copilot.demo"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        assert self._process.stdout is not None
        words = self._process.stdout.readline().split()
        if len(words) != 2:
            self._end()
            raise ModelError("The demo model did not start.", hint="Its error stands above.")
        self.url, self.token = words
        return self

    def __exit__(self, kind: type[BaseException] | None, error: object, trace: TracebackType | None) -> None:
        """End it."""
        self._end()

    def _end(self) -> None:
        assert self._process.stdin is not None and self._process.stdout is not None
        self._process.stdin.close()
        try:
            self._process.wait(END_S)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._process.stdout.close()
