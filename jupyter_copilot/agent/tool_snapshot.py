"""The tools of one step: what the model was told of is what its calls are resolved in."""

from __future__ import annotations

from ..ports.tool import Tool
from ..protocol import JsonObject
from .run_context import Toolbox


class ToolSnapshot:
    """A toolbox as it was when it was made; what it does not name is looked up in the one that goes on changing."""

    def __init__(self, tools: Toolbox) -> None:
        self._live = tools
        self._definitions = tools.definitions()
        names = [str(definition["function"]["name"]) for definition in self._definitions]
        self._tools = {name: tools.get(name) for name in names}

    def get(self, name: str) -> Tool | None:
        """The tool with this name, as it was then."""
        return self._tools.get(name) or self._live.get(name)

    def definitions(self) -> list[JsonObject]:
        """The tools as Chat Completions takes them, as they were then."""
        return self._definitions
