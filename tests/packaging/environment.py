"""A virtual environment of somebody who uses Jupyter, and the server that they start in it."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import venv
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import requests
from msgspec import Struct
from requests.adapters import HTTPAdapter
from urllib3.util import Retry

from .conftest import run

TOKEN = "secret"


class Environment(Struct, frozen=True):
    """A virtual environment, with a home folder that belongs to nobody else."""

    root: Path
    home: Path

    def create(self) -> Environment:
        venv.create(self.root)
        self.home.mkdir()
        return self

    @property
    def variables(self) -> dict[str, str]:
        """The whole environment of its processes: nothing of this machine's Node, models or Jupyter is in it."""
        return {"PATH": f"{self.root / 'bin'}:/usr/bin:/bin", "HOME": str(self.home), "LANG": "C.UTF-8"}

    def pip(self, *arguments: str | Path) -> str:
        pip: list[str | Path] = [
            sys.executable,
            "-m",
            "pip",
            "--python",
            self.root / "bin" / "python",
            "--disable-pip-version-check",
        ]
        return run(*pip, *arguments, env={**os.environ, "PIP_NO_INPUT": "1"})

    def run(self, name: str, *arguments: str) -> str:
        """What one of its programs prints."""
        return run(self.root / "bin" / name, *arguments, cwd=self.home, env=self.variables)

    def files(self) -> set[str]:
        """All files and folders in it; of compiled files only ours, since others appear whenever Python runs."""
        names = (path.relative_to(self.root).as_posix() for path in self.root.rglob("*"))
        return {name for name in names if "__pycache__" not in name or "jupyter_copilot/" in name}

    @contextmanager
    def server(self, *more: str) -> Iterator[Server]:
        """Run `jupyter lab` in it with more options, and end it with everything that it started."""
        options = "--no-browser --allow-root --ip=127.0.0.1 --port=0 --ServerApp.root_dir=."
        process = subprocess.Popen(
            [self.root / "bin" / "jupyter", "lab", *options.split(), *more, f"--IdentityProvider.token={TOKEN}"],
            cwd=self.home,
            env=self.variables,
            stderr=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )
        assert process.stderr is not None
        server = Server(url="", log=[])
        try:
            for line in process.stderr:
                server.log.append(line)
                if address := re.search(r"http://127\.0\.0\.1:\d+/", line):
                    server.url = address[0]
                    break
            assert server.url, "".join(server.log)
            yield server
            process.send_signal(signal.SIGTERM)
            server.log += process.communicate(timeout=60)[1].splitlines(keepends=True)
        finally:
            if process.poll() is None:
                os.killpg(process.pid, signal.SIGKILL)
            process.wait()


class Server(Struct):
    """A running server, and what it has logged up to its address."""

    url: str
    log: list[str]

    def ask(self, method: str, path: str, body: Any = None) -> requests.Response:
        # Jupyter prints its address a moment before it listens.
        with requests.Session() as session:
            session.mount("http://", HTTPAdapter(max_retries=Retry(connect=12, backoff_factor=0.05)))
            data = None if body is None else json.dumps(body)
            answer = session.request(
                method, self.url + path, data=data, headers={"Authorization": f"token {TOKEN}"}, timeout=60
            )
        answer.raise_for_status()
        return answer
