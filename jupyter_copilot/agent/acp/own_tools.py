"""The agent's own tools as the engine sees them, so that what they ask goes through the same door as everything."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Protocol

from ... import protocol as p
from ...ports.tool import Proposal, Tool, ToolContext
from ...protocol import CallResult, JsonObject
from ...protocol.errors import ToolError
from ..guest.tools import GuestTools
from ..run_context import Toolbox

ADAPTER = "acp"
"""What a call says that acted on the notebook's server by itself, and not on the notebook."""


class Asked(Protocol):
    """A call of the agent for which it asked."""

    def preview(self) -> p.Preview:
        """What people see of it."""

    async def allow(self) -> CallResult:
        """Let the agent do it; what came of it. Raises `ToolError`, or `InDoubt` when it ended meanwhile."""


class OwnTool:
    """One kind of tools of an agent: it asks, is let to, and says what came of it. Never done again, never undone."""

    waits_its_turn = False
    is_foreign = True
    adapter = ADAPTER
    idempotent = False
    effect: p.Effect = "execute"

    def __init__(self, name: str, agent: str, find: Callable[[str], Asked | None]) -> None:
        self.name = name
        self.parameters: JsonObject = {"type": "object", "properties": {}, "additionalProperties": False}
        """None that people could edit: the agent does what it asked for, or nothing."""
        self.description = f"A tool of {agent}'s own."
        self._agent = agent
        self._find = find

    async def propose(self, args: dict[str, Any], context: ToolContext) -> Proposal:
        """What the agent said that it would do. Raises `ToolError` when it no longer waits for an answer."""
        note = (
            f"{self._agent} does this by itself, with the rights of the server's user. It cannot be undone from here."
        )
        return Proposal(preview=self._asked(args).preview(), note=note, dangers=["unclear"])

    async def execute(self, args: dict[str, Any], proposal: Proposal, context: ToolContext) -> CallResult:
        """Let the agent do it."""
        return await self._asked(args).allow()

    async def probe(self, args: dict[str, Any], context: ToolContext) -> CallResult | None:
        """Nobody can tell from here what became of it."""
        return None

    def _asked(self, args: dict[str, Any]) -> Asked:
        asked = self._find(str(args.get("id")))
        if asked is None:
            raise ToolError(f"{self._agent} no longer waits for this.")
        return asked


class AgentTools:
    """What an agent has in a room: the notebook's tools, as guests have them, and its own."""

    def __init__(self, tools: Toolbox, agent_id: p.AgentId, agent: str, find: Callable[[str], Asked | None]) -> None:
        self._guest = GuestTools(tools, "propose")
        self._prefix = f"{agent_id}."
        self._agent = agent
        self._find = find

    def own_name(self, kind: str) -> str:
        """The name under which calls of the agent's own tools of this kind are recorded."""
        return f"{self._prefix}{kind if kind.isidentifier() else 'other'}"

    def get(self, name: str) -> Tool | None:
        """The tool with this name."""
        if name.startswith(self._prefix):
            return OwnTool(name, self._agent, self._find)
        return self._guest.get(name)

    def definitions(self) -> list[JsonObject]:
        """The tools of the notebook."""
        return self._guest.definitions()
