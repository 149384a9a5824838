"""Helpers of a benchmark as processes that are spoken to in lines of JSON over their standard input and output."""

from __future__ import annotations

import json
import socket
import subprocess
import sys
from types import TracebackType
from typing import Any

from typing_extensions import Self

from .measure import Meter


def free_port() -> int:
    """A port of loopback that nobody listens on."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port: int = free.getsockname()[1]
        return port


class Helper:
    """A module of this package in a process of its own; it ends when its standard input does."""

    def __init__(self, module: str, *arguments: str) -> None:
        command = [sys.executable, "-m", f"{__package__}.{module}", *arguments]
        self._process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self.hello: Any = self._read()
        """The first line that it said."""

    @property
    def pid(self) -> int:
        """The process's id."""
        return self._process.pid

    def meter(self) -> Meter:
        """Counts its CPU from now on."""
        return Meter(self.pid)

    def ask(self, **question: Any) -> Any:
        """Send one line, and return the line that answers it. Raises `RuntimeError` when the process has ended."""
        assert self._process.stdin is not None
        self._process.stdin.write(json.dumps(question) + "\n")
        self._process.stdin.flush()
        return self._read()

    def close(self) -> None:
        """End it."""
        assert self._process.stdin is not None and self._process.stdout is not None
        self._process.stdin.close()
        self._process.wait(10)
        self._process.stdout.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: object, trace: TracebackType | None) -> None:
        self.close()

    def _read(self) -> Any:
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        if not line:
            raise RuntimeError(f"{self._process.args!r} ended.")
        return json.loads(line)
