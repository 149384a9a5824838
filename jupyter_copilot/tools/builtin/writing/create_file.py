"""The tools that make a new file."""

from __future__ import annotations

import hashlib
import json
from typing import Annotated, Any

from msgspec import Meta, Struct, field

from ....ports.notebook import CellType
from ....ports.tool import ToolContext
from ....protocol.errors import ToolError
from ...authoring.arguments import LINES, Arguments
from ...render.data import quoted
from .edit_file import refuse_notebook
from .text_files import TextFile
from .writing_tool import WritingTool


class CreateFileArgs(Arguments, frozen=True, kw_only=True):
    """Arguments of create_file."""

    path: Annotated[str, Meta(min_length=1, description="Its path from the top folder; missing folders are made.")]
    text: Annotated[str, Meta(description="Its whole text.", extra_json_schema=LINES)]


class CreateFileTool(WritingTool[CreateFileArgs]):
    """Makes a text file."""

    name = "create_file"
    description = "Make a new text file on the server; one that is there is never overwritten."
    arguments = CreateFileArgs

    def path(self, args: CreateFileArgs) -> str:
        """The file."""
        return args.path

    async def text(self, args: CreateFileArgs, file: TextFile, context: ToolContext) -> str:
        """The text as it was given. Raises `ToolError` when the file is there."""
        refuse_notebook(file.path, "Make one with create_notebook.")
        refuse_existing(file, "Change it with edit_file.")
        return args.text


class NewCell(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A cell of a new notebook."""

    source: Annotated[str, Meta(description="Its source.", extra_json_schema=LINES)]
    cell_type: Annotated[CellType, Meta(description="Its kind.")] = "code"


class CreateNotebookArgs(Arguments, frozen=True, kw_only=True):
    """Arguments of create_notebook."""

    path: Annotated[str, Meta(min_length=1, description="Its path from the top folder, ending in .ipynb.")]
    cells: Annotated[list[NewCell], Meta(max_length=200, description="Its cells in order.")] = field(
        default_factory=list
    )


class CreateNotebookTool(WritingTool[CreateNotebookArgs]):
    """Makes another notebook."""

    name = "create_notebook"
    description = "Make another notebook with these cells, none of which is run; this one stays as it is."
    arguments = CreateNotebookArgs

    def path(self, args: CreateNotebookArgs) -> str:
        """The file."""
        return args.path

    async def text(self, args: CreateNotebookArgs, file: TextFile, context: ToolContext) -> str:
        """The notebook's JSON. Raises `ToolError` when the file is there, or its name is none of a notebook."""
        if not file.path.lower().endswith(".ipynb"):
            raise ToolError("The name of a notebook ends in .ipynb.", hint="For other files use create_file.")
        refuse_existing(file, "Choose another name.")
        language = (await context.notebook.describe()).language.lower()
        kernel = {"name": "python3", "display_name": "Python 3", "language": "python"}
        metadata = {"kernelspec": kernel} if language in ("", "python", "ipython") else {}
        cells = [_cell(cell, f"{context.call_id}#{number}") for number, cell in enumerate(args.cells)]
        whole = {"cells": cells, "metadata": metadata, "nbformat": 4, "nbformat_minor": 5}
        return json.dumps(whole, indent=1, ensure_ascii=False) + "\n"


def _cell(cell: NewCell, seed: str) -> dict[str, Any]:
    made: dict[str, Any] = {
        "cell_type": cell.cell_type,
        "id": hashlib.sha256(seed.encode()).hexdigest()[:8],
        "metadata": {},
        "source": cell.source.splitlines(keepends=True),
    }
    return {**made, "execution_count": None, "outputs": []} if cell.cell_type == "code" else made


def refuse_existing(file: TextFile, hint: str) -> None:
    """Raise `ToolError` when there is such a file."""
    if file.text is not None:
        raise ToolError(f"There is a file {quoted(file.path)} already.", hint=hint)
