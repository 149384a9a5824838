"""Who follows a room live: sessions, which are sent everything, listeners within the server, and those who wait."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from typing import Protocol

from .. import protocol as p
from ..core.state import RoomState
from ..ports.clock import Clock
from .presence import Presence
from .session.outbox import Batch, batch_of
from .supervisor import Supervisor

Listener = Callable[[Sequence[p.Record]], None]
Leave = Callable[[], None]


class Viewer(Protocol):
    """Somebody who watches a room live: a session."""

    def records(self, batch: Batch) -> None:
        """Records were committed."""

    def replaced(self) -> None:
        """The log was replaced: everything folded before is void, and the room is closed."""

    def presence(self, frame: bytes) -> None:
        """The encoded `presence` frame changed."""


class Audience:
    """The viewers and listeners of one room, and the presence that viewers are shown, once in `tick_s` at most."""

    def __init__(self, clock: Clock, supervisor: Supervisor, tick_s: float) -> None:
        self.presence = Presence(self._presence_changed)
        self._clock = clock
        self._supervisor = supervisor
        self._tick_s = tick_s
        self._viewers: list[Viewer] = []
        self._listeners: list[Listener] = []
        self._presence_due = False

    def __len__(self) -> int:
        return len(self._viewers)

    def attend(self, viewer: Viewer) -> Leave:
        """Hand committed records and presence to `viewer` as they come; returns how to leave."""
        self._viewers.append(viewer)
        return lambda: self._viewers.remove(viewer)

    def listen(self, listener: Listener) -> Leave:
        """Call `listener` with new records after they were folded, in order; returns how to leave."""
        self._listeners.append(listener)
        return lambda: self._listeners.remove(listener)

    def published(self, first: int, records: list[p.Record]) -> bytes | None:
        """Hand on records that cover the seqs from `first`, encoded once for all; returns that frame, if any looks."""
        batch = batch_of(first, records) if self._viewers else None
        if batch is not None:
            for viewer in tuple(self._viewers):
                viewer.records(batch)
        for listener in tuple(self._listeners):
            listener(records)
        return None if batch is None else batch.frame

    def replaced(self) -> None:
        """Tell every viewer that the log was replaced."""
        for viewer in tuple(self._viewers):
            viewer.replaced()

    def _presence_changed(self) -> None:
        if not self._presence_due and self._viewers:
            self._presence_due = True
            self._supervisor.once("showing presence", self._show_presence)

    async def _show_presence(self) -> None:
        await self._clock.sleep(self._tick_s)
        self._presence_due = False
        frame = p.encode(p.PresenceFrame(participants=self.presence.participants))
        for viewer in tuple(self._viewers):
            viewer.presence(frame)


class Changing(Protocol):
    """What is waited for: a room."""

    state: RoomState
    is_closed: bool


class Changes:
    """Those who wait until the state of a room is as they need it."""

    def __init__(self, room: Changing) -> None:
        self._room = room
        self._changed = asyncio.Event()

    def wake(self) -> None:
        """Let those who wait look again, once: an event that stays set would have them look for ever."""
        self._changed.set()
        self._changed = asyncio.Event()

    async def wait(self, predicate: Callable[[RoomState], bool]) -> None:
        """Return once the state satisfies `predicate`; it is asked again after records, and when the room closes.

        A closed room changes no more: waiting there ends by being cancelled.
        """
        while not predicate(self._room.state):
            await self._changed.wait()

    async def grew(self, seq: int, timeout_s: float) -> bool:
        """Return True once there are records after `seq`, or False after `timeout_s` or when the room closed."""
        room = self._room
        waiting = asyncio.ensure_future(self.wait(lambda state: state.seq > seq or room.is_closed))
        try:
            await asyncio.wait({waiting}, timeout=timeout_s)  # `wait_for` may swallow that its caller is cancelled
        finally:
            waiting.cancel()
        return room.state.seq > seq
