"""`jupyter copilot decide NOTEBOOK`: see what waits for people, and decide it."""

from __future__ import annotations

import asyncio
import json
from argparse import ArgumentParser, Namespace
from typing import Any

from ..client import Client, connect
from ..core import state as s
from ..protocol.errors import CopilotError
from .command import Command
from .servers import add_server_arguments, server_for


def add_arguments(parser: ArgumentParser) -> None:
    """The options of the command."""
    parser.add_argument("notebook", help="the notebook's path")
    parser.add_argument("option", nargs="?", help="the option to choose, such as approve or deny; without it, list")
    parser.add_argument("--id", dest="confirmation", help="which confirmation; needed when several wait")
    parser.add_argument("--comment", default="", help="why, for the people and the model")
    parser.add_argument("--value", help="the answer to a form, as JSON")
    add_server_arguments(parser)


def run(arguments: Namespace) -> int:
    """List what waits, or decide one; a late decision says who was first."""
    server = server_for(arguments, arguments.notebook)
    client = connect(server.url, server.path_of(arguments.notebook), server.token, surface="cli")
    return asyncio.run(decide(client, arguments))


async def decide(client: Client, arguments: Namespace) -> int:
    """Raises `Rejected` with who decided, when somebody was first."""
    async with client:
        state = await client.live()
        waiting = list(s.open_confirmations(state))
        if arguments.option is None:
            for opened in waiting:
                print(_shown(opened, state))
            if not waiting:
                print("Nothing waits for a decision.")
            return 0
        confirmation_id = arguments.confirmation or _the_only(waiting)
        await client.decide(
            confirmation_id, arguments.option, comment=arguments.comment, value=_value(arguments.value)
        )  # fmt: skip
        print(f"Decided: {arguments.option}.")
    return 0


def _the_only(waiting: list[s.Open]) -> str:
    if len(waiting) == 1:
        return waiting[0].confirmation_id
    if not waiting:
        raise CopilotError("Nothing waits for a decision.")
    raise CopilotError(f"{len(waiting)} confirmations wait.", hint="Run without an option to list them; use --id.")


def _value(text: str | None) -> Any:
    if text is None:
        return None
    try:
        return json.loads(text)
    except ValueError as error:
        raise CopilotError(f"--value is no JSON: {error}.", hint="""For example: --value '{"rows": 3}'""") from None


def _shown(opened: s.Open, state: s.RoomState) -> str:
    """What a person needs to decide: what would happen, and the options."""
    lines = [f"{opened.title}   asked by {opened.opened_by.name}", f"  id       {opened.confirmation_id}"]
    if opened.body:
        lines.append(f"  {opened.body}")
    call = state.calls.get(opened.call_id) if opened.call_id is not None else None
    if call is not None:
        for cell in call.preview.cells:
            lines += [f"  {cell.action} {cell.label or cell.cell_id}"]
            lines += [f"    - {line}" for line in (cell.before or "").splitlines() if cell.before != cell.after]
            lines += [f"    + {line}" for line in (cell.after or "").splitlines()]
        lines += [f"    {line}" for line in (call.preview.code or "").splitlines()]
    lines.append("  options  " + ", ".join(f"{option.id} ({option.label})" for option in opened.options))
    return "\n".join(lines)


DECIDE = Command(
    name="decide", help="List what waits for a decision, or decide it.", add_arguments=add_arguments, run=run
)
