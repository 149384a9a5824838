"""`jupyter copilot changes NOTEBOOK`: what agents did to the cells of a notebook, and who allowed it."""

from __future__ import annotations

import json
from argparse import ArgumentParser, Namespace
from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

from ..client.transcribe import escaped
from .command import Command
from .servers import add_server_arguments, server_for
from .terminal import inline, pour, say

DONE = {
    "insert": "added",
    "edit": "edited",
    "delete": "deleted",
    "move": "moved",
    "retype": "changed the type of",
    "run": "ran",
}
HOW = {"running": "still running", "failed": "failed", "unknown": "nobody knows how it ended"}


def add_arguments(parser: ArgumentParser) -> None:
    """The options of the command."""
    parser.add_argument("notebook", help="the notebook's path")
    parser.add_argument("--format", choices=["text", "markdown", "json", "csv"], default="text")
    parser.add_argument("-o", "--output", type=Path, help="the file to write; without it, standard output")
    add_server_arguments(parser)


def run(arguments: Namespace) -> int:
    """Write a line for each cell of each call that was begun, oldest first."""
    server = server_for(arguments, arguments.notebook)
    path = server.path_of(arguments.notebook)
    if arguments.format == "csv":
        text = str(server.notebook(path, "/changes?format=csv", raw=True))
    else:
        changes = server.notebook(path, "/changes")["changes"]
        text = "".join(f"{line}\n" for line in _lines(path, changes, arguments.format))
    if arguments.output is None:
        pour(text)
    else:
        arguments.output.write_text(text, encoding="utf-8")
        say(f"Wrote {arguments.output}.", error=True)
    return 0


def _lines(path: str, changes: Sequence[Mapping[str, Any]], format: str) -> list[str]:
    match format:
        case "json":
            return [json.dumps(changes, indent=2)]
        case "markdown":
            head = ["| When | What | For | Allowed by | How it ended |", "| --- | --- | --- | --- | --- |"]
            return [*head, *("| " + " | ".join(map(escaped, _cells(each))) + " |" for each in changes)]
        case _ if not changes:
            return [f"No agent has changed or run a cell of {inline(path)}."]
        case _:
            return [_line(*_cells(each)) for each in changes]


def _cells(change: Mapping[str, Any]) -> tuple[str, str, str, str, str]:
    what = f"{change['agent']} {DONE.get(change['action'], change['action'])} {change['label'] or change['cell_id']}"
    allowed = change["allowed_by"] or "nobody had to"
    if change["allowed"] == "rule":
        allowed = f"a rule of {change['allowed_by']}"
    ended = [HOW.get(change["outcome"], "done")]
    if change["edited"]:
        allowed += ", with edits"
    if change["undone_at"] is not None:
        ended.append(f"taken back by {change['undone_by']} {_time(change['undone_at'])}")
    return _time(change["at"]), what, change["requested_by"], allowed, ", ".join(ended)


def _line(when: str, what: str, requester: str, allowed: str, ended: str) -> str:
    return inline(f"{when}  {what} for {requester} · allowed by {allowed} · {ended}")


def _time(at: int) -> str:
    return datetime.fromtimestamp(at / 1000).strftime("%Y-%m-%d %H:%M")


CHANGES = Command(
    name="changes", help="List what agents did to a notebook's cells.", add_arguments=add_arguments, run=run
)
