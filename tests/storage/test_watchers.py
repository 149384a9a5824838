"""Who watches is told what is new, at once, and never of what is old."""

from __future__ import annotations

import asyncio
from collections.abc import Collection, Mapping

from jupyter_copilot import protocol as p
from jupyter_copilot.ports.event_log import Head
from jupyter_copilot.protocol.errors import StoreUnavailable
from jupyter_copilot.storage.watchers import Watchers

from ..patience import scaled
from .conftest import Open
from .samples import ROOM, said, told


class Store:
    """Heads to be read, and to be found by the poller."""

    def __init__(self) -> None:
        self.head = Head(p.LogId("log"), 3, 0)
        self.polls = 0
        self.fails = False

    async def read(self, room_ids: Collection[p.RoomId]) -> Mapping[p.RoomId, Head]:
        return dict.fromkeys(room_ids, self.head)

    async def poll(self, room_ids: Collection[p.RoomId]) -> Mapping[p.RoomId, Head]:
        self.polls += 1
        if self.fails:
            raise StoreUnavailable("Locked.")
        return await self.read(room_ids)

    async def polled(self, times: int) -> None:
        wanted = self.polls + times
        while self.polls < wanted:
            await asyncio.sleep(0)


async def test_an_append_of_this_process_is_told_without_the_poller(open_log: Open) -> None:
    log = open_log(watch_interval_s=3600)
    watching = log.watch(ROOM)
    await told(log, said("a"))
    assert await asyncio.wait_for(anext(watching), scaled(5)) == 1
    await told(log, said("b"))
    assert await asyncio.wait_for(anext(watching), scaled(5)) == 2
    await watching.aclose()  # type: ignore[attr-defined]


async def test_what_was_read_before_an_append_is_not_told_after_it() -> None:
    store = Store()
    watchers = Watchers(store.read, store.poll, 0)
    watching = watchers.follow(ROOM)
    assert await anext(watching) == 3
    watchers.saw(ROOM, 5)
    assert await anext(watching) == 5
    coming = asyncio.ensure_future(anext(watching))
    await store.polled(3)
    assert not coming.done()
    store.head = store.head._replace(seq=6)
    assert await asyncio.wait_for(coming, scaled(5)) == 6
    watchers.close()
    await watching.aclose()  # type: ignore[attr-defined]


async def test_a_log_that_began_anew_is_told_although_it_is_shorter() -> None:
    store = Store()
    watchers = Watchers(store.read, store.poll, 0)
    watching = watchers.follow(ROOM)
    assert await anext(watching) == 3
    store.head = Head(p.LogId("another"), 1, 0)
    assert await asyncio.wait_for(anext(watching), scaled(5)) == 1
    watchers.close()
    await watching.aclose()  # type: ignore[attr-defined]


async def test_watching_goes_on_when_the_store_is_back() -> None:
    store = Store()
    watchers = Watchers(store.read, store.poll, 0)
    watching = watchers.follow(ROOM)
    assert await anext(watching) == 3
    store.fails = True
    await store.polled(3)
    store.fails, store.head = False, store.head._replace(seq=4)
    assert await asyncio.wait_for(anext(watching), scaled(5)) == 4
    watchers.close()
    await watching.aclose()  # type: ignore[attr-defined]
