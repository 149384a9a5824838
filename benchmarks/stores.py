"""The same rooms on PostgreSQL and on SQLite: appends, the wake-up of another server, loading, and a race.

`JUPYTER_COPILOT_BENCH_POSTGRES` is the address of an empty database; without it, SQLite is measured alone.
"""

from __future__ import annotations

import asyncio
import os
import time
from collections.abc import Awaitable, Callable
from unittest.mock import patch

from jupyter_copilot import protocol as p
from jupyter_copilot.client import Client
from jupyter_copilot.ports.clock import SystemClock
from jupyter_copilot.ports.store import Store
from jupyter_copilot.protocol.errors import Rejected
from jupyter_copilot.room.loading import load_room
from jupyter_copilot.room.registry import Rooms
from jupyter_copilot.room.room import Room
from jupyter_copilot.room.session.rate_limit import RateLimit
from jupyter_copilot.server.compose import open_store
from jupyter_copilot.testing.loopback import Loopback

from .append import DELTA
from .bench import Bench
from .history import PERSON
from .measure import quantile
from .report import Result

VARIABLE = "JUPYTER_COPILOT_BENCH_POSTGRES"
ROOMS, PEOPLE = 50, 50
Open = Callable[[], Store]


def measure(bench: Bench) -> Result:
    """Each kind of store in turn, with two openings of it, as of two servers."""
    stores: dict[str, Open] = {}
    if address := os.environ.get(VARIABLE, ""):
        stores["PostgreSQL"] = lambda: open_store(address, SystemClock())
    path = str(bench.folder("stores") / "rooms.sqlite3")
    stores["SQLite"] = lambda: open_store(path, SystemClock())
    with patch.object(RateLimit, "spend", lambda self, amount: None):
        found = {name: asyncio.run(_measured(opened, quick=bench.quick)) for name, opened in stores.items()}
    works = list(next(iter(found.values())))
    return Result(
        name="stores",
        title="the same rooms on each store",
        columns=["work", *found],
        rows=[[work, *(figures[work][0] for figures in found.values())] for work in works],
        notes=["Both wait for the disk before they count a record. All of it on one machine, over loopback."],
        raw={name: {work: samples for work, (_, samples) in figures.items()} for name, figures in found.items()},
    )


Figures = dict[str, tuple[str, list[float]]]


async def _measured(opened: Open, *, quick: bool) -> Figures:
    ours, theirs = opened(), opened()
    few, many, rounds = (20, 4, 2) if quick else (500, 60, 40)
    try:
        return {
            "append, one room, p50 / p99 ms": _spread(await _appends(ours, few)),
            f"append, {ROOMS} rooms at once, records/s": await _rate(ours, many),
            "seen by another server, p50 / p99 ms": _spread(await _noticed(ours, theirs, few)),
            f"load a room of {few} records, p50 / p99 ms": _spread(await _loads(theirs, rounds)),
            f"one of {PEOPLE} decisions wins, p50 / p99 ms": _spread(await _races(ours, rounds)),
        }
    finally:
        await ours.close()
        await theirs.close()


def _spread(samples: list[float]) -> tuple[str, list[float]]:
    return f"{1000 * quantile(samples, 0.5):.1f} / {1000 * quantile(samples, 0.99):.1f}", samples


async def _room(store: Store, name: str) -> Room:
    return await load_room(p.RoomId(name), f"/{name}.ipynb", store, store.clock)


async def _timed(work: Awaitable[object]) -> float:
    begun = time.perf_counter()
    await work
    return time.perf_counter() - begun


async def _fill(room: Room, count: int) -> list[float]:
    return [await _timed(room.record(lambda state, now: [DELTA], actor=PERSON)) for _ in range(count)]


async def _appends(store: Store, count: int) -> list[float]:
    room = await _room(store, "one")
    samples = await _fill(room, count)
    await room.close()
    return samples


async def _rate(store: Store, count: int) -> tuple[str, list[float]]:
    rooms = [await _room(store, f"many-{number}") for number in range(ROOMS)]
    took = await _timed(asyncio.gather(*(_fill(room, count) for room in rooms)))
    for room in rooms:
        await room.close()
    return f"{ROOMS * count / took:,.0f}", [took]


async def _noticed(ours: Store, theirs: Store, count: int) -> list[float]:
    """From the acknowledgement here until the record is folded there."""
    here, there = await _room(ours, "seen"), await _room(theirs, "seen")
    samples = []
    for _ in range(min(count, 100)):
        await here.record(lambda state, now: [DELTA], actor=PERSON)
        samples.append(await _timed(there.wait(lambda state: state.seq == here.state.seq)))
    await here.close()
    await there.close()
    return samples


async def _loads(store: Store, rounds: int) -> list[float]:
    async def load() -> None:
        await (await _room(store, "one")).close()

    return [await _timed(load()) for _ in range(rounds)]


async def _races(store: Store, rounds: int) -> list[float]:
    """From the moment in which all decide until each of them knows who won."""
    loopback = Loopback(Rooms(store, store, store.clock))
    clients = [loopback.client(f"P{number}") for number in range(PEOPLE)]
    samples = []
    try:
        for client in clients:
            client.start()
            await client.live()
        for number in range(rounds):
            samples.append(await _race(clients, f"q{number}"))
    finally:
        for client in clients:
            await client.close()
        await loopback.rooms.drain()
    return samples


async def _race(clients: list[Client], name: str) -> float:
    ask = p.OpenConfirmation(confirmation_id=p.ConfirmationId(name), title="Go on?")
    await clients[0].command(ask)
    for client in clients:
        await client.wait(lambda state: name in state.confirmations)
    won: list[int] = []

    async def decide(client: Client) -> None:
        try:
            won.append(await client.decide(name, "confirm"))
        except Rejected as refused:
            assert refused.code == "already_decided", refused.code

    took = await _timed(asyncio.gather(*map(decide, clients)))
    assert len(won) == 1
    return took
