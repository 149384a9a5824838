"""The arguments of tool calls: JSON objects out of the text that model servers send."""

from __future__ import annotations

from typing import Any, NamedTuple

from .lenient_json import as_json, decoder


class StreamedArguments(NamedTuple):
    """One call's arguments as text, and as a JSON object; None when the text is none."""

    raw: str
    value: dict[str, Any] | None


def is_complete(raw: str) -> bool:
    """Whether the text is a whole JSON object, so that what follows belongs to another call."""
    text = raw.strip()
    return text.startswith(("{", "`")) and text.endswith(("}", "`")) and _objects(text) is not None


def read_arguments(raw: str) -> list[StreamedArguments]:
    """The arguments of one call, or of several that a server ran together (`{…}{…}`); never empty.

    Empty text and `null` mean no arguments. An empty object before another one is a server's placeholder and two equal
    ones in a row are one that was sent twice: neither makes a call of its own. Objects inside a JSON string are
    unwrapped, twice at most. What is near to JSON (fenced, in single quotes, with a trailing comma) is read as meant;
    what was cut off is not completed. What is no JSON object stays as one `StreamedArguments` without value.
    """
    objects = _objects(raw)
    if objects is None:
        return [StreamedArguments(raw, None)]
    calls: list[StreamedArguments] = []
    for found in objects:
        if calls and calls[-1].value in ({}, found.value):
            calls.pop()
        calls.append(found)
    return calls


def _objects(raw: str) -> list[StreamedArguments] | None:
    """The objects that stand one after another in the text, or None when there is anything else."""
    found = _strict_objects(raw.strip())
    return found if found is not None else _strict_objects(as_json(raw).strip())


def _strict_objects(text: str) -> list[StreamedArguments] | None:
    found: list[StreamedArguments] = []
    try:
        while text:
            value, end = decoder.raw_decode(text)
            if isinstance(value, str) and not found and end == len(text):
                return _inside(value)
            if value is None:
                value = {}
            if not isinstance(value, dict):
                return None
            found.append(StreamedArguments(text[:end], value))
            text = text[end:].lstrip()
    except (ValueError, RecursionError):
        return None
    return found or [StreamedArguments("", {})]


def _inside(text: str, depth: int = 1) -> list[StreamedArguments] | None:
    """The object in a string that was encoded once or twice too often."""
    try:
        value = decoder.decode(text)
    except (ValueError, RecursionError):
        value = None
    if isinstance(value, str) and depth < 2:
        return _inside(value, depth + 1)
    return [StreamedArguments(text, value)] if isinstance(value, dict) else None
