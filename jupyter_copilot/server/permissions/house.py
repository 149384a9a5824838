"""What this server brings to the permissions of its rooms: the administrator's terms, and its tools."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from ... import protocol as p
from ...core.permissions.house import House, ToolKind


class Houses:
    """The house of each room, by the room's key; `terms` is asked each time, as it may be read anew."""

    def __init__(
        self,
        terms: Callable[[], p.Terms],
        tools: Callable[[], Mapping[str, ToolKind]],
        shown_path: Callable[[str], str],
    ) -> None:
        self._terms = terms
        self._tools = tools
        self._shown_path = shown_path

    def at(self, key: str) -> House:
        """The house of the room with this key."""
        return House(terms=self._terms(), tools=self._tools(), path=self._shown_path(key))
