"""The tools that guests have: those about the notebook that they were let into, and an outline of it."""

from __future__ import annotations

from ... import protocol as p
from ...ports.tool import Tool
from ...tools.builtin.asking import AskUserTool
from ...tools.builtin.files import ListFilesTool, ReadFileTool
from ...tools.builtin.front_end import FrontEndTool
from ...tools.builtin.outlining import ReadOutlineTool
from ...tools.builtin.plans.propose_plan import ProposePlanTool
from ...tools.builtin.plans.set_plan import SetPlanTool
from ...tools.builtin.project.read_skill import ReadSkillTool
from ...tools.builtin.search.search_tool import SearchTool
from ...tools.builtin.web.web_fetch import WebFetchTool
from ...tools.builtin.writing.writing_tool import WritingTool
from ...tools.registry import earlier_tools
from ..run_context import Toolbox

_EARLIER = [tool.name for tool in earlier_tools()]
"""Outside agents know them, and what they are told of tools costs us nothing."""
_OTHERS = (
    FrontEndTool, ReadFileTool, ListFilesTool, SearchTool, ReadSkillTool, WebFetchTool, WritingTool, SetPlanTool,
    ProposePlanTool,
)  # fmt: skip
"""What steers the view of a person, looks at more than the notebook, or ends a mode of people's chats."""


class GuestTools:
    """What a guest may call, of the tools of a room; who may only read has those that change and ask nothing."""

    def __init__(self, tools: Toolbox, scope: p.GuestScope) -> None:
        self._tools = tools
        self._scope = scope
        self._outline = ReadOutlineTool()

    def get(self, name: str) -> Tool | None:
        """The tool with this name, if a guest may call it."""
        tool = self._outline if name == self._outline.name else self._tools.get(name)
        return tool if tool is not None and self._offers(tool) else None

    def all(self) -> list[Tool]:
        """Every tool that a guest may call, always in the same order."""
        names = [str(definition["function"]["name"]) for definition in self._tools.definitions()]
        return [tool for name in [self._outline.name, *names, *_EARLIER] if (tool := self.get(name)) is not None]

    def definitions(self) -> list[p.JsonObject]:
        """The same, as Chat Completions takes them."""
        return [
            {"type": "function", "function": {"name": t.name, "description": t.description, "parameters": t.parameters}}
            for t in self.all()
        ]

    def _offers(self, tool: Tool) -> bool:
        if isinstance(tool, _OTHERS) or getattr(tool, "is_foreign", False):
            return False
        return self._scope == "propose" or (tool.effect == "read" and not isinstance(tool, AskUserTool))
