"""A viewer that stops reading costs the room nothing that grows, and catches up when it reads again."""

from __future__ import annotations

import gc
import tracemalloc

import pytest

from jupyter_copilot import protocol as p
from jupyter_copilot.core import state as s
from jupyter_copilot.ports.clock import SystemClock
from jupyter_copilot.room.options import RoomOptions
from jupyter_copilot.room.registry import Rooms
from jupyter_copilot.room.session.outbox import MAX_BYTES, MAX_FRAMES
from jupyter_copilot.testing.clock import ManualClock
from jupyter_copilot.testing.loopback import Loopback
from jupyter_copilot.testing.memory_log import MemoryEventLog

from ..builders import post
from .test_resume import ANSWER, RUN, begin, say


@pytest.mark.slow
async def test_a_viewer_that_does_not_read_holds_up_nobody_and_comes_back_exact(log: MemoryEventLog) -> None:
    # A stored snapshot is as large as the whole text, and would come and go between the measurements. Time stands
    # still, so that nobody takes a machine that is busy for a connection that is dead.
    options, clock = RoomOptions(snapshot_every=10**9, snapshot_bytes=10**9, stalled_s=3600.0), ManualClock()
    loopback = Loopback(Rooms(log, log, clock, options=options), clock=clock)
    async with loopback.client("alice") as alice, loopback.client("sleepy") as sleepy:
        await alice.live()
        await sleepy.live()
        await alice.command(post())
        room = await loopback.rooms.at(loopback.path)
        await begin(room)
        socket = loopback.sockets["sleepy"]

        async def growth() -> int:
            """Bytes that 3,000 deltas leave behind: the log and the folds, and what waits for a viewer."""
            gc.collect()
            before = tracemalloc.get_traced_memory()[0]
            for number in range(3000):
                await say(room, f"word{number} " * 40)
            await alice.wait(lambda state: state.seq == room.state.seq)
            gc.collect()
            return tracemalloc.get_traced_memory()[0] - before

        tracemalloc.start()
        await growth()
        everybody_reads = await growth()
        socket.stall()
        one_does_not = await growth()
        tracemalloc.stop()
        assert socket.session is not None
        frames, size = socket.session.outgoing.outbox.size
        assert frames <= MAX_FRAMES and size <= MAX_BYTES
        assert socket.buffered_bytes < 64_000, "the socket's own buffer holds what was being written, no more"
        assert one_does_not - everybody_reads < 4 * 2**20

        seen = sleepy.state.seq if sleepy.state is not None else 0
        assert seen < room.state.seq
        socket.read_again()
        state = await sleepy.wait(lambda state: state.seq == room.state.seq)
        assert p.encode(state) == p.encode(room.state)
        assert socket.session.is_live, "it came back on the same connection"
    await loopback.rooms.drain()


async def test_structural_records_survive_the_merge_in_order(loopback: Loopback) -> None:
    async with loopback.client("alice") as alice, loopback.client("sleepy") as sleepy:
        await alice.live()
        await sleepy.live()
        await alice.command(post())
        room = await loopback.rooms.at(loopback.path)
        await begin(room)
        socket = loopback.sockets["sleepy"]
        socket.stall()
        await say(room, "a")
        for number in range(MAX_FRAMES):
            await say(room, "b")
            if number % 50 == 0:
                await room.record(
                    lambda state, now, number=number: [  # type: ignore[misc]
                        p.ThreadRenamed(thread_id=p.MAIN_THREAD, title=f"title {number}")
                    ]
                )
        socket.read_again()
        state = await sleepy.wait(lambda state: state.seq == room.state.seq)
        assert p.encode(state) == p.encode(room.state)


async def test_a_viewer_that_never_reads_again_is_let_go(
    loopback: Loopback, log: MemoryEventLog
) -> None:  # fmt: skip
    loopback.rooms = Rooms(log, log, SystemClock(), options=RoomOptions(stalled_s=0.05))
    async with loopback.client("alice") as alice, loopback.client("gone") as gone:
        await alice.live()
        await gone.live()
        await alice.command(post())
        room = await loopback.rooms.at(loopback.path)
        await begin(room)
        socket = loopback.sockets["gone"]
        socket.stall()
        await say(room, "x")
        await say(room, "y")
        await gone.wait(lambda state: state.seq == room.state.seq)
        assert loopback.sockets["gone"] is not socket, "it was closed with a retryable reason, and came back"
        assert socket.close_code == p.CLOSE_SLOW


async def test_a_reader_of_a_run_that_ends_while_it_sleeps_sees_the_end(loopback: Loopback) -> None:
    async with loopback.client("alice") as alice, loopback.client("sleepy") as sleepy:
        await alice.live()
        await sleepy.live()
        await alice.command(post())
        room = await loopback.rooms.at(loopback.path)
        await begin(room)
        loopback.sockets["sleepy"].stall()
        await say(room, "x")
        await alice.command(p.CancelRun(run_id=RUN))
        loopback.sockets["sleepy"].read_again()
        state = await sleepy.wait(lambda state: state.seq == room.state.seq)
        assert isinstance(state.runs[RUN], s.Finished) and isinstance(state.messages[ANSWER], s.Struck)
