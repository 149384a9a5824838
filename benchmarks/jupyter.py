"""A real Jupyter server as a process of its own, with or without the extension."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path
from types import TracebackType
from typing import Any
from urllib.parse import quote
from uuid import uuid4

from typing_extensions import Self

from jupyter_copilot import protocol as p

from .measure import Meter, cpu_s, rss_bytes
from .processes import free_port

TOKEN = "benchmark"
STARTED_S = 60.0
_HIDDEN = ("OPENAI_", "AZURE_OPENAI_", "JUPYTER")
LAUNCH = ("-m", "jupyter_server")
LIMITLESS = ("-m", f"{__package__}.limitless")


class Jupyter:
    """The server in `folder`, from `start` (or entering) to `stop` (or leaving)."""

    def __init__(
        self,
        folder: Path,
        *,
        extension: bool = True,
        model_url: str = "",
        model: str = "stream",
        launch: tuple[str, ...] = LAUNCH,
        collaboration: bool = False,
    ) -> None:
        self.folder = folder
        self.store = folder / "rooms.sqlite3"
        self.root = folder / "notebooks"
        self.root.mkdir(exist_ok=True)
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}/"
        self._extensions = {"jupyter_copilot": extension}
        if collaboration:
            self._extensions |= {"jupyter_server_ydoc": True, "jupyter_server_fileid": True}
        self._extension = extension
        self._model_url = model_url
        self._model = model
        self._launch = launch
        self._process: subprocess.Popen[bytes] | None = None
        self._log = folder / "server.log"

    def start(self, launch: tuple[str, ...] | None = None) -> None:
        """Start the process; returns at once."""
        arguments = [
            f"--ServerApp.root_dir={self.root}",
            f"--ServerApp.port={self.port}",
            "--ServerApp.port_retries=0",
            "--ServerApp.ip=127.0.0.1",
            "--ServerApp.open_browser=False",
            "--ServerApp.allow_root=True",
            "--ServerApp.log_level=WARN",
            f"--IdentityProvider.token={TOKEN}",
            f"--ServerApp.jpserver_extensions={self._extensions}",
        ]
        arguments += [f"--CopilotApp.store_path={self.store}"] * self._extension
        command = [sys.executable, *(launch or self._launch), *arguments]
        with self._log.open("ab") as log:
            self._process = subprocess.Popen(command, env=self._environment(), stdout=log, stderr=log)

    def _environment(self) -> dict[str, str]:
        clean = {name: value for name, value in os.environ.items() if not name.startswith(_HIDDEN)}
        # No configuration of the machine takes part: no extension but ours is loaded.
        own = {f"JUPYTER_{kind}_DIR": str(self.folder / kind.lower()) for kind in ("CONFIG", "DATA", "RUNTIME")}
        model = {"OPENAI_BASE_URL": self._model_url, "OPENAI_API_KEY": "none", "OPENAI_MODEL": self._model}
        return {**clean, **own, "JUPYTER_NO_CONFIG": "1", **(model if self._model_url else {})}

    def wait(self) -> None:
        """Return once it answers. Raises `RuntimeError` when it ended instead."""
        ends = time.monotonic() + STARTED_S
        while time.monotonic() < ends:
            try:
                self.get("api")
            except (urllib.error.URLError, ConnectionError):
                if self.is_dead():
                    break
                time.sleep(0.005)
            else:
                return
        raise RuntimeError(f"The server did not start:\n{self._log.read_text()[-3000:]}")

    def stop(self) -> None:
        """End it in an orderly way."""
        if self._process is not None:
            self._process.terminate()
            self._process.wait()

    def kill(self) -> None:
        """End it as a crash would."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()

    def is_dead(self) -> bool:
        """Whether the process has ended."""
        return self._process is None or self._process.poll() is not None

    def __enter__(self) -> Self:
        self.start()
        self.wait()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: object, trace: TracebackType | None) -> None:
        self.stop()

    # Measuring it

    @property
    def pid(self) -> int:
        """The process's id."""
        assert self._process is not None
        return self._process.pid

    def meter(self) -> Meter:
        """Counts its CPU from now on."""
        return Meter(self.pid)

    def cpu_s(self) -> float:
        """Its CPU so far."""
        return cpu_s(self.pid)

    def rss(self) -> int:
        """Its memory now, in bytes."""
        return rss_bytes(self.pid)

    # Speaking to it

    def notebook(self, name: str) -> str:
        """Make an empty notebook, and return its name."""
        (self.root / name).write_text(json.dumps({"cells": [], "metadata": {}, "nbformat": 4, "nbformat_minor": 5}))
        return name

    def channel(self, notebook: str) -> str:
        """The path of the notebook's WebSocket."""
        return f"/api/copilot/notebooks/{quote(notebook)}/channel"

    def get(self, path: str) -> Any:
        """The JSON at this path."""
        return self._request(path, None)

    def command(self, notebook: str, command: p.Command) -> int:
        """Give a command over REST, and return its seq."""
        body = p.encode(p.CommandBody(command_id=p.CommandId(uuid4().hex), command=command))
        seq: int = self._request(f"api/copilot/notebooks/{quote(notebook)}/commands", body)["seq"]
        return seq

    def post(self, notebook: str, text: str, *, run: bool = True) -> p.MessageId:
        """Post a message, by default one that the model answers; returns its id."""
        message_id = p.MessageId(uuid4().hex)
        self.command(notebook, p.PostMessage(message_id=message_id, text=text, run=run))
        return message_id

    def _request(self, path: str, body: bytes | None) -> Any:
        headers = {"Authorization": f"token {TOKEN}", "Content-Type": "application/json"}
        request = urllib.request.Request(self.url + path, data=body, headers=headers)
        with urllib.request.urlopen(request, timeout=60) as answer:
            return json.loads(answer.read())
