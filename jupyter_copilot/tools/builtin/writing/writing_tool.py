"""What tools that write a file have in common: a diff for people, and the check that nobody changed it meanwhile."""

from __future__ import annotations

import asyncio
import difflib
from abc import abstractmethod

from ....ports.tool import Proposal, ToolContext
from ....protocol import CallResult, Effect, Preview
from ....protocol.errors import ToolError
from ...authoring.typed import A, TypedTool
from ...render.data import quoted, titled
from .text_files import TextFile, text_file, write

MAX_DIFF_CHARS = 200_000


class WritingTool(TypedTool[A]):
    """Writes one text file, whose diff people see.

    It counts as something that is executed: what a file does, nobody knows who allows edits of cells.
    """

    effect: Effect = "execute"

    @abstractmethod
    def path(self, args: A) -> str:
        """Which file is meant."""

    @abstractmethod
    async def text(self, args: A, file: TextFile, context: ToolContext) -> str:
        """The whole text that the file is to have. Raises `ToolError`."""

    async def plan(self, args: A, context: ToolContext) -> Proposal:
        """The change as a diff, pinned to the file as it is."""
        file = await asyncio.to_thread(text_file, self.path(args), context)
        text = await self.text(args, file, context)
        verb = "Create" if file.text is None else "Change"
        return Proposal(
            preview=Preview(title=f"{verb} {titled(file.path)}", code=diff_of(file, text), language="diff"),
            pinned={f"file:{file.path}": file.version},
            written={file.path: text},
            dangers=["writes"],
        )

    async def act(self, args: A, proposal: Proposal, context: ToolContext) -> CallResult:
        """Write it, if it is as people saw it."""
        ((path, text),) = proposal.written.items()
        version = proposal.pinned[f"file:{path}"]
        await asyncio.to_thread(write, path, text, version, context)
        return CallResult(text=self.told(path, text))

    def told(self, path: str, text: str) -> str:
        """What the model is told of what was done."""
        return f"{quoted(path)} is written: {len(text.splitlines())} lines."


def diff_of(file: TextFile, text: str) -> str:
    """What will change, as a unified diff. Raises `ToolError` where nothing would, or more than people can read."""
    if file.text == text:
        raise ToolError(f"{quoted(file.path)} already has this text.", hint="There is nothing to change.")
    before = [] if file.text is None else file.text.splitlines(keepends=True)
    lines = difflib.unified_diff(before, text.splitlines(keepends=True), file.path, file.path)
    ended = [line if line.endswith("\n") else f"{line}\n\\ No newline at end of file\n" for line in lines]
    diff = "".join(ended) or f"(an empty file {file.path})\n"
    if len(diff) > MAX_DIFF_CHARS:
        raise ToolError(
            "That is more than people can read.", hint="Write smaller pieces, or do it with code in a cell."
        )
    return diff
