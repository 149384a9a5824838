"""`jupyter copilot skill`: what agents from outside are taught, as a skill and as a plugin of Claude Code."""

from __future__ import annotations

import json
import shutil
from argparse import ArgumentParser, Namespace
from pathlib import Path

from ..protocol.errors import CopilotError
from .command import Command
from .terminal import say

PLUGIN = Path(__file__).with_name("plugin")
SKILL = PLUGIN / "skills" / "jupyter-notebook" / "SKILL.md"


def add_arguments(parser: ArgumentParser) -> None:
    """The options of the command."""
    parser.add_argument("folder", nargs="?", type=Path, help="where to copy the plugin to; without it, print the skill")
    parser.add_argument("--json", action="store_true", help="print JSON")


def run(arguments: Namespace) -> int:
    """Print the skill, or copy the plugin with it into a new folder."""
    folder: Path | None = arguments.folder
    if folder is None:
        text = SKILL.read_text(encoding="utf-8")
        print(json.dumps({"skill": text}) if arguments.json else text)
        return 0
    if folder.exists():
        raise CopilotError(f"{folder} is there already.", hint="Name a folder that is not.", code="already_exists")
    shutil.copytree(PLUGIN, folder)
    said = f"Wrote {folder}. Set NOTEBOOK_URL and NOTEBOOK_TOKEN, then: claude --plugin-dir {folder}"
    say(json.dumps({"folder": str(folder)}) if arguments.json else said)
    return 0


SKILL_COMMAND = Command(
    name="skill", help="Print what agents are taught about notebooks, or write a plugin.", add_arguments=add_arguments,
    run=run,
)  # fmt: skip
