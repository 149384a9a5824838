"""What a docstring says: of the function, and of each parameter, in the styles of Google, NumPy and Sphinx."""

from __future__ import annotations

import re
from collections.abc import Sequence

from msgspec import Struct

_GOOGLE = re.compile(r"(Args|Arguments|Parameters):\s*")
_GOOGLE_ENTRY = re.compile(r"(\w+)\s*(?:\([^)]*\))?:\s*(.*)")
_NUMPY = re.compile(r"Parameters\s*\n-{3,}\s*")
_NUMPY_ENTRY = re.compile(r"(\w+)\s*(?::.*)?()")
_SPHINX = re.compile(r"^:param\s+(?:[^:]*\s)?(\w+):\s*")
_SECTION = re.compile(
    r"^((Args|Arguments|Parameters|Returns?|Raises|Yields?|Examples?|Notes?|See Also|References):?\s*$|:\w+)"
)


class Documentation(Struct, frozen=True):
    """The description of a function, and those of its parameters by name."""

    description: str
    parameters: dict[str, str]


def read_docstring(docstring: str) -> Documentation:
    """The parts of a docstring that was cleaned by `inspect.getdoc`."""
    lines = docstring.split("\n")
    end = next((number for number, line in enumerate(lines) if _SECTION.match(line)), len(lines))
    return Documentation("\n".join(lines[:end]).strip(), {**_sphinx(lines), **_sections(lines)})


def _sphinx(lines: Sequence[str]) -> dict[str, str]:
    found: dict[str, list[str]] = {}
    name: str | None = None
    for line in lines:
        match = _SPHINX.match(line)
        if match is not None:
            name = match[1]
            found[name] = [line[match.end() :]]
        elif name is not None and line.startswith(" "):
            found[name].append(line.strip())
        else:
            name = None
    return {name: " ".join(texts).strip() for name, texts in found.items()}


def _sections(lines: Sequence[str]) -> dict[str, str]:
    """The entries of an `Args:` section, or of a `Parameters` one that is underlined."""
    found: dict[str, list[str]] = {}
    for number, line in enumerate(lines):
        if _GOOGLE.fullmatch(line):
            found |= _entries(lines[number + 1 :], _GOOGLE_ENTRY)
        elif _NUMPY.fullmatch("\n".join(lines[number : number + 2])):
            found |= _entries(lines[number + 2 :], _NUMPY_ENTRY)
    return {name: " ".join(texts).strip() for name, texts in found.items()}


def _entries(body: Sequence[str], entry: re.Pattern[str]) -> dict[str, list[str]]:
    """What stands at the section's own indentation begins an entry; what stands deeper continues it."""
    found: dict[str, list[str]] = {}
    filled = [line for line in body if line.strip()]
    margin, name = _indentation(filled[0]) if filled else 0, ""
    for line in filled:
        begins = entry.fullmatch(line.strip()) if _indentation(line) == margin else None
        if _SECTION.match(line) or _indentation(line) < margin or (begins is None and not name):
            break
        if begins is not None:
            name = begins[1]
            found[name] = [begins[2]]
        else:
            found[name].append(line.strip())
    return found


def _indentation(line: str) -> int:
    return len(line) - len(line.lstrip())
