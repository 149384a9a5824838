"""The tool that reads a skill."""

from __future__ import annotations

import asyncio
from typing import Annotated

from msgspec import Meta

from ....ports.tool import ToolContext
from ....protocol import CallResult
from ....protocol.errors import ToolError
from ...authoring.arguments import Arguments
from ...authoring.typed import ReadTool
from ...render.data import quoted, shorten, titled
from .folders import ProjectFolders
from .skills import find_skills

MAX_CHARS = 20_000
READ_SKILL = "read_skill"


class ReadSkillArgs(Arguments, frozen=True, kw_only=True):
    """Arguments of read_skill."""

    name: Annotated[str, Meta(min_length=1, description="The skill's name.")]


class ReadSkillTool(ReadTool[ReadSkillArgs]):
    """Shows how something is done here."""

    name = READ_SKILL
    description = "Read one of the skills that you were told of: how something is done here."
    arguments = ReadSkillArgs

    def title(self, args: ReadSkillArgs) -> str:
        """What it does, in one line for people."""
        return f"Read the skill {titled(args.name)}"

    async def look(self, args: ReadSkillArgs, context: ToolContext) -> CallResult:
        """Its text. Raises `ToolError` when there is none of this name."""
        folders = ProjectFolders(context.root, context.path, context.files)
        skills = {each.name: each for each in await asyncio.to_thread(find_skills, folders)}
        found = skills.get(args.name.strip())
        if found is None:
            names = ", ".join(skills) or "none"
            raise ToolError(f"There is no skill {quoted(args.name)}.", hint=f"There are: {names}.")
        return CallResult(
            text=f"The skill {found.name}, from {quoted(found.source)}:\n{shorten(found.body, MAX_CHARS)}"
        )
