"""Tools that edit cells, each against the version that the model read."""

from __future__ import annotations

from typing import Annotated, Any, Literal

import msgspec
from msgspec import UNSET, Meta, Struct, UnsetType

from ...ports.notebook import DeleteCell, InsertCell, MoveCell, SetSource, SetType
from ...protocol import Effect
from ...protocol.errors import ToolError
from ..authoring.arguments import (
    LINES,
    AfterArg,
    Arguments,
    CellIdArg,
    NewTextArg,
    OldTextArg,
    SourceArg,
    TypeArg,
    VersionArg,
)
from ..authoring.schema import is_null_word
from ..authoring.typed import A
from .draft import Edit, ReplaceText, new_cell_id
from .notebook_action import ActingTool, ActionRequest


def edit_of(tool: str, args: EditCellArgs) -> Edit:
    """The edit in whichever of its two forms, beside which the other may be blank. Raises `ToolError` for neither."""
    old, new, source = args.old_text, args.new_text, args.source
    if old is not None and new is not None and (source is None or (old and _is_blank(source))):
        return ReplaceText(cell_id=args.cell_id, expected=args.expected_version or "", old_text=old, new_text=new)
    if source is not None and ((old, new) == (None, None) or (source and _is_blank(old) and _is_blank(new))):
        return SetSource(cell_id=args.cell_id, expected=args.expected_version or "", source=source)
    raise ToolError(
        f"{tool} needs either `source` (the whole new source) or both `old_text` and `new_text` (a part of it).",
        hint="Pass exactly one of these two forms.",
        code="invalid_args",
    )


def _is_blank(text: str | None) -> bool:
    """Whether models fill in such a text where they mean none."""
    return text is None or not text or is_null_word(text)


class EditTool(ActingTool[A]):
    """A tool whose effect is a set of changes, made once however often it is executed."""

    effect: Effect = "edit"
    idempotent = True


class InsertCellArgs(Arguments, frozen=True, kw_only=True):
    """Arguments of insert_cell."""

    after: AfterArg
    source: Annotated[str, Meta(description="The source of the new cell.", extra_json_schema=LINES)]
    cell_type: TypeArg = "code"


class InsertCellTool(EditTool[InsertCellArgs]):
    """Adds a cell."""

    name = "insert_cell"
    description = (
        "Insert a new cell after another one, without running it. Returns its id. To run it too, use insert_and_run."
    )
    arguments = InsertCellArgs

    def request(self, args: InsertCellArgs, call_id: str) -> ActionRequest:
        """One new cell, whose id follows from the call."""
        return ActionRequest(
            edits=[
                InsertCell(cell_id=new_cell_id(call_id), after=args.after, cell_type=args.cell_type, source=args.source)
            ]
        )


class EditCellArgs(Arguments, frozen=True, kw_only=True):
    """Arguments of edit_cell."""

    cell_id: CellIdArg
    expected_version: VersionArg = None
    old_text: OldTextArg | None = None
    new_text: NewTextArg | None = None
    source: SourceArg | None = None


class EditCellTool(EditTool[EditCellArgs]):
    """Changes the source of a cell."""

    name = "edit_cell"
    description = (
        "Change the source of a cell, without running it: either replace `old_text`, which must stand in exactly one "
        "place, by `new_text`, or give the whole `source`. To run it too, use edit_and_run."
    )
    arguments = EditCellArgs

    def request(self, args: EditCellArgs, call_id: str) -> ActionRequest:
        """One edit."""
        return ActionRequest(edits=[edit_of(self.name, args)])


class DeleteCellArgs(Arguments, frozen=True, kw_only=True):
    """Arguments of delete_cell."""

    cell_id: CellIdArg
    expected_version: VersionArg = None


class DeleteCellTool(EditTool[DeleteCellArgs]):
    """Removes a cell."""

    name = "delete_cell"
    description = "Delete a cell with its outputs."
    arguments = DeleteCellArgs

    def request(self, args: DeleteCellArgs, call_id: str) -> ActionRequest:
        """One deletion."""
        return ActionRequest(edits=[DeleteCell(cell_id=args.cell_id, expected=args.expected_version or "")])


