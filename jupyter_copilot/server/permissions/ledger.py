"""What people spent in all rooms of the server: that of rooms which are loaded, and of others as it was."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping

from msgspec.structs import replace

from ... import protocol as p
from ...core import state as s
from ...room.room import Room


class Ledger:
    """Counts from the rooms' own states, which fold it from the log; a room is remembered when it closes.

    After a start it knows what the rooms know that are loaded then: those that were in use lately.
    """

    def __init__(self, loaded: Callable[[], Iterable[Room]]) -> None:
        self._loaded = loaded
        self._closed: dict[str, dict[str, p.Spent]] = {}

    def follow(self, room: Room) -> None:
        """Remember what was spent in the room when it closes."""

        async def remember() -> None:
            self._closed[room.path] = by_people(room.state)

        room.before_close(remember)

    def elsewhere(self, path: str) -> dict[str, p.Spent]:
        """What people spent in other rooms than the one at this path, by the keys of a room's state."""
        known: dict[str, Mapping[str, p.Spent]] = dict(self._closed)
        known |= {room.path: by_people(room.state) for room in self._loaded()}
        total: dict[str, p.Spent] = {}
        for other, spent in known.items():
            for key, each in spent.items() if other != path else ():
                before = total.get(key, replace(each, tokens=0, money=0.0))
                total[key] = replace(before, tokens=before.tokens + each.tokens, money=before.money + each.money)
        return total


def by_people(state: s.RoomState) -> dict[str, p.Spent]:
    """What was spent by people, by key."""
    return {key: spent for key, spent in state.spent.items() if spent.scope == "person"}
