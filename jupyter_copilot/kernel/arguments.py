"""A call's arguments, as people are shown them before they confirm it."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from reprlib import Repr
from typing import Any

_CHARS = 300


def described(function: Callable[..., Any], arguments: tuple[Any, ...], named: dict[str, Any]) -> str:
    """The function's first line of documentation and each argument with its value, shortened."""
    shorten = Repr()
    shorten.maxstring = shorten.maxother = _CHARS
    try:
        bound = inspect.signature(function).bind(*arguments, **named)
    except TypeError:  # the call itself says what is wrong, once it is made
        values = {str(index): value for index, value in enumerate(arguments)} | named
    else:
        bound.apply_defaults()
        values = dict(bound.arguments)
    lines = [f"{name} = {shorten.repr(value)}" for name, value in values.items()]
    summary = (inspect.getdoc(function) or "").partition("\n")[0]
    return "\n".join(filter(None, [summary, *lines]))
