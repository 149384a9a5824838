"""Waiting for a room to change."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Protocol

from ..core.state import RoomState


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
