"""A stream that is cut again and again arrives whole, and each command takes effect once."""

from __future__ import annotations

import asyncio
import random

import pytest
from msgspec.structs import replace

from jupyter_copilot import protocol as p
from jupyter_copilot.client import Client
from jupyter_copilot.core import state as s
from jupyter_copilot.ports.clock import SystemClock
from jupyter_copilot.protocol.errors import StoreUnavailable
from jupyter_copilot.room.loading import DEFAULTS
from jupyter_copilot.room.options import RoomOptions
from jupyter_copilot.room.registry import Rooms
from jupyter_copilot.room.room import Room
from jupyter_copilot.testing.loopback import Loopback, visitor
from jupyter_copilot.testing.memory_log import MemoryEventLog

from ..builders import ALICE, ALL, post
from ..patience import scaled

RUN = p.RunId("m1.r1")
ANSWER = p.MessageId("m1.r1.s1.a1")
WORDS = [f"word{number} " for number in range(300)]


async def begin(room: Room) -> None:
    await room.record(
        lambda state, now: [
            p.RunStarted(run_id=RUN, fence=1),
            p.StepStarted(run_id=RUN, step=1, message_id=ANSWER),
        ]
    )


async def say(room: Room, text: str) -> None:
    await room.record(lambda state, now: [p.TextDelta(run_id=RUN, step=1, message_id=ANSWER, text=text)])


@pytest.mark.parametrize("seed", range(8))
async def test_a_stream_cut_at_random_places_is_exact(loopback: Loopback, seed: int) -> None:
    chance = random.Random(seed)
    cuts_at = set(chance.sample(range(5, len(WORDS)), 8))
    async with loopback.client("alice") as alice, loopback.client("bob") as bob:
        await alice.live()
        await bob.live()
        await alice.command(post())
        room = await loopback.rooms.at(loopback.path)
        await begin(room)
        sent: list[asyncio.Task[int]] = []
        for number, word in enumerate(WORDS):
            await say(room, word)
            if number in cuts_at:
                # A command in flight when the connection breaks must take effect once.
                sent.append(asyncio.create_task(alice.command(post(message_id=f"extra{number}", run=False))))
                for _ in range(chance.randrange(4)):
                    await asyncio.sleep(0)
                loopback.sockets["alice"].cut()
        await asyncio.gather(*sent)
        head = room.state.seq
        for client in (alice, bob):
            state = await client.wait(lambda state: state.seq == head)
            answer = state.messages[ANSWER]
            assert isinstance(answer, s.Streaming) and answer.text == "".join(WORDS)
            assert p.encode(state) == p.encode(room.state)
        posted = [item.id for item in room.state.threads["main"].items if item.id.startswith("extra")]
        assert len(posted) == len(set(posted)) == len(cuts_at)


async def test_records_that_overlap_or_repeat_are_folded_once(loopback: Loopback) -> None:
    async with loopback.client("alice") as alice:
        await alice.live()
        await alice.command(post(run=False))
        await alice.command(post(message_id="m2", run=False))
        room = await loopback.rooms.at(loopback.path)
        again = p.Records(first=1, records=await room.replay.history(0, 10))
        loopback.sockets["alice"].send(p.encode(again))
        await alice.command(post(message_id="m3", run=False))
        assert alice.state is not None and p.encode(alice.state) == p.encode(room.state)


async def test_a_gap_makes_the_client_ask_for_the_whole_state(loopback: Loopback) -> None:
    async with loopback.client("alice") as alice:
        await alice.live()
        await alice.command(post(run=False))
        record = p.Record(seq=9, at=1, actor=p.AGENT, event=p.ThreadRenamed(thread_id=p.MAIN_THREAD, title="lies"))
        loopback.sockets["alice"].send(p.encode(p.Records(first=9, records=[record])))
        first = loopback.sockets["alice"]
        await alice.command(post(message_id="m2", run=False))
        room = await loopback.rooms.at(loopback.path)
        assert loopback.sockets["alice"] is not first
        assert alice.state is not None and p.encode(alice.state) == p.encode(room.state)


