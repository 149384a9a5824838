"""How agents that people have are connected: lines to copy, with `{url}` and `{token}` where those belong."""

from __future__ import annotations

import json
from typing import Literal

from msgspec import Struct

_HEADERS = {"Authorization": "Bearer {token}"}


class AgentClient(Struct, frozen=True, kw_only=True):
    """An outside agent: its name, and what is typed into a shell or put into a file of its own.

    `where` is the file, for `text` that is no command.
    """

    id: str
    name: str
    kind: Literal["shell", "file"]
    text: str
    where: str = ""


def _file(*path: str, **entry: object) -> str:
    value: object = {"notebook": entry}
    for key in reversed(path):
        value = {key: value}
    return json.dumps(value, indent=2)


CLIENTS = [
    AgentClient(
        id="claude",
        name="Claude Code",
        kind="shell",
        text='claude mcp add --transport http notebook "{url}" --header "Authorization: Bearer {token}"',
    ),
    AgentClient(
        id="codex",
        name="Codex",
        kind="shell",
        text='export NOTEBOOK_TOKEN="{token}"\n'
        'codex mcp add notebook --url "{url}" --bearer-token-env-var NOTEBOOK_TOKEN',
    ),
    AgentClient(
        id="gemini",
        name="Gemini CLI",
        kind="shell",
        text='gemini mcp add --transport http notebook "{url}" --header "Authorization: Bearer {token}"',
    ),
    AgentClient(
        id="cursor",
        name="Cursor",
        kind="file",
        where="~/.cursor/mcp.json",
        text=_file("mcpServers", url="{url}", headers=_HEADERS),
    ),
    AgentClient(
        id="vscode",
        name="VS Code",
        kind="file",
        where=".vscode/mcp.json",
        text=_file("servers", type="http", url="{url}", headers=_HEADERS),
    ),
    AgentClient(
        id="opencode",
        name="opencode",
        kind="file",
        where="opencode.json",
        text=_file("mcp", type="remote", url="{url}", headers=_HEADERS, enabled=True),
    ),
    AgentClient(
        id="other",
        name="Others",
        kind="file",
        where="the client's MCP configuration",
        text=_file("mcpServers", type="http", url="{url}", headers=_HEADERS),
    ),
]
"""In the order in which people are shown them."""
