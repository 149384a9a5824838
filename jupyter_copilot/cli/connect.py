"""`jupyter copilot connect [NOTEBOOK]`: let an agent from outside in, as a guest that proposes and never decides.

Without a notebook, the agent finds or makes one itself: it comes into those that it opens.
"""

from __future__ import annotations

import json
from argparse import ArgumentParser, Namespace
from datetime import datetime
from typing import Any

from ..protocol.errors import CopilotError
from .command import Command
from .servers import Server, add_server_arguments, server_for
from .terminal import inline, say


def add_arguments(parser: ArgumentParser) -> None:
    """The options of the command."""
    parser.add_argument("notebook", nargs="?", help="the notebook's path; without it, the agent opens notebooks itself")
    parser.add_argument("--name", help="what people are to call the agent (default: that of --client)")
    parser.add_argument("--client", help="print the lines for this agent only: claude, codex, gemini, cursor, …")
    parser.add_argument("--read-only", action="store_true", help="let it read, and propose nothing")
    parser.add_argument("--days", type=float, default=30, help="for how long it may come in (default: 30)")
    parser.add_argument("--thread", help="the thread's id; without it, the guest gets a thread of its own")
    parser.add_argument("--list", action="store_true", help="list the guests of the notebook instead")
    parser.add_argument("--revoke", metavar="GUEST", help="send this guest away instead; its token is void at once")
    parser.add_argument("--json", action="store_true", help="print JSON")
    add_server_arguments(parser)


def run(arguments: Namespace) -> int:
    """Let a guest in and print how to connect it, list the guests, or send one away."""
    server = server_for(arguments, arguments.notebook)
    if arguments.notebook is None:
        return _pass(server, arguments)
    path = server.path_of(arguments.notebook)
    if arguments.list:
        return _list(server, path, as_json=arguments.json)
    if arguments.revoke:
        return _revoke(server, path, arguments.revoke, as_json=arguments.json)
    return _connect(server, path, arguments)


def _connect(server: Server, path: str, arguments: Namespace) -> int:
    wanted = _wanted(arguments)
    if arguments.thread:
        wanted["thread_id"] = arguments.thread
    told = server.post(f"api/copilot/notebooks/{server.quoted(path)}/guests", wanted)
    until = datetime.fromtimestamp(told["expires_at"] / 1000).strftime("%Y-%m-%d")
    greeting = f"{inline(wanted['name'])} may come into {inline(path)} until {until}, as guest {told['guest_id']}."
    return _tell(server, told, greeting, ("guest_id", "token", "thread_id", "expires_at"), arguments)


def _wanted(arguments: Namespace) -> dict[str, Any]:
    scope = "read" if arguments.read_only else "propose"
    name = arguments.name or _NAMES.get(arguments.client, "Agent")
    return {"scope": scope, "days": arguments.days, "name": name}


def _tell(
    server: Server, told: dict[str, Any], greeting: str, shown: tuple[str, ...], arguments: Namespace
) -> int:  # fmt: skip
    url = server.url.rstrip("/") + "/" + told["address"]
    clients = [
        {**each, "text": each["text"].replace("{url}", url).replace("{token}", told["token"])}
        for each in told["clients"]
        if arguments.client in (None, each["id"])
    ]
    if not clients:
        known = ", ".join(each["id"] for each in told["clients"])
        raise CopilotError(f"There are no lines for {arguments.client!r}.", hint=f"Known are: {known}.")
    if arguments.json:
        print(json.dumps({**{key: told[key] for key in shown}, "url": url, "clients": clients}))
        return 0
    say(greeting)
    say("It reads and proposes; people decide in the notebook. The token is shown this once: keep it to yourself.")
    for each in clients:
        where = f", in {each['where']}" if each["where"] else ""
        say(f"\n{each['name']}{where}:\n{each['text']}")
    return 0


def _pass(server: Server, arguments: Namespace) -> int:
    """The same for an agent that starts from no notebook."""
    if arguments.list:
        passes = server.get("api/copilot/passes")["passes"]
        if arguments.json:
            print(json.dumps(passes))
        for each in passes if not arguments.json else ():
            used = "never used" if each["used_at"] is None else f"last used {_day(each['used_at'])}"
            say(f"{each['pass_id']}  {inline(each['name'])}, guest of {inline(each['made_by'])}: {each['scope']}, "
                f"{each['notebooks']} notebooks, {used}, until {_day(each['expires_at'])}")  # fmt: skip
        return 0
    if arguments.revoke:
        server.delete(f"api/copilot/passes/{server.quoted(arguments.revoke)}")
        return _revoked(arguments.revoke, as_json=arguments.json)
    wanted = _wanted(arguments)
    told = server.post("api/copilot/passes", wanted)
    greeting = f"{inline(wanted['name'])} may open notebooks here as long as this server runs, as {told['pass_id']}."
    return _tell(server, told, greeting, ("pass_id", "token", "expires_at"), arguments)


_NAMES = {"claude": "Claude Code", "codex": "Codex", "gemini": "Gemini CLI", "cursor": "Cursor", "vscode": "VS Code"}


def _list(server: Server, path: str, *, as_json: bool) -> int:
    guests = list(server.notebook(path)["state"]["guests"].values())
    if as_json:
        print(json.dumps([{key: each[key] for key in each if key != "digest"} for each in guests]))
        return 0
    if not guests:
        say("No agent from outside may come in here. `jupyter copilot connect NOTEBOOK` lets one in.")
    for each in guests:
        used = "never used" if each["used_at"] is None else f"last used {_day(each['used_at'])}"
        of = each["admitted_by"]["name"]
        say(f"{each['guest_id']}  {inline(each['name'])}, guest of {inline(of)}: {each['scope']}, {used}, until "
            f"{_day(each['expires_at'])}")  # fmt: skip
    return 0


def _day(at: int) -> str:
    return datetime.fromtimestamp(at / 1000).strftime("%Y-%m-%d %H:%M")


def _revoke(server: Server, path: str, guest_id: str, *, as_json: bool) -> int:
    server.command(path, {"type": "revoke_guest", "guest_id": guest_id})
    return _revoked(guest_id, as_json=as_json)


def _revoked(guest_id: str, *, as_json: bool) -> int:
    if as_json:
        print(json.dumps({"revoked": guest_id}))
    else:
        say(f"The guest {inline(guest_id)} comes in no more.")
    return 0


CONNECT = Command(name="connect", help="Let an agent from outside in.", add_arguments=add_arguments, run=run)
