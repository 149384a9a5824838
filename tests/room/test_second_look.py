"""What is looked up before a command is refused, and how often."""

from __future__ import annotations

import asyncio
from collections.abc import Collection

from jupyter_copilot import protocol as p
from jupyter_copilot.ports.event_log import Look
from jupyter_copilot.protocol.errors import Rejected
from jupyter_copilot.room.loading import load_room
from jupyter_copilot.room.room import Room
from jupyter_copilot.testing.clock import ManualClock
from jupyter_copilot.testing.memory_log import MemoryEventLog

from ..builders import ALICE, ALL, BOB

ROOM = p.RoomId("room")
QUESTION = p.ConfirmationId("q")


class Counting(MemoryEventLog):
    """Counts the looks, and lets other things happen during each."""

    def __init__(self) -> None:
        super().__init__()
        self.looks = 0

    async def look(self, room_id: p.RoomId, command_ids: Collection[p.CommandId]) -> Look:
        self.looks += 1
        found = await super().look(room_id, command_ids)
        await asyncio.sleep(0)
        return found


async def _room(log: MemoryEventLog) -> Room:
    return await load_room(ROOM, "n.ipynb", log, ManualClock())


async def _ask(room: Room) -> str:
    await room.submit(p.OpenConfirmation(confirmation_id=QUESTION, title="Go?"), ALICE, ALL, p.CommandId("ask"))
    return room.state.confirmations[QUESTION].args_hash


async def test_the_losers_of_a_race_cost_one_query_together() -> None:
    log = Counting()
    room = await _room(log)
    seen = await _ask(room)
    decide = p.Decide(confirmation_id=QUESTION, args_hash=seen, option="confirm")
    outcomes = await asyncio.gather(
        *(room.submit(decide, ALICE, ALL, p.CommandId(f"d{n}")) for n in range(50)), return_exceptions=True
    )
    refused = [each for each in outcomes if isinstance(each, Rejected)]
    assert len(refused) == 49 and {each.code for each in refused} == {"already_decided"}
    assert log.looks <= 2  # the first loser may be there before the others
    await room.close()


async def test_who_comes_later_is_looked_up_anew() -> None:
    log = Counting()
    room = await _room(log)
    seen = await _ask(room)
    decide = p.Decide(confirmation_id=QUESTION, args_hash=seen, option="confirm")
    for number in range(3):
        await asyncio.gather(room.submit(decide, BOB, ALL, p.CommandId(f"d{number}")), return_exceptions=True)
    assert log.looks == 2
    await room.close()


async def test_the_same_command_twice_at_once_gets_one_answer_behind_a_loser() -> None:
    log = Counting()
    room = await _room(log)
    seen = await _ask(room)
    won = p.Decide(confirmation_id=QUESTION, args_hash=seen, option="confirm")
    await room.submit(won, ALICE, ALL, p.CommandId("won"))
    lost = p.Decide(confirmation_id=QUESTION, args_hash=seen, option="cancel")
    rename = p.RenameThread(thread_id=p.MAIN_THREAD, title="A title")
    archive = p.CreateThread(thread_id=p.ThreadId("t"), title="New")
    outcomes = await asyncio.gather(
        room.submit(lost, BOB, ALL, p.CommandId("lost")),
        room.submit(archive, BOB, ALL, p.CommandId("same")),
        room.submit(archive, BOB, ALL, p.CommandId("same")),
        room.submit(rename, BOB, ALL, p.CommandId("other")),
        return_exceptions=True,
    )
    assert isinstance(outcomes[0], Rejected)
    assert outcomes[1] == outcomes[2] == 3 and outcomes[3] == 4
    await room.close()


async def test_what_another_process_decided_meanwhile_counts_for_all_who_wait() -> None:
    log = Counting()
    here, there = await _room(log), await _room(log)
    seen = await _ask(there)
    # Here nothing is known of the question yet: what is refused at first is decided anew.
    decide = p.Decide(confirmation_id=QUESTION, args_hash=seen, option="confirm")
    outcomes = await asyncio.gather(
        *(here.submit(decide, ALICE, ALL, p.CommandId(f"d{n}")) for n in range(5)), return_exceptions=True
    )
    assert sum(isinstance(each, int) for each in outcomes) == 1
    assert {each.code for each in outcomes if isinstance(each, Rejected)} == {"already_decided"}
    await here.close()
    await there.close()
