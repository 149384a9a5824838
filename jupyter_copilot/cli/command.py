"""What a subcommand is."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace
from collections.abc import Callable

from msgspec import Struct


class Command(Struct, frozen=True, kw_only=True):
    """A subcommand: its name and purpose, the arguments that it takes, and what it does.

    `run` returns the exit code. Modules of commands import nothing slow at their top, because `--help` loads them all.
    """

    name: str
    help: str
    add_arguments: Callable[[ArgumentParser], None]
    run: Callable[[Namespace], int]
