"""Patterns in rules and in the administrator's terms: narrow on purpose, and the same in Python and TypeScript."""

from __future__ import annotations

import re

_WORD = "[A-Za-z0-9_.,:@%+-]*"
"""What `*` stands for in a command: a part of one word or file name, never what separates, quotes or expands."""
_BLANK = " \t\r\n"


def is_command(command: str, code: str) -> bool:
    """Whether code is the command, but for white space around it."""
    return code.strip(_BLANK) == command.strip(_BLANK)


def fits_command(pattern: str, code: str) -> bool:
    """Whether the whole code is the pattern, but for white space around it."""
    parts = pattern.strip(_BLANK).split("*")
    return re.fullmatch(_WORD.join(re.escape(part) for part in parts), code.strip(_BLANK)) is not None


def fits_name(pattern: str, name: str) -> bool:
    """Whether a name is the pattern, where `*` stands for any text."""
    return re.fullmatch(".*".join(re.escape(part) for part in pattern.split("*")), name, re.DOTALL) is not None
