"""The servers of others, and the tools that they have now."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from ...ports.tool import Tool
from ...protocol import JsonObject, Problem
from ...protocol.errors import ToolError
from .configuration import read_servers
from .connection import Connection
from .pins import Pins
from .tool import McpTool


class McpServers:
    """Connects in the background; tools come and go, in the stable order of their servers and names.

    A tool that went is still found by its name, so that a call under way says that its server is not connected.
    """

    def __init__(self, config: Mapping[str, Any], folder: Path | None = None) -> None:
        servers, self.problems = read_servers(config)
        self._pins = Pins(None if folder is None else folder / "mcp_tools.json")
        logs = None if folder is None else folder / "mcp"
        self._connections = {name: Connection(name, server, self._refresh, logs) for name, server in servers.items()}
        self._tools: dict[str, Tool] = {}
        self._known: dict[str, Tool] = {}

    def __bool__(self) -> bool:
        return bool(self._connections)

    def start(self) -> None:
        """Begin to connect; returns at once."""
        for connection in self._connections.values():
            connection.start()

    async def stop(self) -> None:
        """End all connections, and the processes behind them."""
        await asyncio.gather(*(connection.stop() for connection in self._connections.values()))

    def _refresh(self) -> None:
        found: dict[str, Tool] = {}
        for connection in self._connections.values():
            if connection.state != "ready":
                continue
            self._pins.see(connection.name, connection.tools)
            for each in connection.tools:
                trusted = self._pins.is_trusted(connection.name, connection.config, each)
                changed = self._pins.has_changed(connection.name, each)
                found.setdefault(each.name, McpTool(connection, each, trusted=trusted, changed=changed))
        self._tools = found
        self._known |= found

    def tools(self) -> list[Tool]:
        """The tools of the servers that are connected now."""
        return list(self._tools.values())

    def get(self, name: str) -> Tool | None:
        """The tool with this name, also when its server is not connected now."""
        return self._tools.get(name) or self._known.get(name)

    # For people

    def describe(self) -> list[JsonObject]:
        """Each server with its state, its tools, who trusts them, and the end of its log."""
        return [
            {
                "name": each.name,
                "kind": "http" if each.config.url else "stdio",
                "state": each.state,
                "problem": each.problem,
                "tools": [self._described(each, tool.name) for tool in each.tools],
                "log": each.errors(),
            }
            for each in self._connections.values()
        ]

    def _described(self, connection: Connection, name: str) -> JsonObject:
        definition = next(each for each in connection.tools if each.name == name)
        trusted = self._pins.is_trusted(connection.name, connection.config, definition)
        return {
            "name": name,
            "title": definition.remote_name,
            "description": definition.description,
            "pin": definition.pin,
            "trusted": trusted,
            "changed": self._pins.has_changed(connection.name, definition),
            "says_read_only": definition.says_read_only,
        }

    def trust(self, server: str, tool: str, pin: str, trusted: bool) -> None:
        """A person says of a tool, as they saw it under `pin`, whether it only reads. Raises `ToolError`."""
        connection = self._find(server)
        definition = next((each for each in connection.tools if each.name == tool), None)
        if definition is None:
            raise ToolError(f"The server {server!r} has no tool {tool!r} now.", code="not_found")
        if definition.pin != pin:
            raise ToolError("The tool describes itself differently now.", hint="Look at it again.", code="stale")
        self._pins.trust(server, definition, trusted)
        self._refresh()

    def reconnect(self, server: str) -> None:
        """Connect to a server anew. Raises `ToolError` when there is none with this name."""
        self._find(server).reconnect()

    def _find(self, server: str) -> Connection:
        if server not in self._connections:
            raise ToolError(f"There is no MCP server {server!r} here.", code="not_found")
        return self._connections[server]

    def notices(self) -> list[Problem]:
        """What people should know of the configuration."""
        return self.problems
