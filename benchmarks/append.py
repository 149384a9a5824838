"""Appending: durable records a second, against bare `sqlite3` at the same durability."""

from __future__ import annotations

import asyncio
import sqlite3
import time
from collections.abc import Callable
from itertools import count
from pathlib import Path

from jupyter_copilot import protocol as p
from jupyter_copilot.ports.clock import SystemClock
from jupyter_copilot.room.loading import load_room
from jupyter_copilot.room.room import Room
from jupyter_copilot.storage.sqlite.log import SqliteEventLog

from .bench import Bench
from .history import PERSON
from .measure import ratio, spread
from .report import Result

ROOMS = 50
DELTA = p.TextDelta(run_id=p.RunId("r"), step=1, message_id=p.MessageId("m"), text="some thirty characters of text")
Round = Callable[[int], float]
"""Writes this many records and returns how many that are a second."""


class Copilot:
    """Our store and our rooms."""

    def __init__(self, folder: Path) -> None:
        self._log = SqliteEventLog(folder / "ours.sqlite3")
        self._runner = asyncio.new_event_loop()
        self._rooms = self._runner.run_until_complete(self._loaded())

    async def _loaded(self) -> list[Room]:
        clock = SystemClock()
        return [await load_room(p.RoomId(f"r{n}"), f"/{n}.ipynb", self._log, clock) for n in range(ROOMS)]

    def one(self, records: int) -> float:
        """One room, each record committed, folded and published before the next."""
        return self._timed(records, self._fill(self._rooms[0], records))

    def many(self, records: int) -> float:
        """All rooms at once, each waiting for its own records only."""

        async def all_rooms() -> None:
            await asyncio.gather(*(self._fill(room, records // ROOMS) for room in self._rooms))

        return self._timed(records, all_rooms())

    async def _fill(self, room: Room, records: int) -> None:
        for _ in range(records):
            await room.record(lambda state, now: [DELTA], actor=PERSON)

    def _timed(self, records: int, work: object) -> float:
        begin = time.perf_counter()
        self._runner.run_until_complete(work)  # type: ignore[arg-type]
        return records / (time.perf_counter() - begin)

    def close(self) -> None:
        """Close the rooms and the store."""

        async def ended() -> None:
            for room in self._rooms:
                await room.close()
            await self._log.close()

        self._runner.run_until_complete(ended())
        self._runner.close()


class Bare:
    """A table of JSON in a file, write-ahead log, `synchronous=FULL`: what takes no thought."""

    def __init__(self, folder: Path) -> None:
        self._connection = sqlite3.connect(folder / "bare.sqlite3", isolation_level=None)
        self._connection.execute("PRAGMA journal_mode = WAL")
        self._connection.execute("PRAGMA synchronous = FULL")
        self._connection.execute("CREATE TABLE records (room TEXT, seq INTEGER, body TEXT, PRIMARY KEY (room, seq))")
        self._seq = count()

    def alone(self, records: int) -> float:
        """A transaction for each record."""
        return self._timed(records, 1)

    def grouped(self, records: int) -> float:
        """A transaction for as many records as there are rooms."""
        return self._timed(records, ROOMS)

    def _timed(self, records: int, together: int) -> float:
        begin = time.perf_counter()
        for _ in range(records // together):
            self._connection.execute("BEGIN IMMEDIATE")
            for seq in (next(self._seq) for _ in range(together)):
                body = p.encode(p.Record(seq=seq, at=0, actor=PERSON, event=DELTA))
                self._connection.execute("INSERT INTO records VALUES (?, ?, ?)", ("r", seq, body.decode()))
            self._connection.execute("COMMIT")
        return records / (time.perf_counter() - begin)

    def close(self) -> None:
        """Close the file."""
        self._connection.close()


def measure(bench: Bench) -> Result:
    """Fill one room, and many at once."""
    folder = bench.folder("append")
    ours, bare = Copilot(folder), Bare(folder)
    rounds, few, many = (1, 50, 250) if bench.quick else (5, 100, 2500)
    ways: dict[str, tuple[Round, int]] = {
        "one room": (ours.one, few),
        "bare, one by one": (bare.alone, few),
        f"{ROOMS} rooms": (ours.many, many),
        f"bare, {ROOMS} together": (bare.grouped, many),
    }
    found: dict[str, list[float]] = {way: [] for way in ways}
    try:
        for _ in range(rounds):
            for way, (write, records) in ways.items():
                found[way].append(write(records))
    finally:
        ours.close()
        bare.close()
    one, alone, rooms, grouped = ways
    return Result(
        name="append",
        title="durable records a second; ours decides, folds and publishes too",
        columns=["work", "ours", "bare sqlite3", "ours / bare"],
        rows=[_row(found, one, alone), _row(found, rooms, alone), _row(found, rooms, grouped)],
        notes=["Every figure waits for the disk (WAL, synchronous=FULL) before it counts a record."],
        raw=dict(found),
    )


def _row(found: dict[str, list[float]], ours: str, bare: str) -> list[str]:
    figures = [f"{spread(found[way]).median:,.0f}" for way in (ours, bare)]
    return [f"{ours} / {bare}", *figures, ratio(found[ours], found[bare]).text()]
