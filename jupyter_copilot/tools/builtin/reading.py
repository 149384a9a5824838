"""Tools that read the notebook."""

from __future__ import annotations

from typing import Annotated

from msgspec import Meta

from ...core.untrusted_text import as_data
from ...ports.notebook import Cell
from ...ports.tool import Proposal, ToolContext
from ...protocol import CallResult, Preview
from ...protocol.errors import ToolError
from ..authoring.arguments import Arguments, CellIdArg
from ..authoring.typed import ReadTool
from ..render.data import shorten, titled
from ..render.describe import IN_FULL, cell_heading, outline, render_cell, render_notebook, told_cell
from ..render.pictures import pictures_of
from .lookup import find_meant
from .search.matching import Match, search

READ_CHARS = 40_000
OUTLINE_CHARS = 16_000
"""What is told of the cells behind those that fit."""
MAX_MATCHES = 100
MAX_LINE = 300


class ReadNotebookArgs(Arguments, frozen=True, kw_only=True):
    """Arguments of read_notebook."""

    start: Annotated[int, Meta(ge=1, description="The number of the first cell.")] = 1
    limit: Annotated[int, Meta(ge=1, description="How many cells at most.")] = 100


class ReadNotebookTool(ReadTool[ReadNotebookArgs]):
    """Shows cells in order."""

    name = "read_notebook"
    description = (
        "Read the notebook's cells in order: number, id, source, and outputs in short. "
        "Use read_cell for whole outputs and images."
    )
    arguments = ReadNotebookArgs

    def title(self, args: ReadNotebookArgs) -> str:
        """What it does, in one line for people."""
        return "Read the notebook" if args.start == 1 else f"Read the notebook from cell {args.start}"

    async def look(self, args: ReadNotebookArgs, context: ToolContext) -> CallResult:
        """The cells, as many as fit."""
        cells = await context.notebook.read()
        if not cells:
            return CallResult(text="The notebook has no cells. Insert one with `after` null.")
        if args.start > len(cells):
            raise ToolError(f"The notebook has {len(cells)} cells.", hint=f"Read from {len(cells)} or before.")
        wanted = cells[args.start - 1 : args.start - 1 + args.limit]
        text, count = render_notebook(wanted, READ_CHARS, args.start)
        if args.start == 1 and count < len(wanted):
            text, count = render_notebook(wanted, READ_CHARS - OUTLINE_CHARS, args.start)
        end = args.start - 1 + count
        if end < len(cells):
            text += f"\n\n{len(cells) - end} more cells: call read_notebook with start={end + 1}."
            if args.start == 1:
                text += f" They begin so:\n{outline(cells[end:], OUTLINE_CHARS, end + 1)}"
        told = {cell.cell_id: told_cell(cell) for cell in wanted[:count]}
        return CallResult(text=text, told=told)


class ReadCellArgs(Arguments, frozen=True, kw_only=True):
    """Arguments of read_cell."""

    cell_id: CellIdArg
    include_images: Annotated[bool, Meta(description="Attach its images.")] = True


class ReadCellTool(ReadTool[ReadCellArgs]):
    """Shows one cell in full."""

    name = "read_cell"
    description = "Read one cell whole: source, outputs, tracebacks and images."
    arguments = ReadCellArgs

    def title(self, args: ReadCellArgs) -> str:
        """What it does, in one line for people."""
        return f"Read cell {titled(args.cell_id)}"

    async def plan(self, args: ReadCellArgs, context: ToolContext) -> Proposal:
        """Name the cell by its number. Raises `ToolError` when there is no such cell."""
        number, cell = find_meant(await context.notebook.read(), args.cell_id)
        failed = any(output.get("output_type") == "error" for output in cell.outputs)
        return Proposal(preview=Preview(title=f"Read cell {number}" + " and its error" * failed))

    async def look(self, args: ReadCellArgs, context: ToolContext) -> CallResult:
        """The cell in full."""
        number, cell = find_meant(await context.notebook.read(), args.cell_id)
        images = pictures_of(cell) if args.include_images else []
        text = render_cell(cell, number, IN_FULL, first_image=1 if images else None)
        return CallResult(text=text, images=images, told={cell.cell_id: told_cell(cell)})


class SearchNotebookArgs(Arguments, frozen=True, kw_only=True):
    """Arguments of search_notebook."""

    query: Annotated[str, Meta(min_length=1, description="What to look for, in upper or lower case.")]
    regex: Annotated[bool, Meta(description="The query is a Python regular expression.")] = False


class SearchNotebookTool(ReadTool[SearchNotebookArgs]):
    """Finds lines in sources."""

    name = "search_notebook"
    description = "Find the lines of the cells' sources that contain a text or match a regular expression."
    arguments = SearchNotebookArgs

    def title(self, args: SearchNotebookArgs) -> str:
        """What it does, in one line for people."""
        return f"Search the notebook for {titled(args.query)}"

    async def look(self, args: SearchNotebookArgs, context: ToolContext) -> CallResult:
        """The lines found, by cell."""
        cells = await context.notebook.read()
        matches = await search(args.query, [cell.source for cell in cells], args.regex)
        if not matches:
            return CallResult(text=f"Nothing in the {len(cells)} cells' sources matches.")
        parts = []
        for index in dict.fromkeys(match.index for match in matches[:MAX_MATCHES]):
            found = [match for match in matches[:MAX_MATCHES] if match.index == index]
            parts.append(_found(cells[index], index + 1, found))
        if len(matches) > MAX_MATCHES:
            parts.append(f"{len(matches) - MAX_MATCHES} more lines match; ask for something more particular.")
        return CallResult(text="\n".join(parts))


def _found(cell: Cell, number: int, matches: list[Match]) -> str:
    lines = "\n".join(f"{match.line}: {shorten(match.text, MAX_LINE)}" for match in matches)
    return f"[{cell_heading(cell, number)}]\n{as_data('lines', lines)}"
