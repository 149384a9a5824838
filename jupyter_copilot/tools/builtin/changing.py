"""The tool that makes all that one purpose needs of a notebook: changes, a restart, runs, as one proposal."""

from __future__ import annotations

from typing import Annotated, Any

from msgspec import Meta, field
from msgspec.structs import replace

from ...protocol import Effect
from ...protocol.errors import ToolError
from ..authoring.arguments import Arguments
from .draft import Edit, new_cell_id
from .editing import ManyChanges, OneChange
from .notebook_action import ActingTool, ActionRequest


class ChangeNotebookArgs(Arguments, frozen=True, kw_only=True):
    """Arguments of change_notebook."""

    changes: Annotated[list[OneChange], Meta(max_length=100, description="In order; all or none is made.")] = field(
        default_factory=list
    )
    run: Annotated[
        list[str],
        Meta(
            max_length=200,
            description='What to run after the changes: ids in order, or one of "changed", "changed_and_below", "all".',
        ),
    ] = field(default_factory=list)
    restart: Annotated[bool, Meta(description="Restart the kernel before the runs.")] = False


class ChangeNotebookTool(ActingTool[ChangeNotebookArgs]):
    """Changes cells and runs some, decided once."""

    name = "change_notebook"
    description = (
        "Change cells and run what depends on them, with one confirmation for all of it. Each change has an `action`: "
        "insert_cell (after, source, cell_type; a `cell_id` that you make up names the new cell in this call), "
        "edit_cell (old_text and new_text, or the whole source), delete_cell, "
        "move_cell (after), set_cell_type. Returns outputs, images and errors."
    )
    effect: Effect = "execute"
    least_effect: Effect = "edit"
    edits_once = True
    arguments = ChangeNotebookArgs

    def __init__(self) -> None:
        super().__init__()
        self._changes = ManyChanges()

    def effect_with(self, args: dict[str, Any]) -> Effect:
        """Changes alone are an edit."""
        return "edit" if args.get("changes") and not args.get("run") and not args.get("restart") else "execute"

    def decode(self, args: dict[str, Any]) -> ChangeNotebookArgs:
        """As typed arguments; one cell or word to run may stand without a list."""
        run = args.get("run")
        if isinstance(run, str) and not run.lstrip().startswith("["):
            words = [] if run.strip().lower() in ("", "none", "null", "false") else [run]
            args = {**args, "run": words}
        return super().decode(args)

    def request(self, args: ChangeNotebookArgs, call_id: str) -> ActionRequest:
        """The edits in order, and what is to run. Raises `ToolError` when nothing is asked for."""
        if not (args.changes or args.run or args.restart):
            raise ToolError("There is nothing to do.", hint="Give `changes`, `run` or `restart`.", code="invalid_args")
        made_up = {
            change.cell_id: new_cell_id(f"{call_id}#{index}")
            for index, change in enumerate(args.changes)
            if change.action == "insert_cell" and isinstance(change.cell_id, str) and change.cell_id
        }
        edits: list[Edit] = []
        for index, change in enumerate(args.changes):
            named = _named(change, made_up)
            edits += self._changes.edits(named, index, call_id)
        return ActionRequest(edits=edits, run=[made_up.get(each, each) for each in args.run], restart=args.restart)


def _named(change: OneChange, made_up: dict[str, str]) -> OneChange:
    """The change with the ids of cells that earlier changes insert in place of the names that the model made up."""
    if change.action == "insert_cell":
        change = replace(change, cell_id="")
    elif isinstance(change.cell_id, str):
        change = replace(change, cell_id=made_up.get(change.cell_id, change.cell_id))
    after = change.after
    return replace(change, after=made_up.get(after, after)) if isinstance(after, str) else change
