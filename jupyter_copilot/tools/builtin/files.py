"""Tools that read the files beside the notebook."""

from __future__ import annotations

import asyncio
import json
import mimetypes
from collections.abc import Iterator
from typing import Annotated, Any

from msgspec import Meta

from ...core.untrusted_text import as_data
from ...ports.tool import ToolContext
from ...protocol import CallResult
from ...protocol.errors import ToolError
from ..authoring.arguments import Arguments
from ..authoring.typed import ReadTool
from ..render.bundle import joined
from ..render.data import lines_of, quoted, shorten, titled
from ..render.outputs import blocks_of
from .served_files import ServedFiles, size_of

MAX_CHARS = 40_000
MAX_LINE = 2_000
MAX_ENTRIES = 500


class ReadFileArgs(Arguments, frozen=True, kw_only=True):
    """Arguments of read_file."""

    path: Annotated[str, Meta(min_length=1, description="The file's path from the top folder that list_files shows.")]
    start_line: Annotated[int, Meta(ge=1, description="The first line.")] = 1
    limit: Annotated[int, Meta(ge=1, description="How many lines at most.")] = 500


class ReadFileTool(ReadTool[ReadFileArgs]):
    """Shows a text file."""

    name = "read_file"
    description = "Read lines of a text file on the server, such as a module, a CSV file or another notebook."
    arguments = ReadFileArgs

    def title(self, args: ReadFileArgs) -> str:
        """What it does, in one line for people."""
        return f"Read {titled(args.path)}"

    async def look(self, args: ReadFileArgs, context: ToolContext) -> CallResult:
        """The lines. Raises `ToolError` when it is no text file that may be read."""
        content = await asyncio.to_thread(lambda: ServedFiles(context.root, context.files).read(args.path))
        lines = lines_of(text_of(args.path, content))
        if args.start_line > max(len(lines), 1):
            raise ToolError(f"The file has {len(lines)} lines.", hint=f"Read from line {len(lines)} or before.")
        shown = list(_fitting(lines[args.start_line - 1 :][: args.limit]))
        end = args.start_line - 1 + len(shown)
        heading = f"{quoted(args.path)}, lines {args.start_line} to {end} of {len(lines)}:"
        more = f"\nCall read_file with start_line={end + 1} for the rest." if end < len(lines) else ""
        return CallResult(text=f"{heading}\n{as_data('file', chr(10).join(shown))}{more}" if lines else "It is empty.")


class ListFilesArgs(Arguments, frozen=True, kw_only=True):
    """Arguments of list_files."""

    path: Annotated[str, Meta(description="The folder; empty for the top one.")] = ""


class ListFilesTool(ReadTool[ListFilesArgs]):
    """Shows what is in a folder."""

    name = "list_files"
    description = "List the files and folders in a folder on the server, with their sizes."
    arguments = ListFilesArgs

    def title(self, args: ListFilesArgs) -> str:
        """What it does, in one line for people."""
        return f"List the files in {titled(args.path)}" if args.path.strip("/.") else "List the files"

    async def look(self, args: ListFilesArgs, context: ToolContext) -> CallResult:
        """A line for each file and folder."""
        entries = await asyncio.to_thread(lambda: ServedFiles(context.root, context.files).list(args.path))
        if not entries:
            return CallResult(text="The folder is empty.")
        lines = [
            f"{quoted(entry.name)}/" if entry.size is None else f"{quoted(entry.name)}  {size_of(entry.size)}"
            for entry in entries[:MAX_ENTRIES]
        ]
        if len(entries) > MAX_ENTRIES:
            lines.append(f"… {len(entries) - MAX_ENTRIES} more")
        return CallResult(text=as_data("files", "\n".join(lines)))


def text_of(path: str, content: bytes) -> str:
    """The content as text; a notebook as its cells and their output. Raises `ToolError` when it is binary."""
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = "\0"
    if "\0" in text:
        kind = mimetypes.guess_type(path)[0] or "binary data"
        raise ToolError(
            f"{quoted(path)} is no text but {kind}, {size_of(len(content))}.",
            hint="Read it with code in a cell, with a library for this format.",
        )
    return "\n".join(_notebook(text)) if path.endswith(".ipynb") else text


def _notebook(text: str) -> Iterator[str]:
    """A notebook's cells in the percent format, with their output in short; what is no notebook stays as it is."""
    try:
        cells: list[Any] = json.loads(text)["cells"]
        parts = [(cell["cell_type"], joined(cell["source"]), _outputs(cell)) for cell in cells]
    except (ValueError, LookupError, TypeError, AttributeError, RecursionError):
        yield text
        return
    for number, (cell_type, source, outputs) in enumerate(parts, 1):
        yield f"# %% [{cell_type}] cell {number}"
        yield source
        for block in blocks_of(outputs):
            yield f"# %% [{block.kind} of cell {number}]"
            yield block.text


def _outputs(cell: dict[str, Any]) -> list[dict[str, Any]]:
    return [output for output in cell.get("outputs", []) if isinstance(output, dict)]


def _fitting(lines: list[str]) -> Iterator[str]:
    """As many of the lines as fit, at least one; very long ones shortened."""
    left = MAX_CHARS
    for position, line in enumerate(lines):
        short = shorten(line, MAX_LINE)
        left -= len(short)
        if left < 0 and position:
            return
        yield short
