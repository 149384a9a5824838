"""Patterns in rules and in the administrator's terms: narrow on purpose, and the same in Python and TypeScript."""

from __future__ import annotations

import re

_WORD = re.compile(r"[A-Za-z0-9_.,:@%+-]*")
"""What `*` stands for in a command: a part of one word or file name, never what separates, quotes or expands."""
_ANY = re.compile(".*", re.DOTALL)
_BLANK = " \t\r\n"


def is_command(command: str, code: str) -> bool:
    """Whether code is the command, but for white space around it."""
    return code.strip(_BLANK) == command.strip(_BLANK)


def fits_command(pattern: str, code: str) -> bool:
    """Whether the whole code is the pattern, but for white space around it."""
    return _fits(pattern.strip(_BLANK), code.strip(_BLANK), _WORD)


def fits_name(pattern: str, name: str) -> bool:
    """Whether a name is the pattern, where `*` stands for any text."""
    return _fits(pattern, name, _ANY)


def _fits(pattern: str, text: str, star: re.Pattern[str]) -> bool:
    """Takes each part where it first stands: no regular expression, as that of many `*` could take for ever.

    The first place is as good as any: what lies between the parts has to fit a star anyway, and a part that a star does
    not cover cannot stand further on.
    """
    first, *parts = pattern.split("*")
    if not parts:
        return text == first
    *parts, last = parts
    at, end = len(first), len(text) - len(last)
    if not text.startswith(first) or not text.endswith(last):
        return False
    for part in parts:
        found = text.find(part, at)
        if found < 0 or not star.fullmatch(text, at, found):
            return False
        at = found + len(part)
    return at <= end and star.fullmatch(text, at, end) is not None
