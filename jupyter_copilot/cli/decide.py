"""`jupyter copilot decide NOTEBOOK`: see what waits for people, and decide what was seen."""

from __future__ import annotations

import asyncio
import json
import sys
from argparse import ArgumentParser, Namespace
from typing import Any

from ..client import Client, connect
from ..core import state as s
from ..protocol.errors import CopilotError
from .card import print_card
from .command import Command
from .servers import add_server_arguments, server_for
from .terminal import Terminal, as_json, inline


def add_arguments(parser: ArgumentParser) -> None:
    """The options of the command."""
    parser.add_argument("notebook", help="the notebook's path")
    parser.add_argument("option", nargs="?", help="the option to choose, such as approve or deny; without it, list")
    parser.add_argument("--id", dest="confirmation", help="which confirmation; needed when several wait")
    parser.add_argument("--hash", dest="args_hash", help="what was seen, as listed; needed where nobody can be asked")
    parser.add_argument("--comment", default="", help="why, for the people and the model")
    parser.add_argument("--json", action="store_true", help="print JSON: what waits, or what was decided")
    parser.add_argument("--value", help="the answer to a form, as JSON")
    add_server_arguments(parser)


def run(arguments: Namespace) -> int:
    """List what waits, or decide one; a late decision says who was first."""
    server = server_for(arguments, arguments.notebook)
    client = connect(server.url, server.path_of(arguments.notebook), server.token, surface="cli")
    return asyncio.run(decide(client, arguments))


async def decide(client: Client, arguments: Namespace) -> int:
    """Raises `Rejected` with who decided, when somebody was first, or when it changed since it was seen."""
    terminal = Terminal()
    async with client:
        state = await client.live()
        waiting = list(s.open_confirmations(state))
        if arguments.option is None and arguments.json:
            print(as_json([_plain(opened, state) for opened in waiting]))
            return 0
        if arguments.option is None:
            for opened in waiting:
                print_card(terminal, opened, state)
            if not waiting:
                terminal.line("Nothing waits for a decision.")
            return 0
        value = _value(arguments.value)
        confirmation_id, args_hash = arguments.confirmation, arguments.args_hash
        if confirmation_id is None or args_hash is None:
            if not (sys.stdin.isatty() and sys.stdout.isatty()):
                raise CopilotError(
                    "Without a terminal, a decision names what it decides: --id and --hash.",
                    hint="Run without an option to list both.",
                )
            opened = _chosen(waiting, confirmation_id, args_hash)
            print_card(terminal, opened, state)
            if not await _agreed(arguments.option, arguments.value):
                terminal.line("Nothing was decided.")
                return 1
            confirmation_id, args_hash = opened.confirmation_id, opened.args_hash
        await client.decide(
            confirmation_id, arguments.option, args_hash=args_hash, comment=arguments.comment, value=value
        )  # fmt: skip
        if arguments.json:
            print(json.dumps({"confirmation_id": confirmation_id, "option": arguments.option}))
        else:
            terminal.line(f"Decided: {inline(arguments.option)}.")
    return 0


def _plain(opened: s.Open, state: s.RoomState) -> dict[str, Any]:
    """What waits, and the call that it is about."""
    return {"confirmation": opened, "call": state.calls.get(opened.call_id or "")}


def _chosen(waiting: list[s.Open], confirmation_id: str | None, args_hash: str | None) -> s.Open:
    """The one that waits and fits what was given."""
    fitting = [
        opened
        for opened in waiting
        if confirmation_id in (None, opened.confirmation_id) and args_hash in (None, opened.args_hash)
    ]
    if len(fitting) == 1:
        return fitting[0]
    if fitting:
        raise CopilotError(f"{len(fitting)} confirmations wait.", hint="Run without an option to list them; use --id.")
    raise CopilotError("Nothing waits for a decision." if not waiting else "What waits is something else.",
                       hint="Run without an option to list it." if waiting else "")  # fmt: skip


async def _agreed(option: str, value: str | None) -> bool:
    """Ask the person at the terminal, below the card that was printed."""
    with_value = "" if value is None else f" with the answer {inline(value)}"
    sys.stdout.write(f"Decide “{inline(option)}”{with_value}? [y/N] ")
    sys.stdout.flush()
    answer = await asyncio.to_thread(sys.stdin.readline)
    return answer.strip().casefold() in ("y", "yes")


def _value(text: str | None) -> Any:
    if text is None:
        return None
    try:
        return json.loads(text)
    except ValueError as error:
        raise CopilotError(f"--value is not JSON: {error}.", hint="""For example: --value '{"rows": 3}'""") from None


DECIDE = Command(
    name="decide", help="List what waits for a decision, or decide it.", add_arguments=add_arguments, run=run
)
