"""Tools that run cells, and those that control the kernel."""

from __future__ import annotations

from typing import Annotated

from msgspec import Meta, field

from ...ports.notebook import InsertCell
from ...ports.tool import Proposal, ToolContext
from ...protocol import CallResult, Effect, Preview
from ...protocol.errors import ToolError
from ..authoring.arguments import LINES, AfterArg, Arguments, CellIdArg, NoArguments
from ..authoring.typed import A, TypedTool
from .draft import new_cell_id
from .editing import EditCellArgs, edit_of
from .notebook_action import ActingTool, ActionRequest


class RunTool(ActingTool[A]):
    """A tool that runs cells: never again by itself once it was begun."""

    effect: Effect = "execute"


class RunCellArgs(Arguments, frozen=True, kw_only=True):
    """Arguments of run_cell."""

    cell_id: CellIdArg
    timeout_s: Annotated[
        Annotated[float, Meta(gt=0)] | None, Meta(description="Interrupt it after this many seconds.")
    ] = None


class RunCellTool(RunTool[RunCellArgs]):
    """Runs a cell as it is."""

    name = "run_cell"
    description = (
        "Run a code cell as it is and wait until it ends. Returns its output, its images, or its error with the "
        "traceback. A cell may run for long; people see the output meanwhile and can stop it."
    )
    arguments = RunCellArgs

    def request(self, args: RunCellArgs, call_id: str) -> ActionRequest:
        """One run."""
        return ActionRequest(run=[args.cell_id], timeout_s=args.timeout_s)


class RunCellsArgs(Arguments, frozen=True, kw_only=True):
    """Arguments of run_cells."""

    cell_ids: Annotated[
        list[str],
        Meta(max_length=200, description='Ids in the order to run them; or one of "all", "above ID", "below ID".'),
    ] = field(default_factory=list)
    restart: Annotated[bool, Meta(description="Restart the kernel before: all variables are lost.")] = False
    stop_on_error: Annotated[bool, Meta(description="Leave out the rest once a cell raises an error.")] = True
    timeout_s: Annotated[
        Annotated[float, Meta(gt=0)] | None, Meta(description="Seconds until a cell is interrupted.")
    ] = None


class RunCellsTool(RunTool[RunCellsArgs]):
    """Runs several cells in order."""

    name = "run_cells"
    description = (
        "Run code cells as they are, one after the other, with one confirmation; or restart the kernel, or both. "
        "Returns outputs, images and errors."
    )
    arguments = RunCellsArgs

    def request(self, args: RunCellsArgs, call_id: str) -> ActionRequest:
        """The runs, each cell once. Raises `ToolError` when nothing is asked for."""
        if not (args.cell_ids or args.restart):
            raise ToolError(
                "There is nothing to run.", hint='Give `cell_ids`, such as ["all"], or `restart`.', code="invalid_args"
            )
        return ActionRequest(
            run=list(dict.fromkeys(args.cell_ids)),
            restart=args.restart,
            stop_on_error=args.stop_on_error,
            timeout_s=args.timeout_s,
        )


class InsertAndRunArgs(Arguments, frozen=True, kw_only=True):
    """Arguments of insert_and_run."""

    after: AfterArg
    source: Annotated[str, Meta(description="The code of the new cell.", extra_json_schema=LINES)]


class InsertAndRunTool(RunTool[InsertAndRunArgs]):
    """Adds a code cell and runs it."""

    name = "insert_and_run"
    description = (
        "Insert a new code cell after another one and run it, with one confirmation: the usual way to try something. "
        "Returns the cell's id, and its output, images or error."
    )
    arguments = InsertAndRunArgs

    def request(self, args: InsertAndRunArgs, call_id: str) -> ActionRequest:
        """A new cell, and its run."""
        cell_id = new_cell_id(call_id)
        cell = InsertCell(cell_id=cell_id, after=args.after, cell_type="code", source=args.source)
        return ActionRequest(edits=[cell], run=[cell_id])


class EditAndRunArgs(EditCellArgs, frozen=True, kw_only=True):
    """Arguments of edit_and_run."""


class EditAndRunTool(RunTool[EditAndRunArgs]):
    """Changes a code cell and runs it."""

    name = "edit_and_run"
    description = (
        "Change the source of a code cell and run it, with one confirmation: either replace `old_text`, which must "
        "stand in exactly one place, by `new_text`, or give the whole `source`. Returns the "
        "output. To run a cell as it is, use run_cell."
    )
    arguments = EditAndRunArgs

    def request(self, args: EditAndRunArgs, call_id: str) -> ActionRequest:
        """An edit, and the run of that cell."""
        return ActionRequest(edits=[edit_of(self.name, args)], run=[args.cell_id])


class RestartKernelTool(TypedTool[NoArguments]):
    """Restarts the kernel."""

    name = "restart_kernel"
    description = (
        "Restart the notebook's kernel: all variables and imports are lost, the cells and their outputs stay. "
        "Cells that define what you need must be run again."
    )
    effect: Effect = "execute"
    arguments = NoArguments

    async def plan(self, args: NoArguments, context: ToolContext) -> Proposal:
        """Say that variables will be lost."""
        return Proposal(preview=Preview(title="Restart the kernel; all variables are lost"), dangers=["restarts"])

    async def act(self, args: NoArguments, proposal: Proposal, context: ToolContext) -> CallResult:
        """Restart it. Raises `KernelError` when there is none."""
        await context.notebook.restart()
        return CallResult(text="The kernel was restarted. No variable or import is left in it.")


class InterruptKernelTool(TypedTool[NoArguments]):
    """Interrupts what the kernel runs; it does not wait until that is over, as other calls do."""

    name = "interrupt_kernel"
    waits_its_turn = False
    description = "Interrupt what the notebook's kernel runs at this moment. Variables stay."
    effect: Effect = "execute"
    arguments = NoArguments

    async def plan(self, args: NoArguments, context: ToolContext) -> Proposal:
        """There is nothing to check."""
        return Proposal(preview=Preview(title="Interrupt the kernel"), dangers=[])

    async def act(self, args: NoArguments, proposal: Proposal, context: ToolContext) -> CallResult:
        """Interrupt it; nothing happens when nothing runs."""
        await context.notebook.interrupt()
        return CallResult(text="The kernel was interrupted. If it ran nothing, nothing happened.")
