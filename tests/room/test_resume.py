"""A stream that is cut again and again arrives whole, and each command takes effect once."""

from __future__ import annotations

import asyncio
import random

import pytest
from msgspec.structs import replace

from jupyter_copilot import protocol as p
from jupyter_copilot import state as s
from jupyter_copilot.client import Client
from jupyter_copilot.eventlog.memory import MemoryEventLog
from jupyter_copilot.room import Room
from jupyter_copilot.testing.loopback import Loopback

from ..builders import post

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
        again = p.Records(first=1, records=await room.history(0, 10))
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
        assert room.tail_after(old)
        await log.compact(room.room_id, room.state.seq)
        room.floor = (await log.head(room.room_id)).floor
        assert room.floor > 6 and room.tail_after(old) is None


async def test_a_client_of_another_log_starts_over(loopback: Loopback) -> None:
    async with loopback.client("alice") as alice:
        await alice.live()
        await alice.command(post(run=False))
        assert alice.state is not None
        alice.state = replace(alice.state, log=p.LogId("before-the-restore"), seq=700)
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


async def test_work_done_without_a_connection_arrives_after_it(loopback: Loopback) -> None:
    alice: Client = loopback.client("alice")
    task = asyncio.create_task(alice.command(post(run=False)))
    await asyncio.sleep(0)
    async with alice:
        assert await task == 1
