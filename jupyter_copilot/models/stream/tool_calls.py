"""Tool calls put together from the fragments of a stream, whatever the server does with `index` and `id`."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator
from typing import Any

from ...ports.model import ToolRequest
from ...protocol import JsonObject
from .arguments import StreamedArguments, is_complete, read_arguments
from .names import begins_name, tool_name
from .surrogates import joined

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

    def add(self, fragment: _Fragment, name: str) -> None:
        self.id = self.id or fragment.id
        self.name = name
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
    """The calls of one answer to a request that offered `tools`.

    A fragment goes to the call with its index, else to the one with its id, else to the last one. It begins another
    call when it brings a name although that call already has one and either the ids or the names differ or the
    arguments are complete: so servers that number every call 0, leave ids out or reuse them are understood alike.
    Names that differ are one name in pieces when they make up a tool's name before any arguments came.
    """

    def __init__(self, tools: Collection[str] = ()) -> None:
        self._tools = tools
        self._calls: list[_Call] = []

    def __bool__(self) -> bool:
        return bool(self._calls)

    def add(self, entry: JsonObject) -> None:
        """Take one entry of `delta.tool_calls`."""
        fragment = _Fragment(entry)
        call = self._find(fragment)
        name = None if call is None else self._name(call, fragment)
        if call is None or name is None:
            call, name = _Call(fragment.index), fragment.name
            self._calls.append(call)
        call.add(fragment, name)

    def requests(self) -> list[ToolRequest]:
        """The calls in order; one that the server never named is left out when it has no arguments either."""
        return [
            ToolRequest(
                tool=tool_name(name, self._tools),
                raw_args=arguments.raw,
                args=arguments.value,
                extra=call.extra or None,
            )
            for call, several in self._parsed()
            if call.name or call.raw.strip()
            for name, arguments in _expanded(call.name, several)
        ]

    def are_whole(self) -> bool:
        """Whether every call's arguments are JSON objects."""
        return all(arguments.value is not None for _, several in self._parsed() for arguments in several)

    def _parsed(self) -> Iterator[tuple[_Call, list[StreamedArguments]]]:
        return ((call, read_arguments(joined(call.raw))) for call in self._calls)

    def _find(self, fragment: _Fragment) -> _Call | None:
        newest_first = list(reversed(self._calls))
        last = newest_first[0] if newest_first else None
        if fragment.index is not None:
            at_index = next((call for call in newest_first if call.index == fragment.index), None)
            return at_index or (None if fragment.name or fragment.id else last)
        with_id = (call for call in newest_first if fragment.id and call.id == fragment.id)
        return next(with_id, last)

    def _name(self, call: _Call, fragment: _Fragment) -> str | None:
        """The call's name with this fragment, or None when the fragment begins another call."""
        if not fragment.name or not call.name:
            return call.name or fragment.name
        if fragment.id and call.id and fragment.id != call.id:
            return None
        if fragment.name == call.name:
            return None if is_complete(call.raw) else call.name
        if call.raw.strip():
            return None
        return self._joined(call.name, fragment)

    def _joined(self, before: str, fragment: _Fragment) -> str | None:
        """A name that came in pieces, each alone or each with those before it; None for two names."""
        if begins_name(before + fragment.name, self._tools):
            return before + fragment.name
        if fragment.name.startswith(before) and begins_name(fragment.name, self._tools):
            return fragment.name
        return None


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""


def _expanded(name: str, several: list[StreamedArguments]) -> Iterator[tuple[str, StreamedArguments]]:
    """The calls of one entry; the wrapper that GPT models put around calls at the same time is taken off."""
    for arguments in several:
        inner = _parallel(name, arguments.value)
        yield from inner or [(name, arguments)]


def _parallel(name: str, args: dict[str, Any] | None) -> list[tuple[str, StreamedArguments]]:
    uses = (args or {}).get("tool_uses")
    if not name.startswith("multi_tool_use") or not isinstance(uses, list):
        return []
    found = [(_text(use.get("recipient_name")), use.get("parameters")) for use in uses if isinstance(use, dict)]
    return [
        (name, StreamedArguments(json.dumps(args), args if isinstance(args, dict) else None))
        for name, args in found
        if name
    ]
