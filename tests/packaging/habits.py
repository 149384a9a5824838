"""What somebody does with Jupyter every day, and everything about it that can be compared."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

from jupyter_client.blocking.client import BlockingKernelClient
from msgspec import Struct

from .environment import Environment, Server

OURS = re.compile(r"jupyter[_-](collaborative[_-])?copilot")
NOTEBOOK: dict[str, Any] = {
    "nbformat": 4,
    "nbformat_minor": 5,
    "metadata": {"kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"}},
    "cells": [
        {"id": "one", "cell_type": "markdown", "metadata": {"tags": ["kept"]}, "source": "# Rain\n\nin *Berlin*"},
        {"id": "two", "cell_type": "code", "metadata": {}, "source": "1 + 1", "outputs": [], "execution_count": None},
    ],
}
CELL = """\
print("out")
get_ipython().history_manager.enabled, sorted(get_ipython().magics_manager.magics["line"]), In
"""
ENVIRONMENT = "import json, os; print(json.dumps(dict(os.environ)))"
OF_ONE_PROCESS = {"JPY_PARENT_PID", "JPY_SESSION_NAME"}


class Habits(Struct):
    """What came of a day's work."""

    saved: bytes
    executed: list[tuple[str, Any]]
    console_environment: dict[str, str]
    kernelspecs: Any
    server_extensions: list[str]
    labextensions: list[str]
    pages: dict[str, list[str]]


def habits_of(environment: Environment) -> Habits:
    """Save a notebook, run a cell, open a console and look around, as one does with a fresh server."""
    with environment.server() as server:
        server.ask("PUT", "api/contents/rain.ipynb", {"type": "notebook", "format": "json", "content": NOTEBOOK})
        executed = run_in_session(environment, server, "rain.ipynb", "notebook", CELL)
        console = run_in_session(environment, server, "console-1", "console", ENVIRONMENT)
        kernelspecs = server.ask("GET", "api/kernelspecs").json()
        pages = {path: extensions_of(server, path) for path in ("lab", "tree", "notebooks/rain.ipynb")}
    (printed,) = [content["text"] for kind, content in console if kind == "stream"]
    variables = json.loads(printed)
    return Habits(
        saved=(environment.home / "rain.ipynb").read_bytes(),
        executed=executed,
        console_environment={name: variables[name] for name in variables.keys() - OF_ONE_PROCESS},
        kernelspecs=kernelspecs,
        server_extensions=others(environment.run("jupyter", "server", "extension", "list")),
        labextensions=others(environment.run("jupyter", "labextension", "list")),
        pages=pages,
    )


def others(listed: str) -> list[str]:
    """The lines of a list of extensions that are not about us, nor about how long an import took."""
    return [line for line in listed.splitlines() if not OURS.search(line) and " took " not in line]


def extensions_of(server: Server, path: str) -> list[str]:
    """The extensions that a page of Lab or of Notebook 7 loads besides ours."""
    page = server.ask("GET", path).text
    found = re.search(r'id="jupyter-config-data" type="application/json">(.*?)</script>', page, re.DOTALL)
    assert found is not None, page
    names = [each["name"] for each in json.loads(found[1])["federated_extensions"]]
    return [name for name in names if not OURS.search(name)]


def run_in_session(
    environment: Environment, server: Server, path: str, kind: str, code: str
) -> list[tuple[str, dict[str, Any]]]:
    """Run code in a new kernel, as a front end does; returns what the kernel said to everybody, in order."""
    session = server.ask(
        "POST", "api/sessions", {"path": path, "name": path, "type": kind, "kernel": {"name": "python3"}}
    ).json()
    client = BlockingKernelClient()
    client.load_connection_file(str(connection_file(environment, session["kernel"]["id"])))
    client.start_channels(hb=False)  # a heartbeat late by a second is no dead kernel
    said: list[tuple[str, dict[str, Any]]] = []
    try:
        client.wait_for_ready(timeout=60)
        client.execute_interactive(
            code, timeout=60, output_hook=lambda message: said.append((message["msg_type"], message["content"]))
        )
    finally:
        client.stop_channels()
    server.ask("DELETE", f"api/sessions/{session['id']}")
    return said


def connection_file(environment: Environment, kernel_id: str) -> Path:
    return environment.home / ".local" / "share" / "jupyter" / "runtime" / f"kernel-{kernel_id}.json"
