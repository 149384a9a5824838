"""The second look at the log before a command is refused: it may be there already, or the room may have moved on."""

from __future__ import annotations

import contextlib
from collections import Counter
from collections.abc import Iterator

from .. import protocol as p
from ..ports.event_log import EventLog, Head


class SecondLook:
    """One query for all commands that wait for the room, as of a race all but one are refused.

    A command that was waiting when the log was asked needs not ask again: it came before the answer.
    """

    def __init__(self, log: EventLog, room_id: p.RoomId) -> None:
        self._log = log
        self._room_id = room_id
        self._waiting: Counter[p.CommandId] = Counter()
        self._seen: dict[p.CommandId, int | None] = {}

    @contextlib.contextmanager
    def waiting(self, command_id: p.CommandId) -> Iterator[None]:
        """The command is here, and not answered yet."""
        self._waiting[command_id] += 1
        try:
            yield
        finally:
            self._waiting[command_id] -= 1
            self._waiting += Counter()  # drops what is zero
            self._seen.pop(command_id, None)  # whoever sends the same again must find what became of it

    async def at(self, command_id: p.CommandId) -> tuple[Head | None, int | None]:
        """The head, if it had to be asked for, and the seq of the command, if it was committed. Raises `StoreError`."""
        if command_id in self._seen:
            return None, self._seen[command_id]
        asked = list(self._waiting)
        self._seen = {}
        head, committed = await self._log.look(self._room_id, asked)
        self._seen = {each: committed.get(each) for each in asked if each in self._waiting}
        return head, committed.get(command_id)

    def forget(self) -> None:
        """What was seen last no longer holds, or was not caught up with."""
        self._seen = {}
