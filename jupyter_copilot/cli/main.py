"""The entry point of `jupyter copilot`: finds the subcommand, runs it, and says what went wrong in words."""

from __future__ import annotations

import json
import sys
from argparse import ArgumentParser
from collections.abc import Sequence

from .._version import __version__
from ..protocol.errors import CopilotError
from .acp import ACP
from .admin.hub import HUB
from .admin.store import STORE
from .ask import ASK
from .changes import CHANGES
from .command import Command
from .connect import CONNECT
from .decide import DECIDE
from .demo import DEMO
from .doctor import DOCTOR
from .export import EXPORT
from .policy import POLICY
from .rewind import REWIND
from .rooms import ROOMS
from .rules import RULES
from .skill import SKILL_COMMAND
from .terminal import say
from .watch import WATCH

COMMANDS: tuple[Command, ...] = (
    DEMO, ROOMS, WATCH, ASK, DECIDE, RULES, REWIND, CONNECT, ACP, SKILL_COMMAND, EXPORT, CHANGES, POLICY, STORE, HUB,
    DOCTOR,
)  # fmt: skip


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command line; returns the exit code: 1 for an error, told on standard error, with `--json` as JSON."""
    arguments = parser().parse_args(argv)
    command: Command = arguments.command
    try:
        return command.run(arguments)
    except CopilotError as error:
        if getattr(arguments, "json", False):
            print(json.dumps({"error": {"code": error.code, "message": error.message, "hint": error.hint}}))
            return 1
        say(f"jupyter copilot {command.name}: {error}", error=True)
        return 1
    except OSError as error:
        what = f"{error.strerror or error}: {error.filename}" if error.filename else str(error)
        say(f"jupyter copilot {command.name}: {what}", error=True)
        return 1
    except KeyboardInterrupt:
        return 130


def parser() -> ArgumentParser:
    """The parser of all subcommands."""
    top = ArgumentParser(
        prog="jupyter copilot", description="One shared copilot for everybody who looks at a notebook."
    )
    top.add_argument("--version", action="version", version=__version__)
    commands = top.add_subparsers(title="commands", required=True, metavar="COMMAND")
    for command in COMMANDS:
        sub = commands.add_parser(command.name, help=command.help, description=command.help)
        command.add_arguments(sub)
        sub.set_defaults(command=command)
    return top


if __name__ == "__main__":
    sys.exit(main())