async def test_a_cursor_below_the_floor_gets_a_snapshot(loopback: Loopback, log: MemoryEventLog) -> None:
    async with loopback.client("alice") as alice:
        await alice.live()
        await alice.command(post())
        room = await loopback.rooms.at(loopback.path)
        await begin(room)
        for word in WORDS[:20]:
            await say(room, word)
        await room.record(lambda state, now: [p.StepFinished(run_id=RUN, step=1, message_id=ANSWER)])
        old = p.Cursor(log=room.state.log, seq=6)
        assert room.replay.after(old)
        await log.compact(room.room_id, room.state.seq)
        room.floor = (await log.head(room.room_id)).floor
        assert room.floor > 6 and room.replay.after(old) is None


async def restarted(loopback: Loopback, log: MemoryEventLog, options: RoomOptions = DEFAULTS) -> None:
    """The server stops and starts again: what it had in memory is gone."""
    before, loopback.rooms = loopback.rooms, Rooms(log, log, SystemClock(), options=options)
    await before.drain()


class Arrivals:
    """What a client got until it was live again, by type of frame."""

    def __init__(self, client: Client) -> None:
        self.frames: list[p.ServerFrame] = []
        client.listen(self.frames.append)

    def until_live(self) -> list[str]:
        kinds = [type(frame).__name__ for frame in self.frames]
        return kinds[: kinds.index("Live") + 1]


async def test_after_a_restart_a_client_gets_what_it_missed_and_no_snapshot(
    loopback: Loopback, log: MemoryEventLog
) -> None:
    async with loopback.client("bob") as bob:
        async with loopback.client("alice") as alice:
            await alice.live()
            await alice.command(post(run=False))
            state = alice.state
        for number in range(20):
            await bob.command(post(message_id=f"missed{number}", run=False))
        await restarted(loopback, log)
        again = loopback.client("alice")
        again._replica._shown, arrivals = state, Arrivals(again)
        async with again:
            await again.live()
            room = await loopback.rooms.at(loopback.path)
            assert arrivals.until_live() == ["Welcome", "Records", "Live"]
            assert again.state is not None and p.encode(again.state) == p.encode(room.state)


