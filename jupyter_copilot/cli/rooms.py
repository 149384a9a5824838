"""`jupyter copilot rooms`: the notebooks that have a room."""

from __future__ import annotations

import json
from argparse import ArgumentParser, Namespace
from datetime import datetime

from .command import Command
from .servers import add_server_arguments, server_for
from .terminal import inline, say


def add_arguments(parser: ArgumentParser) -> None:
    """The options of the command."""
    parser.add_argument("--json", action="store_true", help="print JSON")
    add_server_arguments(parser)


def run(arguments: Namespace) -> int:
    """Print one line for each room, the latest used first."""
    rooms = server_for(arguments).get("api/copilot/rooms")["rooms"]
    if arguments.json:
        print(json.dumps(rooms))
        return 0
    if not rooms:
        say("No notebook has a room yet. Open one, and ask something in the sidebar.")
        return 0
    width = max(len(inline(room["path"])) for room in rooms)
    for room in sorted(rooms, key=lambda room: -int(room["updated_at"])):
        used = datetime.fromtimestamp(room["updated_at"] / 1000).strftime("%Y-%m-%d %H:%M")
        pending = f", {room['pending']} to decide" if room["pending"] else ""
        state = "working" if room["busy"] else "quiet"
        counts = f"{room['records']:>6} records  {room['here']} here, {state}{pending}"
        say(f"{inline(room['path']):<{width}}  {used}  {counts}")
    return 0


ROOMS = Command(name="rooms", help="List the notebooks that have a room.", add_arguments=add_arguments, run=run)
