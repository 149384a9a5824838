"""The catalog port: which room belongs to which notebook."""

from __future__ import annotations

from typing import NamedTuple, Protocol

from ..protocol import RoomId


class RoomEntry(NamedTuple):
    """A room in the catalog; `path` is the notebook's key; times are unix ms, `updated_at` the last record's."""

    room_id: RoomId
    path: str
    created_at: int
    archived_at: int | None
    seq: int
    updated_at: int = 0


class Catalog(Protocol):
    """Which room belongs to which notebook; keys are real paths with `/` between the parts."""

    async def room_for(self, path: str, now: int) -> RoomId:
        """The room of the notebook at `path`, made when there is none."""

    async def find(self, path: str) -> RoomId | None:
        """The room of the notebook at `path`, if there is one."""

    async def path_of(self, room_id: RoomId) -> str | None:
        """The notebook's key now, or None when the room is archived or unknown."""

    async def move(self, source: str, target: str, now: int) -> list[RoomId]:
        """Take the rooms at `source`, or below it when it is a folder, to `target`; returns those that moved.

        A room that was at the target is archived first.
        """

    async def archive(self, path: str, now: int) -> list[RoomId]:
        """Archive the rooms at `path`, or below it when it is a folder; their records stay."""

    async def rooms(self) -> list[RoomEntry]:
        """Every room, archived ones included, newest last."""
