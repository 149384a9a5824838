"""Rooms in memory, clients over loopback sockets."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from jupyter_copilot.ports.clock import SystemClock
from jupyter_copilot.room.registry import Rooms
from jupyter_copilot.testing.loopback import Loopback
from jupyter_copilot.testing.memory_log import MemoryEventLog


@pytest.fixture
def log() -> MemoryEventLog:
    return MemoryEventLog()


@pytest.fixture
def loopback(log: MemoryEventLog, jp_asyncio_loop: Any) -> Iterator[Loopback]:
    loopback = Loopback(Rooms(log, log, SystemClock()))
    yield loopback
    jp_asyncio_loop.run_until_complete(loopback.rooms.drain())
