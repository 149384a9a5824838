"""The tools that the agent has: the built-in ones, those of front ends, and those of plug-ins."""

from __future__ import annotations

import difflib
import logging
import re
from collections.abc import Iterable, Iterator, Sequence
from importlib.metadata import EntryPoint, entry_points
from typing import Any, get_args, get_type_hints

from ..core.permissions.house import ToolKind
from ..ports.tool import Tool, kind_of
from ..protocol import Effect, JsonObject, Problem
from ..protocol.errors import ToolError
from .authoring.functions import FunctionTool, is_function
from .authoring.schema import for_models, without_limits
from .builtin.asking import AskUserTool
from .builtin.changing import ChangeNotebookTool
from .builtin.editing import (
    DeleteCellTool,
    EditCellTool,
    EditNotebookTool,
    InsertCellTool,
    MoveCellTool,
    SetCellTypeTool,
)
from .builtin.files import ListFilesTool, ReadFileTool
from .builtin.inspecting import InspectVariablesTool, InspectVariableTool
from .builtin.kernel.evaluating import EvaluateTool
from .builtin.kernel.installing import InstallPackagesTool
from .builtin.kernel.state import GetDocsTool, KernelStateTool
from .builtin.plans.propose_plan import ProposePlanTool
from .builtin.plans.set_plan import SetPlanTool
from .builtin.project.read_skill import ReadSkillTool
from .builtin.reading import ReadCellTool, ReadNotebookTool, SearchNotebookTool
from .builtin.running import (
    EditAndRunTool,
    InsertAndRunTool,
    InterruptKernelTool,
    RestartKernelTool,
    RunCellsTool,
    RunCellTool,
)
from .builtin.search.search_tool import SearchTool
from .builtin.web.web_fetch import WebFetchTool
from .builtin.writing.create_file import CreateFileTool, CreateNotebookTool
from .builtin.writing.edit_file import EditFileTool

GROUP = "jupyter_copilot.tools"
_NAME = re.compile(r"[A-Za-z0-9_-]{1,64}")

log = logging.getLogger(__name__)


def built_in_tools() -> list[Tool]:
    """The tools that are always there, in the order in which the model is told of them."""
    return [
        ReadNotebookTool(),
        ReadCellTool(),
        SearchTool(),
        KernelStateTool(),
        InspectVariableTool(),
        GetDocsTool(),
        ReadFileTool(),
        ListFilesTool(),
        ReadSkillTool(),
        ChangeNotebookTool(),
        RunCellsTool(),
        EvaluateTool(),
        InstallPackagesTool(),
        WebFetchTool(),
        EditFileTool(),
        CreateFileTool(),
        CreateNotebookTool(),
        AskUserTool(),
        SetPlanTool(),
        ProposePlanTool(),
    ]


def earlier_tools() -> list[Tool]:
    """Tools that models are not told of any more, as others do their work; calls of them go on working."""
    return [
        SearchNotebookTool(),
        InspectVariablesTool(),
        InsertCellTool(),
        EditCellTool(),
        DeleteCellTool(),
        MoveCellTool(),
        SetCellTypeTool(),
        EditNotebookTool(),
        RunCellTool(),
        InsertAndRunTool(),
        EditAndRunTool(),
        RestartKernelTool(),
        InterruptKernelTool(),
    ]


