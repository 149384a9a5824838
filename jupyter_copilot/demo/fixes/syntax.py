"""SyntaxError: something small is missing; whatever is added must make the whole cell valid Python."""

from __future__ import annotations

import re
from collections.abc import Iterator

from .case import Case, Fix

_PAIRS = {"(": ")", "[": "]", "{": "}"}
_PRINT = re.compile(r"^(\s*)print +(.+)$", re.MULTILINE)


def mend_syntax(case: Case) -> Fix | None:
    """The first small repair after which the cell can be compiled."""
    if case.trouble.name not in ("SyntaxError", "IndentationError", "_IncompleteInputError"):
        return None
    error = _problem(case.source)
    if error is None:
        return None
    for why, source in _repairs(case.source, error):
        if source != case.source and _problem(source) is None:
            return Fix(why=why, source=source)
    return None


def _repairs(source: str, error: SyntaxError) -> Iterator[tuple[str, str]]:
    lines = source.split("\n")
    at = min(max((error.lineno or 1) - 1, 0), len(lines) - 1)
    line = lines[at].rstrip()

    def with_line(text: str, index: int = at) -> str:
        return "\n".join([*lines[:index], text, *lines[index + 1 :]])

    for opening, closing in _PAIRS.items():
        # The line where it was opened, then where Python noticed, then the end of the cell.
        for index in dict.fromkeys([at, max(at - 1, 0), len(lines) - 1]):
            yield f"A `{opening}` was never closed.", with_line(_append(lines[index], closing), index)
    for quote in (quote for quote in "\"'" if line.count(quote) % 2):
        inner = line.rstrip(")]};")
        yield "A string was never ended.", with_line(inner + quote + line[len(inner) :])
        yield "A string and a bracket were never ended.", with_line(_append(line, f"{quote})"))
    yield "A colon is missing.", with_line(_append(line, ":"))
    yield "`print` is a function and needs parentheses.", _PRINT.sub(r"\1print(\2)", source)
    for closing in _PAIRS.values():
        place = line.rfind(closing)
        if place >= 0:
            yield f"There is a `{closing}` too many.", with_line(line[:place] + line[place + 1 :])
    yield "A comparison needs `==`.", with_line(re.sub(r"(?<![=!<>])=(?!=)", "==", line))
    yield "A line is indented too far.", with_line(line.lstrip())


def _append(line: str, text: str) -> str:
    """The line with the text at its end, before a comment and before a last semicolon."""
    code, hash_, comment = line.partition("  #")
    code = code.rstrip()
    return (f"{code[:-1]}{text};" if code.endswith(";") else f"{code}{text}") + hash_ + comment


def _problem(source: str) -> SyntaxError | None:
    try:
        compile(source, "<cell>", "exec")
    except SyntaxError as error:
        return error
    except ValueError:
        return None
    return None
