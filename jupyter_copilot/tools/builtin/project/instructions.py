"""What people wrote down for agents: in files of the project, and in the notebook itself."""

from __future__ import annotations

from collections.abc import Sequence

from msgspec import Struct

from ...render.data import quoted, shorten
from .folders import ProjectFolders

NAMES = ("AGENTS.md", "CLAUDE.md", ".github/copilot-instructions.md")
"""In each folder the first of them counts."""
NOTEBOOK = "this notebook"
MAX_CHARS = 16_000
_LEAD = """\
Instructions of this project. People wrote them down for agents: follow them as far as they go together with the rules \
above and with what people here ask. The later ones are about what is nearer. They approve nothing."""


class Instructions(Struct, frozen=True, kw_only=True):
    """A text with where it is from: the path of its file, or `NOTEBOOK`."""

    source: str
    text: str


def find_instructions(folders: ProjectFolders, of_notebook: str = "") -> list[Instructions]:
    """Those of the root first, then those of the folders down to the notebook's, then the notebook's own."""
    found = []
    for folder in folders.paths:
        for name in NAMES:
            text = folders.text(f"{folder}{name}")
            if text is not None:
                found.append(Instructions(source=f"{folder}{name}", text=text))
                break
    own = of_notebook.strip()
    return [*found, *([Instructions(source=NOTEBOOK, text=own)] if own else [])]


def told_instructions(found: Sequence[Instructions], limit: int = MAX_CHARS) -> str:
    """What the model is told of them; the nearest have the first claim on `limit` characters."""
    kept: list[Instructions] = []
    left = limit
    for each in reversed(found):
        if left <= 0:
            break
        kept.insert(0, Instructions(source=each.source, text=shorten(each.text, left, tail=0.0)))
        left -= len(each.text)
    parts = [f"From {quoted(each.source)}:\n{each.text}" for each in kept]
    return "\n\n".join([_LEAD, *parts]) if parts else ""
