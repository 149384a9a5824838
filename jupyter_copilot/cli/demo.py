"""`jupyter copilot demo`: JupyterLab with an example notebook, the sidebar open, and a model that answers."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace
from importlib.util import find_spec
from pathlib import Path

from ..protocol.errors import CopilotError
from .command import Command

NEEDED = {
    "jupyter_copilot.demo": "jupyter-collaborative-copilot-demo",
    "jupyterlab": "jupyterlab",
    "ipykernel": "ipykernel",
    "pandas": "pandas",
    "matplotlib": "matplotlib",
}
"""The modules that it is made of, and who brings each."""


def add_arguments(parser: ArgumentParser) -> None:
    """The options of the command."""
    parser.add_argument("--port", type=int, default=0, help="the port to listen on; a free one without it")
    parser.add_argument("--no-browser", action="store_true", help="only print the address, and open no browser")
    parser.add_argument("--dir", type=Path, help="the folder for the notebook; a new temporary one without it")
    parser.add_argument("--token", help="the token to sign in with; a random one without it")


def run(arguments: Namespace) -> int:
    """Serve until Ctrl-C or SIGTERM; raises `CopilotError` where the demo is not installed."""
    missing = [brought for module, brought in NEEDED.items() if find_spec(module) is None]
    if missing:
        raise CopilotError(
            f"The demo needs {', '.join(missing)}.",
            hint="Run: pip install 'jupyter-collaborative-copilot[demo]'",
        )
    # Not in the package's own wheel.
    from ..demo.lab import run as serve

    return serve(arguments)


DEMO = Command(
    name="demo",
    help="Open JupyterLab with an example notebook, the copilot, and, without a key, a demo model.",
    add_arguments=add_arguments,
    run=run,
)