async def test_a_crowd_that_comes_back_after_a_restart_has_the_log_read_once(
    loopback: Loopback, log: MemoryEventLog, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with loopback.client("bob") as bob:
        await bob.command(post(run=False))
        await bob.command(post(message_id="missed", run=False))
        await restarted(loopback, log)
        room = await loopback.rooms.at(loopback.path)
        read, reads = log.read, 0

        async def counted(
            room_id: p.RoomId, after: int, limit: int = 1000, max_bytes: int | None = None
        ) -> list[p.Record]:
            nonlocal reads
            reads += 1
            await asyncio.sleep(0)
            return await read(room_id, after, limit)

        monkeypatch.setattr(log, "read", counted)
        cursor = p.Cursor(log=room.state.log, seq=1)
        await asyncio.gather(*(room.replay.recall(cursor) for _ in range(50)))
        assert [record.seq for record in room.replay.after(cursor) or []] == [2] and reads == 1


async def test_whoever_missed_more_than_a_tail_holds_gets_a_snapshot(loopback: Loopback, log: MemoryEventLog) -> None:
    async with loopback.client("bob") as bob:
        for number in range(12):
            await bob.command(post(message_id=f"m{number}", run=False))
        await restarted(loopback, log, RoomOptions(tail_records=10))
        room = await loopback.rooms.at(loopback.path)
        for seq, missed in ((1, None), (2, list(range(3, 13))), (11, [12]), (12, [])):
            cursor = p.Cursor(log=room.state.log, seq=seq)
            await room.replay.recall(cursor)
            records = room.replay.after(cursor)
            assert (None if records is None else [record.seq for record in records]) == missed


async def test_a_tail_that_moved_on_while_older_records_were_read_has_no_hole(
    loopback: Loopback, log: MemoryEventLog, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with loopback.client("bob") as bob:
        for number in range(8):
            await bob.command(post(message_id=f"m{number}", run=False))
        await restarted(loopback, log, RoomOptions(tail_records=10))
        room = await loopback.rooms.at(loopback.path)
        read = log.read

        async def while_many_post(
            room_id: p.RoomId, after: int, limit: int = 1000, max_bytes: int | None = None
        ) -> list[p.Record]:
            records = await read(room_id, after, limit)
            for number in range(8, 20):
                await room.submit(post(message_id=f"m{number}", run=False), ALICE, ALL, p.CommandId(f"c{number}"))
            return records

        monkeypatch.setattr(log, "read", while_many_post)
        cursor = p.Cursor(log=room.state.log, seq=1)
        await room.replay.recall(cursor)
        for seq in range(1, 21):
            records = room.replay.after(p.Cursor(log=room.state.log, seq=seq))
            assert records is None or [record.seq for record in records] == list(range(seq + 1, 21))


async def test_a_log_that_cannot_be_read_costs_a_snapshot_and_no_more(
    loopback: Loopback, log: MemoryEventLog, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with loopback.client("alice") as alice:
        await alice.command(post(run=False))
        await alice.command(post(message_id="m2", run=False))
        state = alice.state
    await restarted(loopback, log)
    await loopback.rooms.at(loopback.path)

    async def fails(room_id: p.RoomId, after: int, limit: int = 1000, max_bytes: int | None = None) -> list[p.Record]:
        raise StoreUnavailable("The disk is full.")

    monkeypatch.setattr(log, "read", fails)
    again = loopback.client("alice")
    assert state is not None
    again._replica._shown, arrivals = replace(state, seq=1), Arrivals(again)
    async with again:
        await again.live()
    assert arrivals.until_live() == ["Welcome", "Snapshot", "Live"]


async def test_a_client_of_another_log_starts_over(loopback: Loopback) -> None:
    async with loopback.client("alice") as alice:
        await alice.live()
        await alice.command(post(run=False))
        assert alice.state is not None
        alice._replica._shown = replace(alice.state, log=p.LogId("before-the-restore"), seq=700)
        loopback.sockets["alice"].cut()
        state = await alice.wait(lambda state: state.seq == 1)
        assert "m1" in state.messages


async def test_resends_in_another_order_take_effect_once(loopback: Loopback) -> None:
    async with loopback.client("alice") as alice, loopback.client("bob") as bob:
        await alice.live()
        await bob.live()
        commands = [post(message_id=f"m{number}", run=False) for number in range(6)]
        first = await asyncio.gather(*(alice.command(c, f"id{n}") for n, c in enumerate(commands)))
        again = [await bob.command(c, f"id{n}") for n, c in reversed(list(enumerate(commands)))]
        assert again == list(reversed(first))
        room = await loopback.rooms.at(loopback.path)
        assert room.state.seq == 6


async def test_what_had_no_answer_is_sent_again_also_to_a_server_that_calls_its_sender_otherwise(
    loopback: Loopback,
) -> None:
    names = iter(["before", "after"])
    async with loopback.client("script", lambda: visitor(next(names))) as script:
        await script.live()
        loopback.sockets["script"].stall()
        unanswered = asyncio.create_task(script.command(post(run=False)))
        room = await loopback.rooms.at(loopback.path)
        await room.wait(lambda state: "m1" in state.messages)
        loopback.sockets["script"].cut()
        assert await asyncio.wait_for(unanswered, scaled(10)) == 1
        assert script.you is not None and script.you.name == "after"
        assert room.state.seq == 1, "it took effect once"


async def test_work_done_without_a_connection_arrives_after_it(loopback: Loopback) -> None:
    alice: Client = loopback.client("alice")
    task = asyncio.create_task(alice.command(post(run=False)))
    await asyncio.sleep(0)
    async with alice:
        assert await task == 1
