"""Dangers: what code may do that people look at twice, found by parsing it and never by searching for words.

This is no sandbox. Code that hides what it does (names that are put together, `exec`, modules that do it inside) is
`unclear` where that can be seen, and passes where it cannot: it only decides what people are asked, and what runs has
all the rights of the kernel. Code in languages that are not parsed here is `unclear` altogether.
"""

from __future__ import annotations

from collections.abc import Iterable

from .... import protocol as p
from .python import dangers_of_python
from .shell import dangers_of_shell

MAX_CHARS = 64_000
"""Longer code is not read: it must not hold up the server, and people should look at it anyway."""
ORDER: tuple[p.Danger, ...] = ("deletes", "installs", "network", "secrets", "restarts", "unclear", "writes")
_PYTHON = frozenset(("", "python", "python3", "ipython", "ipython3"))
_SHELL = frozenset(("bash", "sh", "shell", "zsh"))


def dangers_of(code: Iterable[str], language: str = "python") -> list[p.Danger]:
    """What any of these pieces of code may do, each danger once and always in the same order."""
    found: set[p.Danger] = set()
    for source in code:
        found |= _dangers_of(source, language.lower())
    return [danger for danger in ORDER if danger in found]


def _dangers_of(source: str, language: str) -> set[p.Danger]:
    if len(source) > MAX_CHARS:
        return {"unclear"}
    if language in _PYTHON:
        return dangers_of_python(source)
    return dangers_of_shell(source) if language in _SHELL else {"unclear"}
