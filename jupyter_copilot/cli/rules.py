"""`jupyter copilot rules NOTEBOOK`: what may happen there without asking; grant a rule, revoke one, choose a mode."""

from __future__ import annotations

import asyncio
import re
from argparse import ArgumentParser, ArgumentTypeError, Namespace
from datetime import datetime

from .. import protocol as p
from ..client import Client, connect
from ..core import state as s
from ..core.permissions.wording import rule_words
from ..protocol.errors import CopilotError
from .command import Command
from .servers import add_server_arguments, server_for
from .terminal import as_json, inline, say

_UNITS = {"s": 1, "m": 60, "h": 3600, "d": 86400}
_MODES: dict[str, p.Mode] = {"plan": "plan", "ask": "ask", "edit": "auto_edit", "auto": "auto"}


def add_arguments(parser: ArgumentParser) -> None:
    """What is to be done, and to which rule or mode."""
    parser.add_argument("notebook", help="the notebook's path")
    parser.add_argument("action", nargs="?", default="list", choices=["list", "grant", "revoke", "mode"])
    parser.add_argument("what", nargs="?", help="the rule's id to revoke, or the mode: plan, ask, edit, auto")
    what = parser.add_argument_group("what a granted rule lets in: what fits all that is given")
    what.add_argument("--effect", choices=["read", "edit", "execute"], help="this effect, and the lesser ones")
    what.add_argument("--tool", help="this tool")
    what.add_argument("--server", help="tools of this MCP server")
    what.add_argument("--cell", action="append", default=[], help="the cell with this id; may be repeated")
    what.add_argument("--tag", action="append", default=[], help="cells with this tag; may be repeated")
    what.add_argument("--command", dest="code", help="exactly this code")
    what.add_argument("--pattern", help="code of this form, in which * is a part of one word")
    what.add_argument("--agent", action="append", default=[], help="calls of this agent; may be repeated")
    end = parser.add_argument_group("how long; without any of these, until it is revoked")
    end.add_argument("--for", dest="for_s", type=seconds, help="a time, such as 30m or 2h; for the mode Auto, too")
    end.add_argument("--uses", type=int, help="so many calls")
    end.add_argument("--thread", help="in the chat with this id; for a mode, which one (default: main)")
    parser.add_argument("--json", action="store_true", help="print JSON")
    add_server_arguments(parser)


def seconds(text: str) -> float:
    """A time such as `90s`, `30m`, `2h` or `1d`. Raises `ArgumentTypeError`."""
    found = re.fullmatch(r"(\d+(?:\.\d+)?)([smhd])", text)
    if found is None:
        raise ArgumentTypeError(f"{text!r} is no time; write 90s, 30m, 2h or 1d")
    return float(found[1]) * _UNITS[found[2]]


def run(arguments: Namespace) -> int:
    """Do it; the exit code is 1 when it is refused."""
    server = server_for(arguments, arguments.notebook)
    client = connect(server.url, server.path_of(arguments.notebook), server.token, surface="cli")
    return asyncio.run(rules(client, arguments))


async def rules(client: Client, arguments: Namespace) -> int:
    """Raises `Rejected` as the room refuses it."""
    async with client:
        state = await client.live()
        match arguments.action:
            case "list":
                _list(state, plain=arguments.json)
            case "grant":
                scope = p.RuleScope(
                    effect=arguments.effect,
                    tool=arguments.tool,
                    server=arguments.server,
                    cells=arguments.cell,
                    tags=arguments.tag,
                    command=arguments.code,
                    pattern=arguments.pattern,
                )
                thread_id = None if arguments.thread is None else p.ThreadId(arguments.thread)
                rule_id = await client.grant_rule(
                    scope,
                    agents=[p.AgentId(each) for each in arguments.agent],
                    for_s=arguments.for_s,
                    uses=arguments.uses,
                    thread_id=thread_id,
                )
                print(as_json({"rule_id": rule_id}) if arguments.json else rule_id)
            case "revoke":
                await client.end_rule(_named(arguments, "revoke which rule? Without an action, they are listed"))
            case "mode":
                mode = _MODES.get(_named(arguments, "choose plan, ask, edit or auto"))
                if mode is None:
                    raise CopilotError(f"There is no mode {arguments.what!r}.", hint="Choose plan, ask, edit or auto.")
                await client.set_mode(mode, thread_id=arguments.thread or p.MAIN_THREAD, for_s=arguments.for_s)
    return 0


def _named(arguments: Namespace, missing: str) -> str:
    if arguments.what is None:
        raise CopilotError("One more word is needed.", hint=f"{missing[0].upper()}{missing[1:]}.")
    return str(arguments.what)


def _list(state: s.RoomState, *, plain: bool) -> None:
    if plain:
        modes = {thread.thread_id: thread.mode for thread in state.threads.values()}
        print(as_json({"modes": modes, "rules": list(state.rules.values())}))
        return
    for rule in state.rules.values():
        until = "" if rule.until is None else f" until {datetime.fromtimestamp(rule.until / 1000):%Y-%m-%d %H:%M}"
        used = {0: "not used yet", 1: "used once"}.get(rule.used, f"used {rule.used} times")
        by = inline(rule.granted_by.name)
        say(f"{inline(rule.rule_id)}  {inline(rule_words(rule))}{until} · allowed by {by} · {used}")
    if not state.rules:
        say("No rules are in force.")


RULES = Command(
    name="rules", help="List, grant and revoke rules; choose a mode.", add_arguments=add_arguments, run=run
)  # fmt: skip
