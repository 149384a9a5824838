"""The snapshot of a room: its whole state, as those are sent it who cannot be brought up to date by records."""

from __future__ import annotations

from typing import Protocol

from msgspec import Raw

from .. import protocol as p
from ..core.state import RoomState


class Folded(Protocol):
    """Whose state it is: a room."""

    state: RoomState


class Snapshots:
    """The encoded `snapshot` frame of a room, made once for all who need it at the same seq."""

    def __init__(self, room: Folded) -> None:
        self._room = room
        self._seq = -1
        self._frame = b""

    def frame(self) -> bytes:
        """The frame of the state as it is now."""
        state = self._room.state
        if self._seq != state.seq:
            self._frame = p.encode(p.Snapshot(seq=state.seq, log=state.log, state=Raw(p.encode(state))))
            self._seq = state.seq
        return self._frame
