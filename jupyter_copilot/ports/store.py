"""The store: one thing that keeps the log, the leases and the catalog, made from an address."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Protocol

from ..protocol import Problem
from .catalog import Catalog
from .clock import Clock
from .event_log import EventLog
from .leases import Leases
from .maintenance import Maintenance


class RoomStore(EventLog, Maintenance, Protocol):
    """What a room takes of a store."""


class Store(RoomStore, Leases, Catalog, Protocol):
    """All that a server keeps, in one place.

    Whoever needs a part of it takes that part's port. The first call opens the store; making one touches nothing.
    """

    @property
    def clock(self) -> Clock:
        """By which records are dated and what expires ends; the same for every process on this store."""

    @property
    def notices(self) -> Sequence[Problem]:
        """What went wrong with the store since the start and was mended, oldest first."""

    @property
    def files(self) -> Sequence[str]:
        """The paths of this machine's disk where it is kept, which tools keep out of; empty when it is elsewhere."""

    async def close(self) -> None:
        """Finish what was begun and release everything; further calls raise `StoreUnavailable`."""


StoreFactory = Callable[[str, Clock], Store]
"""Makes a store from its address; an empty one is the default place. Raises `StoreUnavailable` for a wrong one."""
