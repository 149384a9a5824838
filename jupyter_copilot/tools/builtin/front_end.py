"""Tools that act on what people see: performed by the browser tab that asked, not by the server."""

from __future__ import annotations

from abc import abstractmethod
from typing import Annotated, Any

from msgspec import Meta

from ...core.untrusted_text import as_data
from ...ports.tool import Proposal, Tool, ToolContext
from ...protocol import CallResult, Effect, JsonObject, Preview
from ...protocol.errors import ToolError
from ..authoring.arguments import Arguments, CellIdArg
from ..authoring.typed import A, TypedTool
from ..render.data import shorten_line, titled
from ..render.picture import MAX_HEIGHT, MAX_WIDTH, picture_of
from .lookup import find_cell


def front_end_tools() -> list[Tool]:
    """The tools that need a browser tab with the notebook; without one, calling them fails, and the model is told."""
    return [OpenFileTool(), GoToCellTool(), ShowMessageTool(), OutputImageTool(), RunCommandTool()]


class FrontEndTool(TypedTool[A]):
    """A tool whose execution is one command of a front end."""

    effect: Effect = "read"
    done: str

    @abstractmethod
    def command(self, args: A) -> tuple[str, JsonObject]:
        """The command's name and arguments."""

    async def act(self, args: A, proposal: Proposal, context: ToolContext) -> CallResult:
        """Have it performed. Raises `ToolError` when the tab reports that it could not."""
        name, values = self.command(args)
        return self.result(await context.front_end(name, values))

    def result(self, value: Any) -> CallResult:
        """What the model is told, given the value that the front end returned. Raises `ToolError`."""
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


class OutputImageArgs(Arguments, frozen=True, kw_only=True):
    """Arguments of output_image."""

    cell_id: CellIdArg
    output: (
        Annotated[int, Meta(ge=1, description="Which of the cell's outputs, from 1; all of them by default.")] | None
    ) = None


class OutputImageTool(FrontEndTool[OutputImageArgs]):
    """Takes the picture of what a cell's outputs look like in the page."""

    name = "output_image"
    description = (
        "See a code cell's outputs as they look in the JupyterLab of the person who asked: tables, charts, widgets and "
        "other HTML, as one picture. Use read_cell for text, and for pictures that the code drew."
    )
    arguments = OutputImageArgs
    idempotent = True

    async def plan(self, args: OutputImageArgs, context: ToolContext) -> Proposal:
        """Name the cell by its number. Raises `ToolError` when it has no such output."""
        number, cell = find_cell(await context.notebook.read(), args.cell_id)
        count = len(cell.outputs)
        if count == 0:
            raise ToolError(f"Cell {number} has no outputs.", hint="Run it first.", code="no_output")
        if args.output is not None and args.output > count:
            raise ToolError(
                f"Cell {number} has {count} output{'s' if count > 1 else ''}.",
                hint="Leave `output` out to see all.",
                code="no_output",
            )
        what = "the outputs" if args.output is None else f"output {args.output}"
        return Proposal(preview=Preview(title=f"Look at {what} of cell {number}"))

    def command(self, args: OutputImageArgs) -> tuple[str, JsonObject]:
        """Draw the outputs into a picture of bounded size."""
        values: JsonObject = {"cell_id": args.cell_id, "max_width": MAX_WIDTH, "max_height": MAX_HEIGHT}
        return "output_image", values if args.output is None else {**values, "output": args.output}

    def result(self, value: Any) -> CallResult:
        """The picture, and what is missing in it."""
        return picture_of(value)


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
