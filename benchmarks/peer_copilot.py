"""The copilot's room on the same work as `peer_chat`: every chunk is a record of its own, without the engine's tick."""

from __future__ import annotations

import asyncio
import json
import sys
import time
from pathlib import Path

from jupyter_copilot import protocol as p
from jupyter_copilot.ports.clock import SystemClock
from jupyter_copilot.room.loading import load_room
from jupyter_copilot.room.session.outbox import Batch
from jupyter_copilot.storage.sqlite.log import SqliteEventLog

from .history import PERSON
from .peer_chat import CHUNK, MESSAGE

STORE, ROOM = "rooms.sqlite3", p.RoomId("one")
ANSWER, RUN = p.MessageId("m.r1.s1.a1"), p.RunId("m.r1")


class Counter:
    """A viewer that only counts."""

    received = 0

    def records(self, batch: Batch) -> None:
        """Take a frame."""
        self.received += len(batch.frame)

    def replaced(self) -> None:
        """The log is never replaced here."""

    def presence(self, frame: bytes) -> None:
        """Nobody else is here."""


def opening(history: int) -> list[p.Event]:
    """What was said before, and the beginning of an answer."""
    main = p.MAIN_THREAD
    told = [p.MessagePosted(message_id=p.MessageId(f"h{n}"), thread_id=main, text=MESSAGE) for n in range(history)]
    return [
        *told,
        p.MessagePosted(message_id=p.MessageId("m"), thread_id=main, text="Go on."),
        p.RunQueued(run_id=RUN, thread_id=main, message_id=p.MessageId("m")),
        p.RunStarted(run_id=RUN, fence=1),
        p.StepStarted(run_id=RUN, step=1, message_id=ANSWER),
    ]


async def main(folder: str, history: int, chunks: int, per_s: float) -> None:
    """Stream, and print seconds of CPU, and bytes for each viewer."""
    log, viewer = SqliteEventLog(Path(folder) / STORE), Counter()
    room = await load_room(ROOM, "/one.ipynb", log, SystemClock())
    await room.record(lambda state, now: opening(history), actor=PERSON)
    room.attend(viewer)
    print("ready", flush=True)
    begin, cpu = time.monotonic(), time.process_time()
    delta = p.TextDelta(run_id=RUN, step=1, message_id=ANSWER, text=CHUNK)
    for number in range(chunks):
        if per_s:
            await asyncio.sleep(max(0.0, begin + number / per_s - time.monotonic()))
        await room.record(lambda state, now: [delta])
    taken = time.monotonic() - begin
    print(json.dumps({"cpu": time.process_time() - cpu, "wall": taken, "bytes": viewer.received}), flush=True)


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], int(sys.argv[2]), int(sys.argv[3]), float(sys.argv[4])))
