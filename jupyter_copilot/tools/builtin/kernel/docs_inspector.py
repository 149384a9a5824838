"""What runs inside of a Python kernel to find the documentation of something by its dotted name.

The source of this module is sent to the kernel as text, so it needs nothing but the standard library of Python 3.8. It
imports nothing, and looks attributes up without running any code of the objects.
"""

from __future__ import annotations

import builtins
import inspect
import json
import sys
from typing import Any

MARK = "\x1e"
MAX_DOC = 4_000
_NOTHING: Any = object()


def answer(namespace: dict[str, Any], name: str) -> None:
    """Print signature and documentation as JSON between marks; null where there is no such thing."""
    print(MARK + json.dumps(found(namespace, name)) + MARK, flush=True)


def found(namespace: dict[str, Any], name: str) -> dict[str, str] | None:
    """The kind, the signature and the documentation of what the name leads to."""
    thing = look_up(namespace, name.split("."))
    if thing is _NOTHING:
        return None
    described = thing if is_documented(thing) else type(thing)
    doc = inspect.getdoc(described)
    return {"kind": type(thing).__name__, "signature": signature(described), "doc": (doc or "")[:MAX_DOC]}


def look_up(namespace: dict[str, Any], parts: list[str]) -> Any:
    """The thing itself, from the user's names, the built-in ones, or the modules that are imported."""
    for size in range(len(parts), 0, -1):
        module = sys.modules.get(".".join(parts[:size]))
        if module is not None and parts[0] not in namespace:
            return attributes(module, parts[size:])
    first = namespace.get(parts[0], vars(builtins).get(parts[0], _NOTHING))
    return attributes(first, parts[1:])


def attributes(thing: Any, names: list[str]) -> Any:
    """What attributes of attributes lead to, without calling anything."""
    for name in names:
        thing = inspect.getattr_static(thing, name, _NOTHING) if thing is not _NOTHING else thing
        if isinstance(thing, (staticmethod, classmethod)):
            thing = thing.__func__
        elif isinstance(thing, property):
            thing = thing.fget
    return thing


def is_documented(thing: Any) -> bool:
    """Whether documentation is its own, and not that of its type."""
    return inspect.isroutine(thing) or inspect.isclass(thing) or inspect.ismodule(thing)


def signature(thing: Any) -> str:
    """How it is called; empty where that is not known."""
    try:
        return str(inspect.signature(thing)) if callable(thing) else ""
    except (TypeError, ValueError):
        return ""
