"""The tool port: a tool proposes what it would do, and does it once people agree."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from typing import Any, Protocol

from msgspec import Struct

from ..core.fingerprints import definition_hash
from ..core.permissions.house import ToolKind
from ..protocol import (
    Actor,
    CallId,
    CallResult,
    Danger,
    Effect,
    FrontEndCommand,
    JsonObject,
    Operation,
    OperationDone,
    OperationFailed,
    OperationReport,
    Output,
    PlanEntry,
    Preview,
)
from ..protocol.errors import NotebookError, ToolError
from .files import FileRules
from .notebook import Change, Notebook

Perform = Callable[[Operation], Awaitable[OperationReport]]
"""Has exactly one browser tab perform an operation on behalf of a call, and returns what it reported."""


Elicit = Callable[[str, JsonObject | None, str], Awaitable[JsonObject]]
"""Asks people while a call is under way: a message, a form's schema if it is one, an address if they are to go there.

Returns `{"action": "accept", "content": …}`, or `decline` when they skipped it, `cancel` when it was taken back.
"""


ShowPlan = Callable[[list[PlanEntry]], Awaitable[None]]
"""Shows people what the agent means to do, as a list in place of the one before."""


async def no_tab(operation: Operation) -> OperationReport:
    """Stands where no browser tab can be reached: raises `NotebookError`."""
    raise NotebookError("No browser tab has the notebook open.", hint="Tell people instead.")


class Proposal(Struct, frozen=True, kw_only=True):
    """What a call would do, decided before anybody is asked.

    `preview` is what people see. `changes` and `run` are the operations on the notebook, in this order; `pinned` maps
    each cell concerned to the version that people saw; with `restart` the kernel is restarted between them. A proposal
    with a `question` asks people instead of acting. `written` maps paths of files to the text that they will have.
    `note` is what people should know beside the preview. `dangers` are what a tool knows itself of what it would do;
    None leaves it to what can be read in the code that the preview shows.
    """

    preview: Preview
    changes: list[Change] = []
    run: list[str] = []
    pinned: dict[str, str] = {}
    restart: bool = False
    written: dict[str, str] = {}
    question: JsonObject | None = None
    note: str = ""
    dangers: list[Danger] | None = None


class ToolContext(Struct, frozen=True, kw_only=True):
    """What a tool may use: one notebook, who asked, where its output goes, and the browser tab of who asked.

    `root` is the folder that the server serves, empty when it serves none of its disk; `files` says what stays closed
    there, and `path` where the notebook is from there.
    `ahead` are the changes that calls before this one in the same answer are about to make, and `superseded` the
    versions of cells that they replace: a call that names one of them means the cell as they leave it. `told` are the
    versions of cells that the model was last told, before this answer. `written_ahead` are the texts of files, by path,
    as calls before this one will leave them.
    """

    notebook: Notebook
    call_id: CallId
    exec_id: str
    asked_by: Actor
    emit: Callable[[Output], None]
    root: str
    files: FileRules = FileRules()
    path: str = ""
    timeout_s: float | None = None
    perform: Perform = no_tab
    elicit: Elicit | None = None
    ahead: list[Change] = []
    superseded: dict[str, set[str]] = {}
    told: dict[str, str] = {}
    written_ahead: dict[str, str] = {}
    show_plan: ShowPlan | None = None

    async def front_end(self, name: str, args: JsonObject) -> Any:
        """The value of the tool `name` that a browser tab registered (`ICopilot.registerTool`), called with `args`.

        One tab is asked, whichever has the notebook open, and preferably that of who asked. What it returns comes from
        a browser: check it. Raises `ToolError` when the tab cannot do it, `NotebookError` when there is no tab, and
        `InDoubt` when it vanished meanwhile.
        """
        report = await self.perform(FrontEndCommand(name=name, args=args))
        if isinstance(report, OperationDone):
            return report.value
        message = report.message if isinstance(report, OperationFailed) else ""
        said = (message or "it did not say why").rstrip(".")[:500]
        raise ToolError(f"The browser tab could not do it: {said}.", hint="Tell people instead.")


class Tool(Protocol):
    """Something that the agent can do."""

    name: str
    description: str
    """Written for the model."""
    effect: Effect
    parameters: JsonObject
    """JSON Schema of the arguments."""
    idempotent: bool
    """Whether doing it twice is as good as once."""

    async def propose(self, args: dict[str, Any], context: ToolContext) -> Proposal:
        """Check the arguments and say what the call would do, without effect. Raises `ToolError`."""

    async def execute(self, args: dict[str, Any], proposal: Proposal, context: ToolContext) -> CallResult:
        """Do it. Raises `ToolError` or `NotebookError`, which the model is told."""

    async def probe(self, args: dict[str, Any], context: ToolContext) -> CallResult | None:
        """After a crash: the result, if the effect of `context.exec_id` can be found; else None."""


def kind_of(tool: Tool) -> ToolKind:
    """What permission goes by; a tool of an MCP server names it in its attribute `server`.

    Its effect is the least that a call of it may have: a rule about edits is about such calls of it.
    """
    definition = definition_hash(tool.name, tool.description, tool.effect, tool.parameters)
    least: Effect = getattr(tool, "least_effect", tool.effect)
    return ToolKind(definition=definition, effect=least, server=getattr(tool, "server", ""))


def effect_of(tool: Tool, args: dict[str, Any] | None) -> Effect:
    """What a call with these arguments would do: the tool's effect, or less where it says so (`effect_with`)."""
    lesser: Callable[[dict[str, Any]], Effect] | None = getattr(tool, "effect_with", None)
    return tool.effect if lesser is None or args is None else lesser(args)


def may_repeat(tool: Tool, args: dict[str, Any]) -> bool:
    """Whether doing this call twice is as good as once."""
    return tool.idempotent or (getattr(tool, "edits_once", False) and effect_of(tool, args) == "edit")


_ORDER: tuple[Effect, ...] = ("read", "edit", "execute")


def exceeds(effect: Effect, other: Effect) -> bool:
    """Whether an effect has more consequences than another."""
    return _ORDER.index(effect) > _ORDER.index(other)


ToolFactory = Callable[[], Sequence[Tool]]
Emit = Callable[[Output], Awaitable[None]]
