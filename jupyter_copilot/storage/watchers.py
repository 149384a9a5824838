"""Who waits for which room's head, and the one poller that notices other processes' commits."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections import defaultdict
from collections.abc import AsyncIterator, Awaitable, Callable, Collection, Iterator, Mapping

from ..ports.event_log import Head
from ..protocol import RoomId
from ..protocol.errors import StoreError

ReadHeads = Callable[[Collection[RoomId]], Awaitable[Mapping[RoomId, Head]]]

_log = logging.getLogger(__name__)


class Watchers:
    """Wakes those who follow a room when its head moved.

    An append of this process is told through `saw` and wakes at once. `read_changed` is asked every `interval_s` while
    somebody watches: it returns the heads when another process may have moved them, else nothing.
    """

    def __init__(self, read: ReadHeads, read_changed: ReadHeads | None = None, interval_s: float = 0.1) -> None:
        self._read = read
        self._read_changed = read_changed
        self._interval_s = interval_s
        self._heads: dict[RoomId, Head] = {}
        self._waiting: defaultdict[RoomId, set[asyncio.Event]] = defaultdict(set)
        self._poller: asyncio.Task[None] | None = None
        self._closed = False

    async def follow(self, room_id: RoomId) -> AsyncIterator[int]:
        """Yield the head's seq now, unless it is 0, and whenever it has moved since; ends with `close`."""
        with self._waiter(room_id) as moved:
            self._saw_heads(await self._read([room_id]))
            last = ("", 0)
            while not self._closed:
                moved.clear()
                head = self._heads.get(room_id)
                if head is not None and (head.log, head.seq) != last:
                    last = (head.log, head.seq)
                    if head.seq:
                        yield head.seq
                else:
                    await moved.wait()

    def saw(self, room_id: RoomId, seq: int) -> None:
        """Tell that this process moved the room's head to `seq`."""
        head = self._heads.get(room_id)
        if head is not None and seq > head.seq:
            self._saw_heads({room_id: head._replace(seq=seq)})

    def close(self) -> None:
        """End everybody's watching."""
        self._closed = True
        self._stop_polling()
        for waiting in self._waiting.values():
            for moved in waiting:
                moved.set()

    def _saw_heads(self, heads: Mapping[RoomId, Head]) -> None:
        for room_id, head in heads.items():
            known = self._heads.get(room_id)
            # What was read a moment ago may be older than what an append told since.
            if room_id in self._waiting and (known is None or head.log != known.log or head.seq > known.seq):
                self._heads[room_id] = head
                for moved in self._waiting[room_id]:
                    moved.set()

    @contextlib.contextmanager
    def _waiter(self, room_id: RoomId) -> Iterator[asyncio.Event]:
        moved = asyncio.Event()
        self._waiting[room_id].add(moved)
        if self._poller is None and self._read_changed is not None:
            self._poller = asyncio.create_task(self._poll(self._read_changed), name="eventlog watch")
        try:
            yield moved
        finally:
            self._waiting[room_id].discard(moved)
            if not self._waiting[room_id]:
                del self._waiting[room_id]
                self._heads.pop(room_id, None)
            if not self._waiting:
                self._stop_polling()

    async def _poll(self, read_changed: ReadHeads) -> None:
        failing = False
        while True:
            await asyncio.sleep(self._interval_s)
            try:
                self._saw_heads(await read_changed([*self._waiting]))
                failing = False
            except StoreError as error:
                # Whoever appends or reads is told of it; watching goes on, for when it is mended.
                if not failing:
                    _log.warning("Other servers' records are not noticed at the moment. %s", error)
                failing = True

    def _stop_polling(self) -> None:
        if self._poller is not None:
            self._poller.cancel()
            self._poller = None
