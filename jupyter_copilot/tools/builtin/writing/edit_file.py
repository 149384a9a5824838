"""The tool that changes a text file."""

from __future__ import annotations

from typing import Annotated

from msgspec import Meta

from ....ports.tool import ToolContext
from ....protocol.errors import ToolError
from ...authoring.arguments import LINES, Arguments
from ...render.data import quoted
from ..draft import with_line_ends_of, with_line_feeds
from ..replace import replaced
from .text_files import TextFile
from .writing_tool import WritingTool


class EditFileArgs(Arguments, frozen=True, kw_only=True):
    """Arguments of edit_file."""

    path: Annotated[str, Meta(min_length=1, description="The file's path, as read_file takes it.")]
    old_text: Annotated[
        str, Meta(min_length=1, description="Text that stands in exactly one place.", extra_json_schema=LINES)
    ]
    new_text: Annotated[str, Meta(description="What replaces it; empty to remove it.", extra_json_schema=LINES)]


class EditFileTool(WritingTool[EditFileArgs]):
    """Replaces a part of a text file."""

    name = "edit_file"
    description = (
        "Replace a text in a file on the server, such as a module; people see the diff. Code that imported it needs a "
        "restart or importlib.reload. Not for notebooks."
    )
    arguments = EditFileArgs

    def path(self, args: EditFileArgs) -> str:
        """The file."""
        return args.path

    async def text(self, args: EditFileArgs, file: TextFile, context: ToolContext) -> str:
        """The text with the part exchanged; its line ends stay. Raises `ToolError` when it is not found once."""
        refuse_notebook(file.path, "Change it with change_notebook where it is open.")
        if file.text is None:
            raise ToolError(f"There is no file {quoted(file.path)}.", hint="Make it with create_file.")
        plain = with_line_feeds(file.text)
        is_mixed = with_line_ends_of(file.text, plain) != file.text
        old, new = with_line_feeds(args.old_text), with_line_feeds(args.new_text)
        try:
            if is_mixed:
                return replaced(file.text, args.old_text, args.new_text)
            changed = replaced(plain, old, new)
        except ToolError as error:
            what = error.message.replace("the cell", quoted(file.path))
            raise ToolError(what, hint="Call read_file to see how it reads.", code=error.code) from error
        return with_line_ends_of(file.text, changed)


def refuse_notebook(path: str, hint: str) -> None:
    """Raise `ToolError` for a notebook, which people may have open with changes that are not saved."""
    if path.lower().endswith(".ipynb"):
        raise ToolError("Notebooks are not written as text.", hint=hint)
