"""Tools that act on what people see: performed by the browser tab that asked, not by the server."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Awaitable, Callable
from typing import Annotated, Any

from msgspec import Meta

from ..errors import ToolError
from ..protocol import CallResult, Effect, JsonObject, Preview
from ..quoting import as_data
from .arguments import Arguments, CellIdArg
from .base import Proposal, Tool, ToolContext
from .data import shorten, shorten_line, titled
from .lookup import find_cell
from .typed import A, TypedTool

Perform = Callable[[ToolContext, JsonObject], Awaitable[JsonObject]]
"""Has one front end perform an operation on behalf of a call, and returns what it reported."""


def front_end_tools(perform: Perform) -> list[Tool]:
    """The tools that need a front end; without any, `perform` raises `NotebookError`, which the model is told."""
    return [OpenFileTool(perform), GoToCellTool(perform), ShowMessageTool(perform), RunCommandTool(perform)]


class FrontEndTool(TypedTool[A]):
    """A tool whose execution is one command of a front end."""

    effect: Effect = "read"
    done: str

    def __init__(self, perform: Perform) -> None:
        super().__init__()
        self._perform = perform

    @abstractmethod
    def command(self, args: A) -> tuple[str, JsonObject]:
        """The command's name and arguments."""

    async def act(self, args: A, proposal: Proposal, context: ToolContext) -> CallResult:
        """Have it performed. Raises `ToolError` when the front end reports that it could not."""
        name, values = self.command(args)
        report = await self._perform(context, {"type": "command", "name": name, "args": values})
        if report.get("status") != "ok":
            said = str(report.get("message") or "it did not say why")
            raise ToolError(f"The front end could not do it: {shorten(said, 500)}.", hint="Tell people instead.")
        value = report.get("value")
        return CallResult(text=self.done if value is None else f"{self.done}\n{as_data('value', str(value))}")


class OpenFileArgs(Arguments, frozen=True, kw_only=True):
    """Arguments of open_file."""

    path: Annotated[str, Meta(min_length=1, description="The file's path from the top folder that list_files shows.")]


class OpenFileTool(FrontEndTool[OpenFileArgs]):
    """Opens a file in a tab."""

    name = "open_file"
    description = "Open a file or notebook in the JupyterLab of the person who asked, for them to see."
    arguments = OpenFileArgs
    done = "It is open."

    async def plan(self, args: OpenFileArgs, context: ToolContext) -> Proposal:
        """Name the file."""
        return Proposal(preview=Preview(title=f"Open {titled(args.path)}"))

    def command(self, args: OpenFileArgs) -> tuple[str, JsonObject]:
        """Open the path."""
        return "open_file", {"path": args.path}


class GoToCellArgs(Arguments, frozen=True, kw_only=True):
    """Arguments of go_to_cell."""

    cell_id: CellIdArg


class GoToCellTool(FrontEndTool[GoToCellArgs]):
    """Scrolls to a cell."""

    name = "go_to_cell"
    description = "Scroll to a cell and select it in the JupyterLab of the person who asked, for them to look at."
    arguments = GoToCellArgs
    done = "The cell is in view."

    async def plan(self, args: GoToCellArgs, context: ToolContext) -> Proposal:
        """Name the cell by its number. Raises `ToolError` when there is no such cell."""
        number, _ = find_cell(await context.notebook.read(), args.cell_id)
        return Proposal(preview=Preview(title=f"Show cell {number}"))

    def command(self, args: GoToCellArgs) -> tuple[str, JsonObject]:
        """Go to the cell."""
        return "go_to_cell", {"cell_id": args.cell_id}


class ShowMessageArgs(Arguments, frozen=True, kw_only=True):
    """Arguments of show_message."""

    text: Annotated[str, Meta(min_length=1, max_length=1000, description="One or two sentences, as plain text.")]


class ShowMessageTool(FrontEndTool[ShowMessageArgs]):
    """Shows a notification."""

    name = "show_message"
    description = "Show a short notification to the person who asked, such as that a long task has ended."
    arguments = ShowMessageArgs
    done = "It is shown."

    async def plan(self, args: ShowMessageArgs, context: ToolContext) -> Proposal:
        """Say what is shown."""
        return Proposal(preview=Preview(title=f"Show “{shorten_line(args.text, 80)}”"))

    def command(self, args: ShowMessageArgs) -> tuple[str, JsonObject]:
        """Show the text."""
        return "show_message", {"text": args.text}


class RunCommandArgs(Arguments, frozen=True, kw_only=True):
    """Arguments of run_command."""

    command: Annotated[str, Meta(min_length=1, description="The id of a JupyterLab command, such as docmanager:save.")]
    args: Annotated[dict[str, Any] | None, Meta(description="The command's arguments.")] = None


class RunCommandTool(FrontEndTool[RunCommandArgs]):
    """Runs a command of JupyterLab, once people agree."""

    name = "run_command"
    description = (
        "Run a JupyterLab command, by its id, in the JupyterLab of the person who asked. "
        "For cells and the kernel use the other tools, which check versions and return results."
    )
    effect: Effect = "execute"
    arguments = RunCommandArgs
    done = "The command was run."

    async def plan(self, args: RunCommandArgs, context: ToolContext) -> Proposal:
        """Show the command with its arguments."""
        code = f"{args.command} {args.args}" if args.args else args.command
        title = f"Run the command {titled(args.command)}"
        return Proposal(preview=Preview(title=title, code=code, language="text"))

    def command(self, args: RunCommandArgs) -> tuple[str, JsonObject]:
        """Run it by its id."""
        return "run_command", {"command": args.command, "args": args.args or {}}
