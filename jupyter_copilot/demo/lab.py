"""JupyterLab with the example notebook, in this process, until Ctrl-C or SIGTERM."""

from __future__ import annotations

import logging
import os
import secrets
import signal
import sys
import tempfile
import threading
from argparse import Namespace
from contextlib import ExitStack
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from typing_extensions import assert_never

from .choice import Choice, Configured, Demo, Ollama, choose, demo_endpoint, find_ollama_models, ollama_endpoint
from .place import Place
from .process import DemoModel
from .server import LABEL


def run(arguments: Namespace) -> int:
    """Serve until Ctrl-C or SIGTERM; whatever was started ends with it."""
    folder = arguments.dir or Path(tempfile.mkdtemp(prefix="copilot-demo-"))
    place = Place(root=folder.expanduser().resolve())
    token = arguments.token or secrets.token_urlsafe(24)
    choice = choose(os.environ, find_ollama_models)
    with ExitStack() as started:
        place.prepare(_endpoints(choice, started))
        print("Starting JupyterLab …", flush=True)
        server = _server(place, arguments.port, token, open_browser=not arguments.no_browser)
        url = f"http://127.0.0.1:{server.port}{place.page}?token={token}"
        _end_on_signals(server)
        # Once the loop runs, it first binds the port, and then says so.
        server.io_loop.add_callback(print, *_announcement(place, choice, url), sep="\n", flush=True)
        server.start()
    print(f"Stopped. Your notebook stays in {place.root}.", flush=True)
    _leave_at_once()
    return 0


def _leave_at_once() -> None:
    """End the process where others' threads would keep it: shared documents leave workers that wait for ever."""
    waiting = [t for t in threading.enumerate() if not t.daemon and t is not threading.main_thread()]
    if waiting:
        sys.stderr.flush()
        os._exit(0)


def _endpoints(choice: Choice, started: ExitStack) -> dict[str, Any]:
    """The configuration of the chosen model's server; the demo model is started here."""
    match choice:
        case Configured():
            return {}
        case Ollama(model):
            return ollama_endpoint(model)
        case Demo():
            running = started.enter_context(DemoModel())
            return demo_endpoint(running.url, running.token)
    assert_never(choice)


def _server(place: Place, port: int, token: str, *, open_browser: bool) -> Any:
    """JupyterLab's server in this process, listening on loopback."""
    # JupyterLab reads it while it is imported, so first of all: a person's own settings stay out of the demo.
    os.environ["JUPYTER_CONFIG_DIR"] = str(place.state)
    from jupyterlab.labapp import LabApp  # type: ignore[import-untyped]

    options = {
        "ServerApp.ip": "127.0.0.1",
        "ServerApp.port": port,
        "ServerApp.port_retries": 0,
        "ServerApp.open_browser": open_browser,
        "ServerApp.allow_root": True,
        "Application.log_level": "ERROR",
        "IdentityProvider.token": token,
    }
    return LabApp.initialize_server([f"--{name}={value}" for name, value in options.items()])


def _end_on_signals(server: Any) -> None:
    """Have Ctrl-C and SIGTERM end the server in order: connections, conversations and kernels first.

    Jupyter itself would ask on a terminal, and fall over elsewhere. A second signal ends it at once.
    """

    def end(number: int, frame: object) -> None:
        signal.signal(number, signal.SIG_DFL)
        # jupyter-server-ydoc leaves the traceback of a task behind when it ends before anybody opened a document.
        logging.getLogger("asyncio").setLevel(logging.CRITICAL)
        server.stop(from_signal=True)

    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, end)


def _announcement(place: Place, choice: Choice, url: str) -> list[str]:
    return [
        f"  notebook  {place.root / place.notebook}",
        f"  model     {_name(choice)}",
        f"  together  {_together()}",
        f"  open      {url}",
        "  stop      Ctrl-C",
    ]


def _name(choice: Choice) -> str:
    match choice:
        case Configured(label):
            return label
        case Ollama(model):
            return f"{model} of the Ollama on this machine"
        case Demo():
            return f"{LABEL}; set OPENAI_API_KEY or OPENAI_BASE_URL for a real one"
    assert_never(choice)


def _together() -> str:
    if find_spec("jupyter_server_ydoc") is None:
        return "the conversation is shared; pip install jupyter-collaboration shares the notebook's text too"
    return "open the address in a second window: notebook and conversation are shared"
