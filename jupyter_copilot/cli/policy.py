"""`jupyter copilot policy`: check the administrator's policy file before a server reads it."""

from __future__ import annotations

import json
from argparse import ArgumentParser, Namespace
from pathlib import Path
from typing import Any

from .command import Command
from .terminal import say


def add_arguments(parser: ArgumentParser) -> None:
    """What is wanted, and of which file."""
    parser.add_argument("action", choices=["check", "schema"], help="check a file, or print its JSON schema")
    parser.add_argument("file", nargs="?", help="the policy file (TOML)")
    parser.add_argument("--json", action="store_true", help="print what the file lays down as JSON")


def run(arguments: Namespace) -> int:
    """Print what the file lays down; raises `PolicyError`, which says what is wrong and where."""
    import msgspec

    from ..server.permissions.policy_file import PolicyError, policy_schema, read_policy

    if arguments.action == "schema":
        print(json.dumps(policy_schema(), indent=2))
        return 0
    if arguments.file is None:
        raise PolicyError("Which file? Name it: jupyter copilot policy check FILE.")
    file = read_policy(Path(arguments.file))
    terms = file.terms()
    if arguments.json:
        print(json.dumps(msgspec.to_builtins(terms)))
        return 0
    say(f"Modes: {', '.join(terms.modes) if terms.modes is not None else 'all'}.")
    say("People may grant rules." if terms.rules else "Nobody may grant rules.")
    for entry in terms.entries:
        say(f"{'Always ask' if entry.then == 'ask' else 'Refuse'}: {_match(entry.match)}{_why(entry.because)}")
    for each in terms.deciders:
        who = ", ".join([*each.people, *each.groups]) or "anybody with the right"
        say(f"{each.needed} of {who} decide: {_match(each.match)}{_why(each.because)}")
    for name in ("models", "agents", "tools", "mcp_servers"):
        _say_allowed(name, getattr(file, name))
    for budget in file.budgets:
        limits = [f"{budget.tokens:,} tokens"] if budget.tokens is not None else []
        limits += [f"{budget.money:g} in money"] if budget.money is not None else []
        day = " a day" if budget.within else ""
        say(f"Budget of each {budget.per}: {', '.join(limits) or 'no limit'}{day}{_why(budget.because)}")
    for channel in file.channels:
        say(f"Channel {channel.name} ({channel.kind}): {', '.join(channel.notices)}")
    return 0


def _say_allowed(name: str, section: Any) -> None:
    """What a section leaves of its kind."""
    shown = "MCP servers" if name == "mcp_servers" else name.capitalize()
    if section.allowed is not None or section.refused:
        allowed = "all" if section.allowed is None else ", ".join(section.allowed) or "none"
        but = f", but not {', '.join(section.refused)}" if section.refused else ""
        say(f"{shown}: {allowed}{but}{_why(section.because)}")


def _match(match: object) -> str:
    import msgspec

    said = {name: value for name, value in msgspec.to_builtins(match).items() if value is not None}
    return ", ".join(f"{name} {value}" for name, value in said.items()) or "every call"


def _why(because: str) -> str:
    return f" ({because})" if because else ""


POLICY = Command(
    name="policy", help="Check the administrator's policy file.", add_arguments=add_arguments, run=run
)  # fmt: skip
