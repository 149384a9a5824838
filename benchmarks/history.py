"""Rooms with a past: conversations written through the real room, and the same records with nothing done to them."""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import Iterator
from pathlib import Path

from jupyter_copilot import protocol as p
from jupyter_copilot.ports.clock import SystemClock
from jupyter_copilot.room.loading import load_room
from jupyter_copilot.storage.sqlite.log import SqliteEventLog

PERSON = p.Actor(kind="person", id="ada", name="Ada", surface="lab")
DELTAS = 14
EXCHANGE = DELTAS + 6
"""Records of one question and its answer."""
BATCH = 10 * EXCHANGE
AGO_MS = 30 * 86_400_000


class Past(SystemClock):
    """A month ago, so that a server that starts does not load the room before somebody comes."""

    def now(self) -> int:
        """The time then."""
        return super().now() - AGO_MS


def exchange(number: int) -> list[p.Event]:
    """A question and its answer of some hundred characters."""
    message, thread = p.MessageId(f"m{number}"), p.MAIN_THREAD
    run, answer = p.RunId(f"m{number}.r1"), p.MessageId(f"m{number}.r1.s1.a1")
    words = "The mean of the column is four. "
    return [
        p.MessagePosted(message_id=message, thread_id=thread, text=f"What about column {number}?"),
        p.RunQueued(run_id=run, thread_id=thread, message_id=message),
        p.RunStarted(run_id=run, fence=1, model="stream"),
        p.StepStarted(run_id=run, step=1, message_id=answer),
        *[p.TextDelta(run_id=run, step=1, message_id=answer, text=words)] * DELTAS,
        p.StepFinished(run_id=run, step=1, message_id=answer, usage=p.Usage(prompt=900, completion=100)),
        p.RunFinished(run_id=run, outcome="success"),
    ]


def batches(count: int) -> Iterator[list[p.Event]]:
    """At least `count` events of whole exchanges, in batches."""
    events = itertools.chain.from_iterable(map(exchange, range(-(-count // EXCHANGE))))
    while batch := list(itertools.islice(events, BATCH)):
        yield batch


async def keep(store: Path, key: str, count: int) -> None:
    """Give the notebook a room with this many records, as a server would have left it."""
    log, clock = SqliteEventLog(store), Past()
    room = await load_room(await log.room_for(key, clock.now()), key, log, clock)
    for batch in batches(count):
        await room.record(lambda state, now, batch=batch: batch)  # type: ignore[misc]
    await asyncio.sleep(0)
    await room.close()
    await log.close()


async def pile_up(store: Path, key: str, count: int) -> None:
    """Give the notebook a room with this many records, and nothing that saves anybody from reading them all."""
    log, clock = SqliteEventLog(store), Past()
    room_id = await log.room_for(key, clock.now())
    head = (await log.open_room(room_id)).seq
    for batch in batches(count):
        records = await log.append(room_id, head, batch, actor=PERSON, at=clock.now())
        head = records[-1].seq
    await log.close()
