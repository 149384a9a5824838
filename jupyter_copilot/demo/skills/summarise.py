"""Summarise a data frame from what the kernel says of it."""

from __future__ import annotations

import re

from ..conversation import DemoConversation
from ..look import find_frame, look_around
from ..script import Script, Skill
from ..variables import Frame

_WANTED = re.compile(
    r"\b(summari[sz]e|summary|describe|what is in|what's in|columns|overview of|data ?frame|dataset|the data)\b"
)


def wanted(text: str) -> bool:
    """Whether somebody asks what the data is."""
    return _WANTED.search(text) is not None and re.search(r"\b(cells?|notebook)\b", text) is None


def script(conversation: DemoConversation) -> Script:
    """Find the frame, inspect it, and tell its shape, columns and gaps."""
    scene = yield from look_around("Which data does the kernel hold?")
    frame = yield from find_frame(conversation, scene)
    if frame is None:
        return "I found no data frame. Load one with pandas, or run the cell that does, and ask me again."
    return _summary(frame)


def _summary(frame: Frame) -> str:
    table = ["| column | type | missing |", "|---|---|---|"]
    table += [f"| `{c.name}` | {c.dtype} | {'' if not c.missing else c.missing} |" for c in frame.columns]
    kinds = [column.kind for column in frame.columns]
    counts = f"{kinds.count('number')} with numbers, {kinds.count('category')} with categories"
    gaps = [column for column in frame.columns if column.missing]
    advice = ""
    if gaps:
        worst = max(gaps, key=lambda column: column.missing or 0)
        advice = (
            f"Values are missing in {len(gaps)} columns, most of them in `{worst.name}` ({worst.missing}). "
            "Say “clean the missing values” to treat them."
        )
    lead = f"`{frame.name}` has {frame.rows:,} rows and {len(frame.columns)} columns: {counts}."
    return "\n\n".join(filter(None, [lead, "\n".join(table), advice]))


SUMMARISE = Skill(name="summarise a data frame", example="Summarise df", wanted=wanted, script=script)
