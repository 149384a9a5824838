"""Tool calls put together from the fragments of a stream, whatever the server does with `index` and `id`."""

from __future__ import annotations

import json
from collections.abc import Iterator

from ...ports.model import ToolRequest
from ...protocol import JsonObject
from .arguments import Arguments, is_complete, read_arguments

# What some providers hang on a call and want back verbatim (Gemini's thought signatures).
ECHOED_IN_CALLS = ("extra_content", "provider_specific_fields")


class _Call:
    """A call that is still growing."""

    def __init__(self, index: int | None) -> None:
        self.index = index
        self.id = ""
        self.name = ""
        self.raw = ""
        self.extra: JsonObject = {}

    def add(self, fragment: _Fragment) -> None:
        self.id = self.id or fragment.id
        self.name = self.name or fragment.name
        self.raw += fragment.arguments
        self.extra.update(fragment.extra)


class _Fragment:
    """One entry of `delta.tool_calls`, with every field brought to one shape."""

    def __init__(self, entry: JsonObject) -> None:
        function = entry.get("function")
        function = function if isinstance(function, dict) else {}
        index, arguments = entry.get("index"), function.get("arguments")
        self.index = index if isinstance(index, int) else None
        self.id = _text(entry.get("id"))
        self.name = _text(function.get("name")).strip()
        self.arguments = arguments if isinstance(arguments, str) else "" if arguments is None else json.dumps(arguments)
        self.extra = {key: entry[key] for key in ECHOED_IN_CALLS if entry.get(key)}


class ToolCalls:
    """The calls of one answer.

    A fragment goes to the call with its index, else to the one with its id, else to the last one. It begins another
    call when it brings a name although that call already has one and either the ids or the names differ or the
    arguments are complete: so servers that number every call 0, leave ids out or reuse them are understood alike.
    """

    def __init__(self) -> None:
        self._calls: list[_Call] = []

    def add(self, entry: JsonObject) -> None:
        """Take one entry of `delta.tool_calls`."""
        fragment = _Fragment(entry)
        call = self._find(fragment)
        if call is None or _begins_another(call, fragment):
            call = _Call(fragment.index)
            self._calls.append(call)
        call.add(fragment)

    def requests(self) -> list[ToolRequest]:
        """The calls in order; one that the server never named is left out when it has no arguments either."""
        return [
            ToolRequest(tool=call.name, raw_args=arguments.raw, args=arguments.value, extra=call.extra or None)
            for call, arguments in self._parsed()
            if call.name or arguments.raw.strip()
        ]

    def are_whole(self) -> bool:
        """Whether every call's arguments are JSON objects."""
        return all(arguments.value is not None for _, arguments in self._parsed())

    def _parsed(self) -> Iterator[tuple[_Call, Arguments]]:
        return ((call, arguments) for call in self._calls for arguments in read_arguments(call.raw))

    def _find(self, fragment: _Fragment) -> _Call | None:
        newest_first = list(reversed(self._calls))
        last = newest_first[0] if newest_first else None
        if fragment.index is not None:
            at_index = next((call for call in newest_first if call.index == fragment.index), None)
            return at_index or (None if fragment.name or fragment.id else last)
        with_id = (call for call in newest_first if fragment.id and call.id == fragment.id)
        return next(with_id, last)


def _begins_another(call: _Call, fragment: _Fragment) -> bool:
    if not fragment.name or not call.name:
        return False
    other_id = bool(fragment.id and call.id and fragment.id != call.id)
    return other_id or fragment.name != call.name or is_complete(call.raw)


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""
