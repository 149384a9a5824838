"""What a room promises of a commit: first it is durable, then everybody hears of it, and nobody can cut it in half."""

from __future__ import annotations

import asyncio

from jupyter_copilot import protocol as p
from jupyter_copilot.core import state as s
from jupyter_copilot.ports.event_log import StoredSnapshot
from jupyter_copilot.room.loading import load_room
from jupyter_copilot.room.session.outbox import Batch
from jupyter_copilot.testing.clock import ManualClock
from jupyter_copilot.testing.memory_log import MemoryEventLog

from ..builders import ALICE, ALL, post

ROOM = p.RoomId("room")


class SlowLog(MemoryEventLog):
    """Writes when it is allowed to."""

    def __init__(self) -> None:
        super().__init__()
        self.reached = asyncio.Event()
        self.go_on = asyncio.Event()

    async def append(self, *args: object, **named: object) -> list[p.Record]:
        self.reached.set()
        await self.go_on.wait()
        return await super().append(*args, **named)  # type: ignore[arg-type]


class Viewer:
    """Keeps what it was shown."""

    def __init__(self) -> None:
        self.batches: list[Batch] = []

    def records(self, batch: Batch) -> None:
        self.batches.append(batch)

    def replaced(self) -> None:
        pass

    def presence(self, frame: bytes) -> None:
        pass


async def test_nobody_hears_of_a_command_before_it_is_durable() -> None:
    log, viewer = SlowLog(), Viewer()
    room = await load_room(ROOM, "n.ipynb", log, ManualClock())
    room.attend(viewer)
    posting = asyncio.create_task(room.submit(post(run=False), ALICE, ALL, p.CommandId("c1")))
    await log.reached.wait()
    assert not viewer.batches and not room.state.messages
    log.go_on.set()
    await posting
    assert len(viewer.batches) == 1 and list(room.state.messages) == ["m1"]
    await room.close()


async def test_nobody_hears_of_a_fact_before_it_is_durable() -> None:
    log, viewer = SlowLog(), Viewer()
    room = await load_room(ROOM, "n.ipynb", log, ManualClock())
    room.attend(viewer)
    renamed = p.ThreadRenamed(thread_id=p.MAIN_THREAD, title="New")
    recording = asyncio.create_task(room.record(lambda state, now: [renamed]))
    await log.reached.wait()
    assert not viewer.batches and room.state.seq == 0
    log.go_on.set()
    await recording
    assert len(viewer.batches) == 1
    await room.close()


async def test_a_commit_whose_caller_went_away_is_finished_and_shown() -> None:
    log, viewer = SlowLog(), Viewer()
    room = await load_room(ROOM, "n.ipynb", log, ManualClock())
    room.attend(viewer)
    posting = asyncio.create_task(room.submit(post(run=False), ALICE, ALL, p.CommandId("c1")))
    await log.reached.wait()
    posting.cancel()
    await asyncio.gather(posting, return_exceptions=True)
    log.go_on.set()
    await room.close()
    assert len(viewer.batches) == 1 and list(room.state.messages) == ["m1"]
    assert (await log.head(ROOM)).seq == room.state.seq == 1


async def test_a_snapshot_of_another_log_is_not_believed() -> None:
    log = MemoryEventLog()
    head = await log.open_room(ROOM)
    other = s.initial(p.LogId("before the restore"))
    other.seq, other.threads["main"].title = 0, "Of another log"
    await log.save_snapshot(ROOM, StoredSnapshot(0, s.STATE_VERSION, p.encode(other)))
    room = await load_room(ROOM, "n.ipynb", log, ManualClock())
    assert room.state.log == head.log and room.state.threads["main"].title == "Main"
    await room.close()


async def test_a_snapshot_from_beyond_the_head_is_not_believed() -> None:
    log = MemoryEventLog()
    head = await log.open_room(ROOM)
    ahead = s.initial(head.log)
    ahead.seq = 7
    await log.save_snapshot(ROOM, StoredSnapshot(7, s.STATE_VERSION, p.encode(ahead)))
    room = await load_room(ROOM, "n.ipynb", log, ManualClock())
    assert room.state.seq == 0
    await room.close()
