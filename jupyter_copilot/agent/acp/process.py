"""An agent's process: started in a group of its own with a stripped environment, and ended with all its children."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import socket
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

from .wire import MAX_LINE_BYTES

KEEPER = Path(__file__).with_name("keeper.py")
KEPT = ("HOME", "PATH", "USER", "LOGNAME", "SHELL", "LANG", "LANGUAGE", "TERM", "TZ", "TMPDIR", "SSL_CERT_FILE",
        "SSL_CERT_DIR", "NODE_EXTRA_CA_CERTS", "HTTP_PROXY", "HTTPS_PROXY", "NO_PROXY", "http_proxy", "https_proxy",
        "no_proxy")  # fmt: skip
"""What an agent gets of the server's environment, besides `LC_*`, `XDG_*`, and what it needs to be signed in."""
_KEPT_STARTS = ("LC_", "XDG_")
_NEVER = ("JUPYTER", "JPY_", "JUPYTERHUB")
STDERR_CHARS = 4_000
END_S = 2.0


def stripped(environ: Mapping[str, str], passed: Sequence[str], more: Mapping[str, str]) -> dict[str, str]:
    """What of an environment an agent gets: `passed` names variables, or with a * at the end their beginnings."""
    starts = (*_KEPT_STARTS, *(name[:-1] for name in passed if name.endswith("*")))
    kept = {name: value for name, value in environ.items() if name in KEPT or name in passed or name.startswith(starts)}
    return {**{name: value for name, value in kept.items() if not name.startswith(_NEVER)}, **more}


class CannotStart(Exception):
    """There is no such program, or it may not be run."""


class AgentProcess:
    """A running agent; its standard streams are `reader` and `writer`."""

    def __init__(self, process: asyncio.subprocess.Process, lifeline: socket.socket, pid: int) -> None:
        assert process.stdout is not None and process.stdin is not None and process.stderr is not None
        self.reader, self.writer = process.stdout, process.stdin
        self.pid = pid
        self._process = process
        self._lifeline = lifeline
        self._errors = ""
        self._reading = asyncio.create_task(self._read_errors(process.stderr))

    @classmethod
    async def start(cls, command: Sequence[str], env: Mapping[str, str], folder: str) -> AgentProcess:
        """Start it in a folder. Raises `CannotStart`."""
        ours, its = socket.socketpair()
        try:
            process = await asyncio.create_subprocess_exec(
                sys.executable, "-I", "-S", str(KEEPER), str(its.fileno()), *command,
                stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE,
                env=dict(env), cwd=folder, limit=MAX_LINE_BYTES, start_new_session=True, pass_fds=(its.fileno(),),
            )  # fmt: skip
        except OSError as error:
            ours.close()
            raise CannotStart(str(error)) from error
        finally:
            its.close()
        ours.setblocking(False)
        told = (await asyncio.get_running_loop().sock_recv(ours, 256)).decode(errors="replace").strip()
        if not told.isdigit():
            ours.close()
            await process.wait()
            raise CannotStart(told.removeprefix("!") or "it cannot be started")
        return cls(process, ours, int(told))

    async def _read_errors(self, stream: asyncio.StreamReader) -> None:
        while piece := await stream.read(4096):
            self._errors = (self._errors + piece.decode(errors="replace"))[-STDERR_CHARS:]

    @property
    def errors(self) -> str:
        """The last lines of what it said on its standard error."""
        return "\n".join(self._errors.strip().splitlines()[-5:])

    @property
    def is_over(self) -> bool:
        """Whether it has ended."""
        return self._process.returncode is not None

    async def wait(self) -> int:
        """Wait until it has ended, with everything that it started in its group; its exit code."""
        return await self._process.wait()

    def kill(self) -> None:
        """End it and its children at once."""
        for group in (self.pid, self._process.pid):
            with contextlib.suppress(OSError):
                os.killpg(group, signal.SIGKILL)
        self._lifeline.close()

    async def end(self) -> None:
        """Let it end by itself for a moment, then end it; returns when it is gone."""
        with contextlib.suppress(Exception):
            self.writer.close()
        try:
            await asyncio.wait_for(self.wait(), END_S)
        except asyncio.TimeoutError:
            pass
        finally:
            self.kill()
        await self.wait()
        self._reading.cancel()
