"""`jupyter copilot export NOTEBOOK`: a room's whole history as JSON, Markdown or CSV."""

from __future__ import annotations

import json
import sys
from argparse import ArgumentParser, Namespace
from collections.abc import Iterator
from pathlib import Path

from .. import protocol as p
from ..client.transcribe import markdown
from .command import Command
from .servers import Server, add_server_arguments, server_for
from .terminal import pour, say

PAGE = 1000


def add_arguments(parser: ArgumentParser) -> None:
    """The options of the command."""
    parser.add_argument("notebook", help="the notebook's path")
    parser.add_argument(
        "--format", choices=["json", "markdown", "csv"], default="markdown", help="csv holds the decisions only"
    )
    parser.add_argument("-o", "--output", type=Path, help="the file to write; without it, standard output")
    add_server_arguments(parser)


def run(arguments: Namespace) -> int:
    """Write the export."""
    server = server_for(arguments, arguments.notebook)
    path = server.path_of(arguments.notebook)
    text = _export(server, path, arguments.format)
    if arguments.output is None:
        pour(text)
    else:
        arguments.output.write_text(text, encoding="utf-8")
        say(f"Wrote {arguments.output}.", error=True)
    return 0


def _export(server: Server, path: str, format: str) -> str:
    if format == "csv":
        return str(server.notebook(path, "/confirmations?format=csv", raw=True))
    records = list(all_records(server, path))
    if format == "json":
        plain = [json.loads(p.encode(record)) for record in records]
        return _written_out(json.dumps({"notebook": path, "records": plain}, indent=2, ensure_ascii=False)) + "\n"
    return "".join(markdown(records, path))


def _written_out(text: str) -> str:
    """The same JSON, in which every character that is not drawn is an escape: safe to look at, and the same to read."""
    return "".join(char if char == "\n" or char.isprintable() else json.dumps(char)[1:-1] for char in text)


def all_records(server: Server, path: str) -> Iterator[p.Record]:
    """Every record of the room, page by page; progress is told on a terminal."""
    after = 0
    while True:
        page = server.notebook(path, f"/records?after={after}&limit={PAGE}")
        for record in page["records"]:
            yield p.decode_record(json.dumps(record))
        if not page["records"]:
            return
        after = page["records"][-1]["seq"]
        if sys.stderr.isatty() and page["head"] > PAGE:
            print(f"\r{after} of {page['head']} records", end="", file=sys.stderr, flush=True)


EXPORT = Command(name="export", help="Write a room's whole history to a file.", add_arguments=add_arguments, run=run)
