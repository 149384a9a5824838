"""Which tool is meant by the name that a model or its server wrote."""

from __future__ import annotations

import re
from collections.abc import Collection

_MARK = re.compile(r"<[|｜][^|｜]*[|｜]>|\[ARGS\]")
_COUNTER = re.compile(r"(:\d+|\(.*\))$", re.DOTALL)
_BEFORE_NAME = re.compile(r".*[.:/\s]", re.DOTALL)
_NOT_WORD = re.compile(r"[^a-z0-9]")


def tool_name(written: str, tools: Collection[str]) -> str:
    """The name of the tool that is meant: `functions.read_cell`, `read_cell:0` and `readCell` mean `read_cell`.

    Marks that templates leave in it (`read_cell<|channel|>commentary`) divide it. A name that means none of
    the tools, or more than one, stays as it was written.
    """
    name = written.strip().strip("\"'`")
    if name in tools:
        return name
    for candidate in _candidates(name):
        if candidate in tools:
            return candidate
        alike = [tool for tool in tools if _alike(tool) == _alike(candidate)]
        if len(alike) == 1:
            return alike[0]
    return name


def begins_name(written: str, tools: Collection[str]) -> bool:
    """Whether a tool's name may begin so, with or without what stands before names."""
    return any(tool.startswith(start) for start in {written, _last(written)} for tool in tools)


def _candidates(name: str) -> list[str]:
    parts = [_COUNTER.sub("", part.strip()).strip() for part in _MARK.split(name)]
    return [each for part in parts for each in (part, _last(part), _last(part.replace("__", ".")))]


def _last(name: str) -> str:
    return _BEFORE_NAME.sub("", name)


def _alike(name: str) -> str:
    return _NOT_WORD.sub("", name.lower())
