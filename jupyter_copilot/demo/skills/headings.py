"""Give the notebook a structure of Markdown headings, as one change."""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import pairwise
from typing import Any

from ..cells import CellView, read_cells
from ..conversation import DemoConversation
from ..outcome import Call
from ..prose import describe, sentence
from ..script import Script, ScriptStep, Skill
from ..sections import has_headings, sections
from ..verdict import mishap, thanks

_WANTED = re.compile(r"\b(headings?|headers?|sections?|structure|structured|outline|table of contents|organi[sz]e)\b")


def wanted(text: str) -> bool:
    """Whether somebody asks for headings."""
    return _WANTED.search(text) is not None


def script(conversation: DemoConversation) -> Script:
    """Read the notebook, propose all headings at once, and say what became of it."""
    [notebook] = yield ScriptStep(
        thought="I read the notebook to see which cells belong together.", calls=[Call("read_notebook")]
    )
    cells = read_cells(notebook.result)
    found = sections(cells)
    if has_headings(cells):
        return "This notebook has section headings already, so I leave its structure to you."
    if not found:
        return "There is no code in this notebook yet, so there is nothing to give headings to."
    explain = "expl" in conversation.request.text.lower()
    names = ", ".join(f"“{title}”" for title, _ in found)
    [outcome] = yield ScriptStep(
        thought="These are the sections: " + "; ".join(f"{title} from {cell.name}" for title, cell in found) + ".",
        text=f"I would add {len(found)} headings: {names}. It is one change, and no code is touched:",
        calls=[Call("edit_notebook", {"changes": _changes(cells, found, explain)})],
    )
    return mishap(outcome) or f"{thanks(outcome)}Done. The table of contents in the left sidebar shows them."


def _changes(cells: Sequence[CellView], found: Sequence[tuple[str, CellView]], explain: bool) -> list[dict[str, Any]]:
    before = {cell.cell_id: previous.cell_id for previous, cell in pairwise(cells)}
    return [
        {
            "action": "insert_cell",
            "after": before.get(first.cell_id),
            "cell_type": "markdown",
            "source": f"## {title}" + (f"\n\nThis {sentence(describe(first.source))}." if explain else ""),
        }
        for title, first in found
    ]


HEADINGS = Skill(name="add headings", example="Add headings to this notebook", wanted=wanted, script=script)
