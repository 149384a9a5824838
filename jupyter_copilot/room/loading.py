"""Loading a room: fold it from the log, and begin what goes on for as long as it is loaded."""

from __future__ import annotations

import contextlib

from .. import protocol as p
from ..core import state as s
from ..ports.clock import Clock
from ..ports.store import RoomStore
from .expiry import Expiry
from .housekeeping import Housekeeping
from .options import RoomOptions
from .room import Room

DEFAULTS = RoomOptions()


async def load_room(
    room_id: p.RoomId, path: str, log: RoomStore, clock: Clock, options: RoomOptions = DEFAULTS
) -> Room:
    """Fold the room from its latest snapshot and the records after it, and follow its log. Raises `StoreError`."""
    head = await log.open_room(room_id)
    stored = await log.load_snapshot(room_id, s.STATE_VERSION)
    state = s.initial(head.log)
    if stored is not None:
        with contextlib.suppress(ValueError):
            state = s.decode_state(stored.state)
    if state.log != head.log or state.seq > head.seq:
        state = s.initial(head.log)
    saved_seq = state.seq
    room = Room(room_id, path, log, clock, options, state, head.floor)
    await room.catch_up()
    Housekeeping(room, log, saved_seq)
    Expiry(room)

    async def follow() -> None:
        async for seq in log.watch(room_id):
            if seq != room.state.seq:
                await room.catch_up()

    room.supervisor.keep("following other processes", follow)
    return room
