"""Text that nobody vouches for, as the model gets it: cleaned, shortened, and with names quoted."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence

_PLAIN_WORD = re.compile(r"[A-Za-z0-9._:+/\-]{1,80}")


def shorten(text: str, limit: int, *, tail: float = 0.5) -> str:
    """The head and the tail of a text that is longer than `limit` characters, with a note of what is left out.

    `tail` is the share of the limit that the end gets. Cuts fall on line ends where lines are short enough.
    """
    if len(text) <= limit:
        return text
    last = int(limit * tail)
    head, end = text[: limit - last], text[len(text) - last :]
    head = _whole_lines(head, from_start=True)
    end = _whole_lines(end, from_start=False)
    left_out = len(text) - len(head) - len(end)
    return f"{head}\n… {left_out:,} characters left out …\n{end}".strip("\n")


def _whole_lines(text: str, *, from_start: bool) -> str:
    at = text.rfind("\n") if from_start else text.find("\n")
    kept = text[: max(at, 0)] if from_start else text[at + 1 :]
    return kept if at >= 0 and len(kept) * 2 > len(text) else text


def lines_of(text: str) -> list[str]:
    """The lines as an editor numbers them; an empty text has none."""
    return text.replace("\r\n", "\n").removesuffix("\n").split("\n") if text else []


def allot(lengths: Sequence[int], budget: int) -> list[int]:
    """How much of a budget each of several texts gets: short ones all they need, long ones an equal rest."""
    shares = [0] * len(lengths)
    waiting = sorted(range(len(lengths)), key=lambda i: lengths[i])
    for done, i in enumerate(waiting):
        shares[i] = min(lengths[i], budget // (len(lengths) - done))
        budget -= shares[i]
    return shares


def quoted(value: str) -> str:
    """A name for the model on one line: as it is when it is plain, else as a JSON string without angle brackets."""
    if _PLAIN_WORD.fullmatch(value):
        return value
    return json.dumps(value).replace("<", "\\u003c").replace(">", "\\u003e")


def titled(name: str) -> str:
    """A name in a title for people, which sets what stands between backticks as code."""
    return f"`{shorten_line(name, 80).replace('`', chr(39))}`"


def shorten_line(text: str, limit: int) -> str:
    """The text on one line, cut after `limit` characters."""
    line = " ".join(text.split())
    return line if len(line) <= limit else line[: limit - 1] + "…"
