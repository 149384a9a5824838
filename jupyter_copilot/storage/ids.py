"""Ids that the store makes itself; nothing orders by them, so they are plainly random."""

from __future__ import annotations

from uuid import uuid4

from ..protocol import LogId, RoomId


def new_log_id() -> LogId:
    """An id for a log that begins, so that cursors of another one are recognised."""
    return LogId(str(uuid4()))


def new_room_id() -> RoomId:
    """An id for a room, which stays when its notebook is renamed."""
    return RoomId(str(uuid4()))
