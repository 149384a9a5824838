"""JupyterLab, or Jupyter Notebook, as a real process that a test can kill and start again."""

from __future__ import annotations

import json
import os
import platform
import signal
import socket
import ssl
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.error import HTTPError
from urllib.parse import quote
from urllib.request import Request, urlopen
from uuid import uuid4

import nbformat

from ..patience import scaled

ROOT = Path(__file__).resolve().parents[2]
TOKEN = "secret"
STARTED_S = scaled(60.0)
ENDED_S = scaled(20.0)
# As JupyterLab writes it, so that opening a notebook changes nothing.
METADATA = {
    "kernelspec": {"name": "python3", "display_name": "Python 3 (ipykernel)", "language": "python"},
    "language_info": {
        "name": "python",
        "version": platform.python_version(),
        "mimetype": "text/x-python",
        "codemirror_mode": {"name": "ipython", "version": 3},
        "pygments_lexer": "ipython3",
        "nbconvert_exporter": "python",
        "file_extension": ".py",
    },
}
NO_MODEL = ("OPENAI_", "AZURE_OPENAI_", "JUPYTER")


class Lab:
    """A Jupyter server with a folder of its own; after `kill` it starts again on the same port and store.

    `command` is `lab` or `notebook`; `environ` or `config` say which model answers; with `rtc` notebooks are shared
    documents. A server `beside` another one has its folder of notebooks and its store. With a `certificate`, whose
    file holds its key too, everything goes over HTTPS. In a `with` statement it starts and stops by itself.
    """

    def __init__(
        self,
        folder: Path,
        environ: dict[str, str],
        *,
        rtc: bool,
        command: str = "lab",
        config: dict[str, Any] | None = None,
        page_config: dict[str, Any] | None = None,
        beside: Lab | None = None,
        certificate: Path | None = None,
        host: str = "127.0.0.1",
    ) -> None:
        self.files: Path = beside.files if beside else folder / "files"
        self._store: Path = beside._store if beside else folder / "rooms.sqlite3"
        self._folder = folder
        self._environ = environ
        self._rtc = rtc
        self._command = command
        self._certificate = certificate
        self._host = host
        self.port = free_port()
        self._process: subprocess.Popen[bytes] | None = None
        # To look whether it wants to be built costs JupyterLab half a second at each load.
        self._configure(config or {}, {"buildCheck": False, **(page_config or {})})

    def __enter__(self) -> Lab:
        try:
            self.start()
        except BaseException:
            self.stop()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    @property
    def url(self) -> str:
        """The server's address, with a slash at the end."""
        return f"{'https' if self._certificate else 'http'}://{self._host}:{self.port}/"

    @property
    def log(self) -> str:
        """What the server printed so far."""
        return (self._folder / "server.log").read_text()

    def write(self, name: str, *cells: str, metadata: dict[str, Any] = METADATA) -> str:
        """Put a notebook with these code cells into the folder; their ids are `cell-1`, `cell-2`, …"""
        made = [nbformat.v4.new_code_cell(source, id=f"cell-{n}") for n, source in enumerate(cells, 1)]
        notebook = nbformat.v4.new_notebook(cells=made, metadata=metadata)
        nbformat.write(notebook, self.files / name)
        return name

    def read(self, name: str) -> Any:
        """The notebook as it is on disk."""
        return nbformat.read(self.files / name, as_version=4)

    def start(self) -> None:
        """Start, and wait until it answers."""
        folders = {f"JUPYTER_{kind}_DIR": str(self._folder / kind.lower()) for kind in ("CONFIG", "DATA", "RUNTIME")}
        clean = {name: value for name, value in os.environ.items() if not name.startswith(NO_MODEL)}
        more = [self._environ.get("PYTHONPATH"), clean.get("PYTHONPATH")]
        python_path = os.pathsep.join(filter(None, [str(ROOT), *more]))
        # Without Node, as most people have it: JupyterLab asks one twice about npm before it starts, for half a second.
        path = str(Path(sys.executable).parent)
        # The shared documents' history is kept where the server runs.
        with open(self._folder / "server.log", "ab") as log:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "jupyter", self._command, *self._options()],
                cwd=self._folder,
                env={**clean, **folders, **self._environ, "PATH": path, "PYTHONPATH": python_path},
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        self._until_it_answers()

    def kill(self) -> None:
        """End it with SIGKILL, as a crash does; its kernels notice and end by themselves."""
        assert self._process is not None
        self._process.kill()
        self._process.wait()

    @contextmanager
    def frozen(self) -> Iterator[None]:
        """Stop the process within: what people send meanwhile arrives all at once afterwards."""
        assert self._process is not None
        self._process.send_signal(signal.SIGSTOP)
        try:
            yield
        finally:
            self._process.send_signal(signal.SIGCONT)

    def stop(self) -> None:
        """End it in order, with everything that it started."""
        assert self._process is not None
        self._process.send_signal(signal.SIGTERM)
        try:
            self._process.wait(ENDED_S)
        except subprocess.TimeoutExpired:
            self.kill()

    def get(self, path: str) -> Any:
        """The JSON that the server answers to a GET."""
        return self._request(path)

    def records(self, notebook: str) -> list[Any]:
        """All records of a notebook's room."""
        found: list[Any] = self.get(f"api/copilot/notebooks/{quote(notebook)}/records?after=0")["records"]
        return found

    def events(self, notebook: str, kind: str) -> list[Any]:
        """The events of one type in a notebook's room."""
        return [record["event"] for record in self.records(notebook) if record["event"]["type"] == kind]

    def post(self, notebook: str, command: dict[str, Any]) -> None:
        """Send a command to a notebook's room, as somebody with the token."""
        body = json.dumps({"command_id": uuid4().hex, "command": command}).encode()
        self._request(f"api/copilot/notebooks/{quote(notebook)}/commands", body)

    def until(self, notebook: str, happened: Callable[[list[Any]], bool]) -> None:
        """Wait until this is true of the events of a notebook's room."""
        events: list[Any] = []
        path = f"api/copilot/notebooks/{quote(notebook)}/records?after=0"
        with self._open(path, accept="text/event-stream") as stream:
            while not happened(events):
                line = stream.readline()
                assert line, f"The stream ended after {events}\n{self.log}"
                if line.startswith(b"data: "):
                    events.append(json.loads(line.removeprefix(b"data: "))["event"])

    def _configure(self, config: dict[str, Any], page_config: dict[str, Any]) -> None:
        # Only tests that are about it want requests of their typing.
        config = {**config, "CopilotApp": {"inline_completion": "off", **config.get("CopilotApp", {})}}
        for name in ("files", "config/labconfig", "data", "runtime"):
            (self._folder / name).mkdir(parents=True)
        (self._folder / "config/jupyter_server_config.json").write_text(json.dumps(config))
        (self._folder / "config/labconfig/page_config.json").write_text(json.dumps(page_config))
        self.prefer("@jupyterlab/apputils-extension:notification", checkForUpdates=False, fetchNews="false")
        # Nor do tests that are not about it want to be told of what earlier ones left open.
        self.tell("off")

    def tell(self, way: str) -> None:
        """Where people are told of what waits elsewhere: pages that open from now on know it."""
        self.prefer("jupyter-collaborative-copilot:plugin", notifications=way)

    def prefer(self, plugin: str, **settings: Any) -> None:
        """These settings of a plugin, and no others: pages that open from now on know them."""
        package, name = plugin.split(":")
        folder = self._folder / "config/lab/user-settings" / package
        folder.mkdir(parents=True, exist_ok=True)
        (folder / f"{name}.jupyterlab-settings").write_text(json.dumps(settings))

    def _request(self, path: str, body: bytes | None = None) -> Any:
        with self._open(path, body) as answer:
            return json.load(answer)

    def _open(self, path: str, body: bytes | None = None, accept: str = "application/json") -> Any:
        headers = {"Authorization": f"token {TOKEN}", "Accept": accept}
        trusting = ssl.create_default_context()
        trusting.check_hostname, trusting.verify_mode = False, ssl.CERT_NONE
        return urlopen(Request(self.url + path, body, headers=headers), timeout=STARTED_S, context=trusting)

    def _options(self) -> list[str]:
        options = {
            "ServerApp.ip": self._host,
            "ServerApp.port": self.port,
            "ServerApp.port_retries": 0,
            "ServerApp.open_browser": False,
            "ServerApp.allow_root": True,
            "ServerApp.root_dir": self.files,
            "ServerApp.identity_provider_class": "tests.browser.identity.NamedPeople",
            "IdentityProvider.token": TOKEN,
            "LabApp.expose_app_in_browser": True,
            "LanguageServerManager.autodetect": False,
            "CopilotApp.store_path": self._store,
            "YDocExtension.disable_rtc": not self._rtc,
        }
        if self._certificate:
            options["ServerApp.certfile"] = self._certificate
        return [f"--{name}={value}" for name, value in options.items()]

    def _until_it_answers(self) -> None:
        deadline = time.monotonic() + STARTED_S
        while True:
            try:
                self.get("api/copilot/status")
                return
            except HTTPError:
                raise AssertionError(self.log) from None
            except OSError:
                assert self._process is not None and self._process.poll() is None, self.log
                assert time.monotonic() < deadline, self.log
                time.sleep(0.1)


def free_port() -> int:
    """A port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def until_it_listens(port: int) -> None:
    """Wait until somebody listens on a port of this machine."""
    deadline = time.monotonic() + STARTED_S
    while True:
        try:
            socket.create_connection(("127.0.0.1", port)).close()
            return
        except OSError:
            assert time.monotonic() < deadline
            time.sleep(0.1)
