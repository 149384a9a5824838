"""Skills: how something is done, told by name and description; the rest is read when it is needed.

A skill is a folder with a `SKILL.md`, whose first lines between `---` give `name` and `description`.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Iterable, Iterator
from importlib import resources
from importlib.metadata import EntryPoint, entry_points
from pathlib import Path

from jupyter_core.paths import jupyter_config_dir
from msgspec import Struct

from ...render.data import quoted, shorten_line
from .folders import ProjectFolders

GROUP = "jupyter_copilot.skills"
FILE = "SKILL.md"
OF_PROJECT = (".agents/skills", ".claude/skills", ".github/skills")
MOST = 40
MAX_DESCRIPTION = 300
MAX_BYTES = 200_000
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")
_FIELD = re.compile(r"(name|description)\s*:\s*(.*)")

log = logging.getLogger(__name__)


class Skill(Struct, frozen=True, kw_only=True):
    """A skill: what it is for, its text, and where it is from."""

    name: str
    description: str
    body: str
    source: str


def find_skills(folders: ProjectFolders, points: Iterable[EntryPoint] | None = None) -> list[Skill]:
    """Those of the project, the nearest first, then the person's own, then those of packages; each name once."""
    found: dict[str, Skill] = {}
    for skill in (*_of_project(folders), *_of_person(), *_of_packages(points)):
        found.setdefault(skill.name, skill)
    return list(found.values())[:MOST]


def told_skills(skills: Iterable[Skill]) -> str:
    """What the model is told of them: a line each."""
    lines = [f"- {each.name}: {each.description}" for each in skills]
    lead = "Skills, each of which says how something is done here. Before such a task read it with read_skill:"
    return "\n".join([lead, *lines]) if lines else ""


def parse(text: str, source: str) -> Skill | None:
    """The skill that a file describes; None when it has neither name nor description."""
    match = re.match(r"---\s*\n(.*?)\n---\s*(?:\n|$)(.*)", text.lstrip("\ufeff"), re.DOTALL)
    if match is None:
        return None
    fields: dict[str, str] = {}
    last = ""
    for line in match[1].splitlines():
        field = _FIELD.fullmatch(line.strip()) if not line[:1].isspace() else None
        if field is not None:
            last = field[1]
            fields[last] = "" if field[2].strip() in ("|", ">", "|-", ">-") else field[2].strip()
        elif line[:1].isspace() and last:
            fields[last] = f"{fields[last]} {line.strip()}".strip()
        else:
            last = ""
    name, description = (fields.get(key, "").strip("\"'") for key in ("name", "description"))
    if not _NAME.fullmatch(name) or not description:
        return None
    return Skill(
        name=name, description=shorten_line(description, MAX_DESCRIPTION), body=match[2].strip(), source=source
    )


def _of_project(folders: ProjectFolders) -> Iterator[Skill]:
    for folder in reversed(folders.paths):
        for place in OF_PROJECT:
            for name in folders.inside(f"{folder}{place}"):
                path = f"{folder}{place}/{name}/{FILE}"
                text = folders.text(path)
                skill = None if text is None else parse(text, path)
                if skill is not None:
                    yield skill


def _of_person() -> Iterator[Skill]:
    try:
        files = sorted(Path(jupyter_config_dir(), "copilot", "skills").glob(f"*/{FILE}"))
        for file in files:
            if file.stat().st_size <= MAX_BYTES:
                skill = parse(file.read_text("utf-8", "replace"), "your Jupyter configuration")
                if skill is not None:
                    yield skill
    except OSError as error:
        log.warning("The skills of the Jupyter configuration cannot be read: %s", error)


def _of_packages(points: Iterable[EntryPoint] | None) -> Iterator[Skill]:
    """Those of installed packages: an entry point names a package whose folders are skills."""
    for point in sorted(entry_points(group=GROUP) if points is None else points, key=lambda each: each.name):
        try:
            for folder in sorted(resources.files(point.value).iterdir(), key=lambda each: each.name):
                file = folder.joinpath(FILE)
                if file.is_file():
                    skill = parse(file.read_text("utf-8"), f"the package {point.value}")
                    if skill is not None:
                        yield skill
        except (Exception, SystemExit) as error:
            log.warning("The skills of %s cannot be read: %s: %s", quoted(point.value), type(error).__name__, error)