class ToolRegistry:
    """Tools by name, always in the same order, so that a provider's prompt cache keeps their definitions.

    A tool that cannot be used is left out, and `problems` says why. Of the `earlier` ones models are not told.
    """

    def __init__(self, tools: Iterable[Tool], problems: Sequence[Problem] = (), earlier: Iterable[Tool] = ()) -> None:
        self._tools: dict[str, Tool] = {}
        self.problems = list(problems)
        for tool in tools:
            self._add(tool)
        before = set(self._tools)
        for tool in earlier:
            self._add(tool)
        self._untold = frozenset(self._tools.keys() - before)

    def __iter__(self) -> Iterator[Tool]:
        return iter(self._tools.values())

    def get(self, name: str) -> Tool | None:
        """The tool with this name, if there is one."""
        return self._tools.get(name)

    def find(self, name: str) -> Tool:
        """The tool with this name. Raises `ToolError`, which names those that the model may have meant."""
        if name in self._tools:
            return self._tools[name]
        told = [each for each in self._tools if each not in self._untold]
        near = difflib.get_close_matches(name, told, n=3, cutoff=0.5)
        names = " or ".join(near) if near else ", ".join(told)
        hint = f"Did you mean {names}?" if near else f"There are: {names}."
        raise ToolError(f"There is no tool {name!r}.", hint=hint, code="unknown_tool")

    def kinds(self) -> dict[str, ToolKind]:
        """What permission goes by, by name."""
        return {tool.name: kind_of(tool) for tool in self}

    def definitions(self) -> list[JsonObject]:
        """The tools as Chat Completions takes them."""
        return [definition_of(tool) for tool in self if tool.name not in self._untold]

    def load_plugins(self, points: Iterable[EntryPoint] | None = None) -> None:
        """Add the tools of installed packages: what the entry points of the group `jupyter_copilot.tools` name.

        An entry point names a tool, a list of tools or a function that returns one, or a function that is the tool. A
        broken one becomes a problem, whatever it raises.
        """
        found = entry_points(group=GROUP) if points is None else points
        for point in sorted(found, key=lambda point: (point.name, point.value)):
            try:
                for tool in tools_of(point.load()):
                    self._add(tool)
            except (Exception, SystemExit) as error:
                package = "a package" if point.dist is None else point.dist.name
                self._report(
                    f"The tool plug-in {point.name!r} of {package} cannot be used: {type(error).__name__}: {error}",
                    hint="Update or uninstall it.",
                )

    def _add(self, tool: Tool) -> None:
        problem = _problem_of(tool)
        if problem is None and tool.name in self._tools:
            problem = "there is a tool with this name already"
        if problem is None:
            self._tools[tool.name] = tool
        else:
            self._report(f"The tool {getattr(tool, 'name', tool)!r} cannot be used: {problem}.", hint="Correct it.")

    def _report(self, message: str, hint: str) -> None:
        log.warning("%s %s", message, hint)
        self.problems.append(Problem(code="tool_plugin", message=message, hint=hint))


def tools_of(value: Any) -> list[Tool]:
    """The tools that the value of an entry point stands for. Raises `TypeError` when it stands for none."""
    if isinstance(value, list | tuple):
        return [tool for each in value for tool in tools_of(each)]
    if isinstance(value, type):
        return [value()]
    if is_function(value):
        return tools_of(value()) if _makes_tools(value) else [FunctionTool(value)]
    if hasattr(value, "propose"):
        return [value]
    raise TypeError(f"{value!r} is neither a tool nor a function.")


def definition_of(tool: Tool) -> JsonObject:
    """The tool as Chat Completions takes it."""
    parameters = without_limits(for_models(tool.parameters))
    function = {"name": tool.name, "description": tool.description, "parameters": parameters}
    return {"type": "function", "function": function}


def _makes_tools(function: Any) -> bool:
    """Whether the function's annotation says that it returns a list of tools."""
    returns = get_type_hints(function).get("return")
    return any(hasattr(each, "propose") for each in get_args(returns))


def _problem_of(tool: Tool) -> str | None:
    """Why a tool cannot be offered to a model, or None when it can."""
    if not isinstance(getattr(tool, "name", None), str) or not _NAME.fullmatch(tool.name):
        return "its name must be 1 to 64 letters, digits, _ or -"
    if not isinstance(getattr(tool, "description", None), str) or not tool.description.strip():
        return "it has no description"
    if getattr(tool, "effect", None) not in get_args(Effect):
        return f"its effect must be one of {', '.join(get_args(Effect))}"
    parameters = getattr(tool, "parameters", None)
    if not isinstance(parameters, dict) or parameters.get("type") != "object":
        return "its parameters are no JSON Schema of an object"
    missing = [name for name in ("propose", "execute", "probe", "idempotent") if not hasattr(tool, name)]
    return f"it has no {missing[0]}" if missing else None
