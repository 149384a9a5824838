"""The arguments of tool calls: JSON objects out of the text that model servers send."""

from __future__ import annotations

import json
from typing import Any, NamedTuple, NoReturn


class Arguments(NamedTuple):
    """One call's arguments as text, and as a JSON object; None when the text is none."""

    raw: str
    value: dict[str, Any] | None


def _refuse(constant: str) -> NoReturn:
    raise ValueError(f"{constant} is not JSON")


# `strict=False` lets line ends and tabs stand inside strings, as small models like to write them.
_decoder = json.JSONDecoder(strict=False, parse_constant=_refuse)


def is_complete(raw: str) -> bool:
    """Whether the text is a whole JSON object, so that what follows belongs to another call."""
    return raw.lstrip().startswith("{") and _objects(raw) is not None


def read_arguments(raw: str) -> list[Arguments]:
    """The arguments of one call, or of several that a server ran together (`{…}{…}`); never empty.

    Empty text and `null` mean no arguments. An empty object before another one is a server's placeholder and two equal
    ones in a row are one that was sent twice: neither makes a call of its own. Objects inside a JSON string are
    unwrapped once. What is no JSON object stays as one `Arguments` without value.
    """
    objects = _objects(raw)
    if objects is None:
        return [Arguments(raw, None)]
    calls: list[Arguments] = []
    for found in objects:
        if calls and calls[-1].value in ({}, found.value):
            calls.pop()
        calls.append(found)
    return calls


def _objects(raw: str) -> list[Arguments] | None:
    """The objects that stand one after another in the text, or None when there is anything else."""
    text = raw.strip()
    found: list[Arguments] = []
    try:
        while text:
            value, end = _decoder.raw_decode(text)
            if isinstance(value, str) and not found and end == len(text):
                value = _decoder.decode(value)
            if value is None:
                value = {}
            if not isinstance(value, dict):
                return None
            found.append(Arguments(text[:end], value))
            text = text[end:].lstrip()
    except (ValueError, RecursionError):
        return None
    return found or [Arguments(raw, {})]
