"""The tool that shows how a notebook is built, without its text."""

from __future__ import annotations

from ...ports.tool import ToolContext
from ...protocol import CallResult
from ..authoring.arguments import NoArguments
from ..authoring.typed import ReadTool
from ..render.describe import outline

OUTLINE_CHARS = 40_000


class ReadOutlineTool(ReadTool[NoArguments]):
    """Shows one line for each cell."""

    name = "read_outline"
    description = (
        "See how the notebook is built: one line for each cell, with number, id, type and its first line. "
        "The cheapest way to find what to read with read_cell."
    )
    arguments = NoArguments

    def title(self, args: NoArguments) -> str:
        """What it does, in one line for people."""
        return "Look over the notebook"

    async def look(self, args: NoArguments, context: ToolContext) -> CallResult:
        """The outline of all cells, as far as it fits."""
        cells = await context.notebook.read()
        if not cells:
            return CallResult(text="The notebook has no cells. Add one with insert_cell and `after` null.")
        return CallResult(text=outline(cells, OUTLINE_CHARS, 1))
