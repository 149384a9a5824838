"""The tools that there are now: the fixed ones, and those of other servers, which come and go.

With many tools of others, their schemas would fill every request: the model gets a tool to search them instead, and one
to call what it found.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Annotated, Any

import msgspec
from msgspec import Meta

from ..core.permissions.house import ToolKind
from ..core.untrusted_text import as_data
from ..ports.tool import Tool, ToolContext, kind_of
from ..protocol import CallResult, JsonObject
from .authoring.arguments import Arguments
from .authoring.schema import for_models
from .authoring.typed import ReadTool
from .mcp.servers import McpServers
from .registry import ToolRegistry

MOST_TOOLS = 40
"""With more tools than this, those of other servers are searched instead of listed."""
MOST_FOUND = 8
FIND, USE = "find_tools", "use_tool"
_WORD = re.compile(r"[a-z0-9]+")


class LiveTools:
    """A toolbox over the fixed tools and the servers of others."""

    def __init__(self, fixed: ToolRegistry, servers: McpServers) -> None:
        self._fixed = fixed
        self._servers = servers
        self._find = FindTools(servers)

    def __iter__(self) -> Iterator[Tool]:
        yield from self._fixed
        yield from self._servers.tools()

    def get(self, name: str) -> Tool | None:
        """The tool with this name; one of another server also while that is not connected."""
        if name == FIND and self._searches():
            return self._find
        return self._fixed.get(name) or self._servers.get(name)

    def definitions(self) -> list[JsonObject]:
        """The tools as Chat Completions takes them: the fixed ones first, so that they are a stable prefix."""
        fixed = self._fixed.definitions()
        if self._searches():
            return [*fixed, _definition(self._find), _USE]
        return [*fixed, *(_definition(tool) for tool in self._servers.tools() if self._fixed.get(tool.name) is None)]

    def kinds(self) -> dict[str, ToolKind]:
        """What permission goes by, for each tool that there is now."""
        return {**{tool.name: kind_of(tool) for tool in self._servers.tools()}, **self._fixed.kinds()}

    def _searches(self) -> bool:
        foreign = len(self._servers.tools())
        return foreign > 0 and len(self._fixed.definitions()) + foreign > MOST_TOOLS


class FindArgs(Arguments, frozen=True, kw_only=True):
    """Arguments of find_tools."""

    query: Annotated[str, Meta(min_length=1, description="What the tool should do, in a few words.")]


class FindTools(ReadTool[FindArgs]):
    """Searches the tools of other servers."""

    name = FIND
    description = (
        "Find more tools, of other servers, by what they do. Returns their names, descriptions and arguments; call one "
        f"with {USE}."
    )
    arguments = FindArgs
    is_foreign = True

    def __init__(self, servers: McpServers) -> None:
        super().__init__()
        self._servers = servers

    def title(self, args: FindArgs) -> str:
        """What it does, in one line for people."""
        return f"Look for a tool: {args.query[:80]}"

    async def look(self, args: FindArgs, context: ToolContext) -> CallResult:
        """The tools that fit best, as data: what they say of themselves is a stranger's text."""
        found = ranked(args.query, self._servers.tools())[:MOST_FOUND]
        if not found:
            names = ", ".join(tool.name for tool in self._servers.tools()[:200])
            return CallResult(text=f"No tool fits. There are: {names}.")
        told = [{"tool": t.name, "description": t.description, "args": t.parameters} for t in found]
        return CallResult(text=f"Call one with {USE}.\n{as_data('tools', msgspec.json.encode(told).decode())}")


def ranked(query: str, tools: list[Tool]) -> list[Tool]:
    """The tools that have words of the query, the best first; a word in the name counts for more."""
    words = set(_WORD.findall(query.lower()))

    def score(tool: Tool) -> int:
        named, described = set(_WORD.findall(tool.name.lower())), set(_WORD.findall(tool.description.lower()))
        return 3 * len(words & named) + len(words & described)

    return [tool for tool in sorted(tools, key=lambda tool: (-score(tool), tool.name)) if score(tool)]


_USE: JsonObject = {
    "type": "function",
    "function": {
        "name": USE,
        "description": f"Call a tool that {FIND} told you of.",
        "parameters": {
            "type": "object",
            "properties": {
                "tool": {"type": "string", "description": "Its name."},
                "args": {"type": "object", "description": "Its arguments."},
            },
            "required": ["tool", "args"],
        },
    },
}


def used(name: str, args: dict[str, Any] | None) -> tuple[str, dict[str, Any] | None]:
    """The call that a call of `use_tool` stands for; any other call is itself."""
    if name != USE or args is None or not isinstance(args.get("tool"), str):
        return name, args
    given = args.get("args")
    return args["tool"], given if isinstance(given, dict) else {}


def _definition(tool: Tool) -> JsonObject:
    parameters = for_models(tool.parameters)
    return {
        "type": "function",
        "function": {"name": tool.name, "description": tool.description, "parameters": parameters},
    }
