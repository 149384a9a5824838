"""A room's memory is bounded in bytes, whatever is posted, and everybody can still join."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

import pytest

from jupyter_copilot import protocol as p
from jupyter_copilot.core import state as s
from jupyter_copilot.core.weight import weight
from jupyter_copilot.protocol.errors import Rejected
from jupyter_copilot.room.loading import load_room
from jupyter_copilot.room.options import RoomOptions
from jupyter_copilot.room.replay import Buffer
from jupyter_copilot.room.session.rate_limit import BYTE_BURST, RateLimit
from jupyter_copilot.testing.clock import ManualClock
from jupyter_copilot.testing.loopback import Loopback
from jupyter_copilot.testing.memory_log import MemoryEventLog

from ..builders import ALICE, ALL, KERNEL, post

ROOM = p.RoomId("room")


def hostile(number: int) -> p.MessageContext:
    """A picture of 0.7 MB like no other."""
    return p.MessageContext(images=[p.Image(mime="image/png", data=f"{number:08d}" + "A" * 949_996)])


async def test_a_room_that_is_posted_full_of_pictures_stays_small_and_loads_from_a_snapshot() -> None:
    log, options = MemoryEventLog(), RoomOptions()
    room = await load_room(ROOM, "n.ipynb", log, ManualClock(), options)
    heaviest = 0
    for number in range(60):
        await room.submit(
            post("look", message_id=f"m{number}", run=False, context=hostile(number)),
            KERNEL,
            ALL,
            p.CommandId(f"c{number}"),
        )
        for _ in range(5):
            await asyncio.sleep(0)
        heaviest = max(heaviest, len(room.snapshots.frame()))
    assert heaviest < 60_000, "the pictures are kept outside of it"
    assert room.replay._buffer._bytes < 60_000
    assert len(log._logs[ROOM].pictures) == 60
    await room.close()
    stored = await log.load_snapshot(ROOM, 1)
    assert stored is not None and room.state.seq - stored.seq <= 1
    again = await load_room(ROOM, "n.ipynb", log, ManualClock(), options)
    assert p.encode(again.state) == p.encode(room.state) and weight(again.state) <= options.state_bytes
    await again.close()


async def test_a_room_that_is_posted_full_of_text_stays_small_and_says_what_left() -> None:
    log, options = MemoryEventLog(), RoomOptions()
    room = await load_room(ROOM, "n.ipynb", log, ManualClock(), options)
    heaviest = 0
    for number in range(100):
        text = "x" * p.MAX_TEXT_CHARS
        await room.submit(post(text, message_id=f"m{number}", run=False), KERNEL, ALL, p.CommandId(f"c{number}"))
        for _ in range(5):
            await asyncio.sleep(0)
        heaviest = max(heaviest, len(room.snapshots.frame()))
    assert heaviest < options.state_bytes + 1_000_000
    assert room.state.threads["main"].dropped > 50, "what left the state is counted, and its records are in the log"
    await room.close()


async def test_pictures_are_stored_once_and_the_oldest_go_when_there_are_too_many() -> None:
    log, options = MemoryEventLog(), RoomOptions(picture_bytes=3_000_000)
    room = await load_room(ROOM, "n.ipynb", log, ManualClock(), options)
    for number in (0, 1, 2, 0, 3, 4):
        message_id = f"m{room.state.seq}"
        await room.submit(
            post("look", message_id=message_id, run=False, context=hostile(number)),
            KERNEL, ALL, p.CommandId(message_id),
        )  # fmt: skip
    for _ in range(5):
        await asyncio.sleep(0)
    kept = [bool(await room.picture(image.digest)) for message in room.state.messages.values()
            if isinstance(message, s.Posted) for image in message.context.images]  # fmt: skip
    assert kept == [True, False, True, True, True, True]
    await room.close()


async def test_who_posts_without_end_pushes_out_no_picture_of_others() -> None:
    log, options = MemoryEventLog(), RoomOptions(picture_bytes=3_000_000)
    room = await load_room(ROOM, "n.ipynb", log, ManualClock(), options)
    mine = post("mine", message_id="mine", run=False, context=hostile(99))
    await room.submit(mine, ALICE, ALL, p.CommandId("mine"))
    for number in range(30):
        message_id = f"m{number}"
        flood = post("look", message_id=message_id, run=False, context=hostile(number))
        await room.submit(flood, KERNEL, ALL, p.CommandId(message_id))
    for _ in range(5):
        await asyncio.sleep(0)
    kept = log._logs[ROOM].pictures
    posted = room.state.messages["mine"]
    assert isinstance(posted, s.Posted) and posted.context.images[0].digest in kept
    assert sum(len(picture.data) for picture in kept.values()) < 3_000_000 + 3_000_000 // 4
    await room.close()


async def test_nobody_waits_behind_more_than_one_picture(monkeypatch: pytest.MonkeyPatch) -> None:
    log = MemoryEventLog()
    room = await load_room(ROOM, "n.ipynb", log, ManualClock())
    order: list[str] = []
    go_on, append = asyncio.Event(), log.append

    async def slowly(*args: Any, **more: Any) -> list[p.Record]:
        await go_on.wait()
        return await append(*args, **more)

    async def at_once(work: Callable[..., Any], *args: Any) -> Any:
        return work(*args)

    async def posted(command: p.PostMessage) -> None:
        await room.submit(command, KERNEL, ALL, p.CommandId(command.message_id))
        order.append(command.message_id)

    monkeypatch.setattr(log, "append", slowly)
    monkeypatch.setattr(asyncio, "to_thread", at_once)
    large = [post("x", message_id=f"large{n}", run=False, context=hostile(n)) for n in range(8)]
    flood = [asyncio.create_task(posted(each)) for each in large]
    for _ in range(20):
        await asyncio.sleep(0)  # all that can wait for the room do
    small = asyncio.create_task(posted(post("small", message_id="small", run=False)))
    for _ in range(5):
        await asyncio.sleep(0)
    go_on.set()
    await asyncio.gather(small, *flood)
    assert order.index("small") <= 1, order
    await room.close()


async def test_what_is_no_picture_is_refused_and_costs_nothing() -> None:
    room = await load_room(ROOM, "n.ipynb", MemoryEventLog(), ManualClock())
    for data in ("A" * 949_997, "é" * 4_000):
        nothing = p.MessageContext(images=[p.Image(mime="image/png", data=data)])
        with pytest.raises(Rejected, match="base64"):
            await room.submit(post("look", context=nothing), KERNEL, ALL, p.CommandId("c"))
    assert room.state.seq == 0
    await room.close()


async def test_the_log_is_read_a_few_megabytes_at_once() -> None:
    log = MemoryEventLog()
    room = await load_room(ROOM, "n.ipynb", log, ManualClock(), RoomOptions(tail_bytes=1_000_000))
    for number in range(40):
        text = "x" * p.MAX_TEXT_CHARS
        await room.submit(post(text, message_id=f"m{number}", run=False), KERNEL, ALL, p.CommandId(f"c{number}"))
    seen: list[p.Record] = []
    while page := await room.replay.history(seen[-1].seq if seen else 0, 1000):
        assert len(p.encode(page)) < 1_200_000
        seen += page
    assert len(seen) == room.state.seq
    await room.close()


def test_the_replay_buffer_is_bounded_in_bytes() -> None:
    buffer = Buffer(0, limit=1000, max_bytes=10_000)
    event = p.ThreadRenamed(thread_id=p.MAIN_THREAD, title="x" * 4000)
    buffer.append(p.Record(seq=seq, at=seq, actor=ALICE, event=event) for seq in range(1, 6))
    assert buffer.after(0) is None
    assert [record.seq for record in buffer.after(3) or []] == [4, 5]


def test_a_participant_posts_so_many_bytes_at_once_and_so_many_a_second() -> None:
    clock = ManualClock()
    rate = RateLimit(clock)
    rate.spend_bytes(BYTE_BURST)
    with pytest.raises(Rejected, match="MB per second") as refused:
        rate.spend_bytes(1 << 20)
    clock.advance(refused.value.details["retry_after_ms"] / 1000)
    rate.spend_bytes(1 << 20)


@pytest.mark.parametrize("step_s", [600, -600])
def test_a_clock_that_is_set_refuses_nobody(step_s: int) -> None:
    clock = ManualClock()
    rate = RateLimit(clock)
    rate.spend(p.COMMAND_BURST - 2)
    clock._now += step_s * 1000
    rate.spend(1)
    clock.advance(1)
    rate.spend(10)


async def test_sockets_that_do_not_read_hold_the_same_few_snapshots(loopback: Loopback) -> None:
    """Each comes at another seq, and was given a snapshot of its own."""
    room = await loopback.rooms.at(loopback.path)
    async with loopback.client("alice") as alice:
        await alice.live()
        held: dict[int, int] = {}
        for number in range(120):
            text = "x" * 20_000
            await room.submit(post(text, message_id=f"m{number}", run=False), ALICE, ALL, p.CommandId(f"c{number}"))
            held |= {id(frame): len(frame) for frame in room.snapshots.frames()}
        posted = 120 * 20_000
        assert sum(held.values()) < 5 * posted, "one of its own for each would be 60 times as much"


async def test_a_snapshot_and_the_records_since_are_the_state(loopback: Loopback) -> None:
    room = await loopback.rooms.at(loopback.path)
    async with loopback.client("alice") as alice:
        await alice.live()
        for number in range(5):
            await room.submit(post("x", message_id=f"m{number}", run=False), ALICE, ALL, p.CommandId(f"c{number}"))
            async with loopback.client(f"visitor-{number}") as visitor:
                state = await visitor.live()
                assert p.encode(visitor.state) == p.encode(room.state), state
        assert len(room.snapshots.frames()) > 1, "and it was the same snapshot for several of them"
