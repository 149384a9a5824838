"""`jupyter copilot hub`: the rooms as a managed service of a JupyterHub, which starts this command."""

from __future__ import annotations

import os
from argparse import ArgumentParser, Namespace
from pathlib import Path

from ...protocol.errors import CopilotError
from ..command import Command


class NotStartedByHub(CopilotError):
    """The command was not started as a service."""

    code = "not_started_by_hub"


def add_arguments(parser: ArgumentParser) -> None:
    """The options of the command."""
    parser.add_argument(
        "--root", type=Path, default=Path(), help="the shared folder whose notebooks have rooms; the current one"
    )
    parser.add_argument(
        "settings", nargs="*", help="after --, settings of the server, such as --CopilotApp.max_steps=20"
    )


def run(arguments: Namespace) -> int:
    """Become the service; returns when the Hub stops it. Raises `NotStartedByHub` outside of a Hub."""
    if "JUPYTERHUB_SERVICE_PREFIX" not in os.environ:
        raise NotStartedByHub(
            "This is a service that a JupyterHub starts.", hint="See docs/hub.md for the lines of its configuration."
        )
    if not arguments.root.is_dir():
        raise NotADirectoryError(20, "Not a folder", str(arguments.root))
    from ...server.hub.service import serve

    serve(arguments.root, arguments.settings)
    return 0


HUB = Command(
    name="hub", help="Serve the rooms as a service of a JupyterHub.", add_arguments=add_arguments, run=run
)  # fmt: skip
