"""The tool that finds lines: in sources, in outputs, and in the files below the root."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Annotated

from msgspec import Meta

from ....core.untrusted_text import as_data
from ....ports.notebook import Cell
from ....ports.tool import ToolContext
from ....protocol import CallResult
from ...authoring.arguments import Arguments
from ...authoring.typed import ReadTool
from ...render.data import quoted, shorten, titled
from ...render.describe import cell_heading
from ...render.outputs import blocks_of
from ..served_files import ServedFiles
from .matching import Match, search
from .texts_of_files import texts_of_files

MAX_MATCHES = 60
MAX_LINE = 300


class SearchArgs(Arguments, frozen=True, kw_only=True):
    """Arguments of search."""

    query: Annotated[str, Meta(min_length=1, description="A text, in upper or lower case.")]
    where: Annotated[
        str, Meta(description='"cells" (their sources), "outputs", or files such as "*.py" or a folder.')
    ] = "cells"
    regex: Annotated[bool, Meta(description="The query is a Python regular expression.")] = False


class SearchTool(ReadTool[SearchArgs]):
    """Finds lines in the notebook's sources or outputs, or in text files and other notebooks."""

    name = "search"
    description = "Find lines in the notebook, or in files on the server."
    arguments = SearchArgs

    def title(self, args: SearchArgs) -> str:
        """What it does, in one line for people."""
        places = {"cells": "the notebook", "outputs": "the outputs"}
        return f"Search {places.get(args.where, titled(args.where))} for {titled(args.query)}"

    async def look(self, args: SearchArgs, context: ToolContext) -> CallResult:
        """The lines found, under the cell or the file that they are in."""
        if args.where not in ("cells", "outputs"):
            return await _in_files(args, context)
        cells = await context.notebook.read()
        if args.where == "cells":
            texts = [cell.source for cell in cells]
        else:
            texts = ["\n".join(block.text for block in blocks_of(cell.outputs)) for cell in cells]
        found = await search(args.query, texts, args.regex)
        headings = [_of_cell(cell, number) for number, cell in enumerate(cells, 1)]
        return CallResult(text=_told(found, headings, args.where, f"the {len(cells)} cells"))


async def _in_files(args: SearchArgs, context: ToolContext) -> CallResult:
    served = ServedFiles(context.root, context.files)
    pattern = args.where.removeprefix("./").strip("/") or "*"
    texts = await asyncio.to_thread(texts_of_files, served, pattern, context.path)
    paths = list(texts.by_path)
    found = await search(args.query, list(texts.by_path.values()), args.regex)
    told = _told(found, [f"{quoted(path)}:" for path in paths], "lines", f"{len(paths)} files")
    left_out = "" if texts.is_whole else "\nThere are more files than could be searched: name a folder or a kind."
    return CallResult(text=told + left_out)


def _of_cell(cell: Cell, number: int) -> str:
    return f"[{cell_heading(cell, number)}]"


def _told(found: Sequence[Match], headings: Sequence[str], kind: str, searched: str) -> str:
    if not found:
        return f"Nothing in {searched} matches."
    shown = found[:MAX_MATCHES]
    parts = []
    for index in dict.fromkeys(match.index for match in shown):
        lines = "\n".join(
            f"{match.line}: {shorten(match.text.strip(), MAX_LINE)}" for match in shown if match.index == index
        )
        parts.append(f"{headings[index]}\n{as_data(kind, lines)}")
    if len(found) > MAX_MATCHES:
        parts.append(f"{len(found) - MAX_MATCHES} more lines match; ask for something more particular.")
    return "\n".join(parts)
