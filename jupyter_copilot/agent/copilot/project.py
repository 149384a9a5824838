"""What a project says to the model: its instructions and skills, read once in a run."""

from __future__ import annotations

import asyncio

from msgspec import Struct

from ... import protocol as p
from ...protocol.errors import ToolError
from ...tools.builtin.project.folders import ProjectFolders
from ...tools.builtin.project.instructions import MAX_CHARS, Instructions, find_instructions, told_instructions
from ...tools.builtin.project.skills import Skill, find_skills, told_skills
from ..run_context import RunContext

SHARE = 0.1
"""Of what a request may have, the instructions take this at most."""


class Project(Struct, frozen=True, kw_only=True):
    """What was found for a run."""

    run_id: p.RunId | None = None
    instructions: list[Instructions] = []
    skills: list[Skill] = []

    @property
    def sources(self) -> list[str]:
        """Where the instructions are from."""
        return [each.source for each in self.instructions]

    def told(self, limit_tokens: int) -> str:
        """What the model is told of it beside the rules."""
        chars = min(MAX_CHARS, round(limit_tokens * SHARE * 4))
        parts = [told_instructions(self.instructions, chars), told_skills(self.skills)]
        return "\n\n".join(filter(None, parts))


async def read_project(ctx: RunContext, run_id: p.RunId, of_notebook: str) -> Project:
    """What files of the project and the notebook's metadata say now; nothing where no files are served."""

    if not ctx.settings.root:
        return Project(run_id=run_id)

    def read() -> Project:
        try:
            folders = ProjectFolders(ctx.settings.root, ctx.room.house.path, ctx.settings.files)
        except ToolError:
            return Project(run_id=run_id)
        return Project(run_id=run_id, instructions=find_instructions(folders, of_notebook), skills=find_skills(folders))

    return await asyncio.to_thread(read)
