"""Which servers of others there are: `mcp_servers` of the configuration, in the shape that everybody knows."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Annotated, Any

import msgspec
from msgspec import Meta, Struct

from ...protocol import Problem

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,29}")
ALL = "*"


class ServerConfig(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A server: a `command` that speaks over its standard streams, or a `url`.

    `trust` names the tools that the administrator says only read; "*" is every tool that says so itself. Whatever else
    a server claims of its tools counts for nothing. A command gets `env` and the few variables that a process needs,
    none of Jupyter's.
    """

    command: str = ""
    args: list[str] = []
    env: dict[str, str] = {}
    cwd: str | None = None
    url: str = ""
    headers: dict[str, str] = {}
    trust: list[str] = []
    timeout_s: Annotated[float, Meta(gt=0)] = 600.0
    type: str = ""
    """Written by some clients; the address tells."""


def read_servers(config: Mapping[str, Any]) -> tuple[dict[str, ServerConfig], list[Problem]]:
    """The servers by name, in the order of their names; a broken entry is left out, and becomes a problem."""
    servers: dict[str, ServerConfig] = {}
    problems: list[Problem] = []
    for name in sorted(config, key=str):
        problem = ""
        try:
            server = msgspec.convert(dict(config[name]), ServerConfig)
        except (msgspec.ValidationError, TypeError, ValueError) as error:
            problem = str(error)
        else:
            if not isinstance(name, str) or not _NAME.fullmatch(name):
                problem = "its name must be 1 to 30 letters, digits, _ or -"
            elif bool(server.command) == bool(server.url):
                problem = "it needs either a command or a url"
            elif server.url and not server.url.startswith(("http://", "https://")):
                problem = "its url must begin with http:// or https://"
        if problem:
            problems.append(_broken(name, problem))
        else:
            servers[name] = server
    return servers, problems


def _broken(name: object, problem: str) -> Problem:
    return Problem(
        code="mcp_servers",
        message=f"The MCP server {name!r} cannot be used: {problem.rstrip('.')}.",
        hint="Correct c.CopilotApp.mcp_servers.",
    )