class MoveCellArgs(Arguments, frozen=True, kw_only=True):
    """Arguments of move_cell."""

    cell_id: CellIdArg
    after: AfterArg


class MoveCellTool(EditTool[MoveCellArgs]):
    """Puts a cell elsewhere."""

    name = "move_cell"
    description = "Move a cell so that it stands after another one. Its source and outputs stay."
    arguments = MoveCellArgs

    def request(self, args: MoveCellArgs, call_id: str) -> ActionRequest:
        """One move."""
        return ActionRequest(edits=[MoveCell(cell_id=args.cell_id, after=args.after)])


class SetCellTypeArgs(Arguments, frozen=True, kw_only=True):
    """Arguments of set_cell_type."""

    cell_id: CellIdArg
    expected_version: VersionArg = None
    cell_type: TypeArg


class SetCellTypeTool(EditTool[SetCellTypeArgs]):
    """Makes a cell code, Markdown or raw."""

    name = "set_cell_type"
    description = "Make a cell code, Markdown or raw; its source stays."
    arguments = SetCellTypeArgs

    def request(self, args: SetCellTypeArgs, call_id: str) -> ActionRequest:
        """One change of type."""
        return ActionRequest(
            edits=[SetType(cell_id=args.cell_id, expected=args.expected_version or "", cell_type=args.cell_type)]
        )


class OneChange(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One change, with the arguments of the tool that `action` names."""

    action: Literal["insert_cell", "edit_cell", "delete_cell", "move_cell", "set_cell_type"]
    cell_id: CellIdArg | UnsetType = UNSET
    expected_version: VersionArg | UnsetType = UNSET
    after: AfterArg | UnsetType = UNSET
    cell_type: TypeArg | UnsetType = UNSET
    old_text: OldTextArg | UnsetType = UNSET
    new_text: NewTextArg | UnsetType = UNSET
    source: SourceArg | UnsetType = UNSET


class EditNotebookArgs(Arguments, frozen=True, kw_only=True):
    """Arguments of edit_notebook."""

    changes: Annotated[
        list[OneChange],
        Meta(
            min_length=1,
            max_length=100,
            description="The changes in order, each with the arguments of the tool that its `action` names.",
        ),
    ]


class EditNotebookTool(EditTool[EditNotebookArgs]):
    """Makes several changes as one."""

    name = "edit_notebook"
    description = (
        "Make several changes at once, all or none, with one confirmation: best for anything that touches more than "
        "one cell. Cells inserted after the same cell stand in the order given. Nothing is run."
    )
    arguments = EditNotebookArgs

    def __init__(self) -> None:
        super().__init__()
        self._changes = ManyChanges()

    def request(self, args: EditNotebookArgs, call_id: str) -> ActionRequest:
        """The edits of all changes, in order."""
        each = enumerate(args.changes)
        return ActionRequest(
            edits=[edit for index, change in each for edit in self._changes.edits(change, index, call_id)]
        )


class ManyChanges:
    """Reads changes, each as the tool would that its action names."""

    def __init__(self) -> None:
        tools = (InsertCellTool(), EditCellTool(), DeleteCellTool(), MoveCellTool(), SetCellTypeTool())
        self._tools: dict[str, EditTool[Any]] = {tool.name: tool for tool in tools}

    def edits(self, change: OneChange, index: int, call_id: str) -> list[Edit]:
        """The edits that a change stands for. Raises `ToolError`, which says which change is meant."""
        tool = self._tools[change.action]
        given = {key: value for key, value in msgspec.to_builtins(change).items() if key != "action"}
        named = tool.parameters["properties"]
        # Small models fill in every field there is, those of other actions too.
        fields = {key: value for key, value in given.items() if key in named or not _is_blank(value)}
        try:
            return tool.request(tool.decode(fields), f"{call_id}#{index}").edits
        except ToolError as error:
            raise ToolError(f"changes[{index}]: {error.message}", hint=error.hint, code=error.code) from error
