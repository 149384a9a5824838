"""An event log that fails once, at the await that a test chooses."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

from jupyter_copilot import protocol as p
from jupyter_copilot.protocol.errors import StoreUnavailable
from jupyter_copilot.testing.memory_log import MemoryEventLog


class FaultyLog(MemoryEventLog):
    """Fails at the await with the number `fails_at`; with `after`, when the effect is there and its answer is lost.

    Only what rooms use is counted; `calls` has the name of each await so far.
    """

    def __init__(self, fails_at: int = -1, *, after: bool = False) -> None:
        super().__init__()
        self.calls: list[str] = []
        self.fails_at = fails_at
        self.after = after

    def __getattribute__(self, name: str) -> Any:
        found = super().__getattribute__(name)
        if name in _COUNTED:
            return self._failing(name, found)
        return found

    def _failing(self, name: str, method: Callable[..., Awaitable[Any]]) -> Callable[..., Awaitable[Any]]:
        async def call(*args: Any, **named: Any) -> Any:
            if self._is_due(name) and not self.after:
                raise StoreUnavailable(f"{name} fails this once.")
            answer = await method(*args, **named)
            if len(self.calls) - 1 == self.fails_at and self.after:
                raise StoreUnavailable(f"The answer of {name} is lost this once.")
            return answer

        return call

    def _is_due(self, name: str) -> bool:
        self.calls.append(name)
        return len(self.calls) - 1 == self.fails_at

    async def watch(self, room_id: p.RoomId) -> AsyncIterator[int]:
        """Yield the heads of another process's records, failing at one of them."""
        async for seq in super().watch(room_id):
            if self._is_due("watch"):
                raise StoreUnavailable("watch fails this once.")
            yield seq


_COUNTED = {"open_room", "head", "append", "look", "read", "save_snapshot", "load_snapshot", "compact", "room_for"}
