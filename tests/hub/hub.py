"""A real JupyterHub with its proxy, as a process: people with tokens of their own, and servers that they share."""

from __future__ import annotations

import json
import os
import secrets
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import nbformat
import psutil
import requests

from tests.browser.lab import METADATA, NO_MODEL, free_port

from ..patience import scaled

PROXY = Path(sys.prefix) / "lib/jupyterhub-proxy/node_modules/.bin/configurable-http-proxy"
PASSWORD = "open sesame"
STARTED_S = scaled(120.0)
ENDED_S = scaled(60.0)
CONFIG = Path(__file__).with_name("config.py")


class Hub:
    """JupyterHub in a folder of its own, in which each person has a home; with the rooms as a service, if wanted.

    The service's shared folder is the home `shared`.
    """

    def __init__(self, folder: Path, *, service: bool = False) -> None:
        self._folder = folder
        self._service_port = free_port() if service else None
        self._token = secrets.token_hex(16)
        self.url = f"http://127.0.0.1:{free_port()}/"

    @property
    def log(self) -> str:
        """The last of what the Hub and the people's servers printed."""
        return (self._folder / "hub.log").read_text()[-10_000:]

    def server(self, owner: str) -> str:
        """The address of somebody's server."""
        return f"{self.url}user/{owner}/"

    @property
    def service(self) -> str:
        """The address of the rooms' service."""
        return f"{self.url}services/copilot/"

    def start(self) -> None:
        """Start, and wait until it answers, and its service."""
        assert PROXY.exists(), "`make venv` installs JupyterHub's proxy."
        clean = {name: value for name, value in os.environ.items() if not name.startswith(NO_MODEL)}
        own = {
            "TEST_HUB_URL": self.url,
            "TEST_HUB_PORT": str(free_port()),
            "TEST_HUB_PROXY": str(PROXY),
            "TEST_HUB_PROXY_URL": f"http://127.0.0.1:{free_port()}",
            "TEST_HUB_PASSWORD": PASSWORD,
            "TEST_HUB_TOKEN": self._token,
            # Where no system-wide Node is, the development install has put one beside Python.
            "PATH": os.pathsep.join([str(Path(sys.executable).parent), clean["PATH"]]),
        }
        if self._service_port is not None:
            (self._folder / "shared").mkdir()
            own["TEST_HUB_SERVICE_PORT"] = str(self._service_port)
        with open(self._folder / "hub.log", "wb") as log:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "jupyterhub", "--config", str(CONFIG)],
                cwd=self._folder,
                env={**clean, **own},
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        self._until(lambda: requests.get(f"{self.url}hub/api/", timeout=5).ok)
        if self._service_port is not None:
            self._until(lambda: requests.get(f"{self.service}copilot/sign-in", timeout=5).ok)

    def stop(self) -> None:
        """End it, with its proxy and everybody's servers."""
        self._process.send_signal(signal.SIGTERM)
        try:
            self._process.wait(ENDED_S)
        except subprocess.TimeoutExpired:
            os.killpg(self._process.pid, signal.SIGKILL)

    def add(self, name: str) -> None:
        """Make a person with a home and no server."""
        self._ask("POST", f"users/{name}")
        home = self._folder / name
        settings = home / ".jupyter/lab/user-settings/@jupyterlab/apputils-extension"
        settings.mkdir(parents=True)
        quiet = {"checkForUpdates": False, "fetchNews": "false"}
        (settings / "notification.jupyterlab-settings").write_text(json.dumps(quiet))

    def token(self, name: str, scopes: list[str] | None = None) -> str:
        """A new token with which this person may do whatever they may do, or what these scopes let them."""
        wanted = {} if scopes is None else {"scopes": scopes}
        token: str = self._ask("POST", f"users/{name}/tokens", json=wanted)["token"]
        return token

    def server_token(self, owner: str) -> str:
        """The token of somebody's running server, as its kernels can read it."""
        for process in psutil.Process(self._process.pid).children(recursive=True):
            environ = process.environ()
            if environ.get("JUPYTERHUB_USER") == owner:
                return str(environ["JUPYTERHUB_API_TOKEN"])
        raise AssertionError(f"{owner} has no server")

    def start_server(self, owner: str) -> None:
        """Start somebody's server and wait until it is ready."""
        self._ask("POST", f"users/{owner}/server", json={})
        self._until(lambda: self._ask("GET", f"users/{owner}")["servers"].get("", {}).get("ready", False))

    def write(self, owner: str, name: str, source: str = "1 + 1") -> str:
        """Put a notebook with one cell into somebody's home."""
        cell = nbformat.v4.new_code_cell(source, id="cell-1")
        nbformat.write(nbformat.v4.new_notebook(cells=[cell], metadata=METADATA), self._folder / owner / name)
        return name

    def share(self, owner: str, friend: str) -> None:
        """The owner lets a friend use their server."""
        share = {"user": friend, "scopes": [f"access:servers!server={owner}/"]}
        self._ask("POST", f"shares/{owner}/", token=self.token(owner), json=share)

    def unshare(self, owner: str, friend: str) -> None:
        """The owner takes that back."""
        self._ask("PATCH", f"shares/{owner}/", token=self.token(owner), json={"user": friend})

    def _ask(self, method: str, path: str, *, token: str | None = None, **options: Any) -> Any:
        headers = {"Authorization": f"token {token or self._token}"}
        answer = requests.request(method, f"{self.url}hub/api/{path}", headers=headers, timeout=STARTED_S, **options)
        assert answer.ok, f"{method} {path}: {answer.status_code} {answer.text}\n{self.log}"
        return answer.json() if answer.content else None

    def _until(self, happened: Any) -> None:
        deadline = time.monotonic() + STARTED_S
        while True:
            try:
                if happened():
                    return
            except requests.ConnectionError:
                pass
            assert self._process.poll() is None and time.monotonic() < deadline, self.log
            time.sleep(0.3)
