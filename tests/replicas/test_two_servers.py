"""Two servers on one database: each decision is made once, and whoever dies is followed by the other."""

from __future__ import annotations

import asyncio
import itertools
import random
from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack

import pytest

from jupyter_copilot import protocol as p
from jupyter_copilot.core import state as s
from jupyter_copilot.storage.postgres.log import PostgresEventLog
from jupyter_copilot.testing.replies import answer

from ..patience import scaled
from ..soak import rounds
from .conftest import Person, Team

pytestmark = pytest.mark.crash

SOON_S = scaled(30.0)
RACES = rounds(20, 1_000)
FAULTS = rounds(8, 1_000)
STORY = "Once upon a time there was a server that another one followed."


async def _together(stack: AsyncExitStack, team: Team, people: int) -> None:
    """Two servers, and so many people at each."""
    for _ in range(2):
        await team.server()
    for number in range(2 * people):
        name = f"p{number}"
        await stack.enter_async_context(team.person(team.servers[number % 2], name))


@pytest.mark.soak
@pytest.mark.timeout(rounds(120, 6_000))
async def test_of_all_who_decide_at_once_on_both_servers_one_wins(team: Team) -> None:
    async with AsyncExitStack() as stack:
        await _together(stack, team, people=4)
        for number in range(RACES):
            name = f"q{number}"
            asker = team.people[number % len(team.people)]
            await asker.ask(name)
            for person in team.people:
                await person.client.wait(lambda state, name=name: name in state.confirmations)  # type: ignore[misc]
            order = team.people[number % 8 :] + team.people[: number % 8]
            decided = await asyncio.gather(
                *(person.decide(name, "confirm" if at % 2 else "cancel") for at, person in enumerate(order))
            )
            assert sum(seq is not None for seq in decided) == 1
        await asyncio.wait_for(team.check(), SOON_S)


async def test_the_run_of_a_server_that_is_killed_is_taken_over_within_its_lease(team: Team) -> None:
    team.model.add(answer(STORY, gate="middle"), answer(STORY))
    async with AsyncExitStack() as stack:
        await _together(stack, team, people=1)
        await team.people[0].post("story", run=True)
        await asyncio.to_thread(team.model.reached, "middle")
        owner = team.database.sql("SELECT owner FROM copilot.leases WHERE lease LIKE 'runs/%'")
        (driver,) = [server for server in team.servers if str(server.pid) in owner.split(":")]
        left = next(person for person in team.people if person.server is not driver)
        driver.stop()
        await asyncio.wait_for(left.client.wait(_is_over), SOON_S)
        await driver.begin()
        await asyncio.wait_for(team.check(), SOON_S)
    events = [record.event for record in await team.records()]
    assert [event.outcome for event in events if isinstance(event, p.RunFinished)] == ["success"]
    said = [event.text for event in events if isinstance(event, p.TextDelta) and event.attempt == 2]
    assert "".join(said) == STORY
    team.model.open("middle")


async def test_a_server_that_starts_while_the_database_is_away_takes_up_its_runs_later_with_nobody_there(
    team: Team,
) -> None:
    team.model.add(answer(STORY, gate="middle"), answer(STORY))
    server = await team.server()
    async with team.person(server, "alice") as alice:
        await alice.post("story", run=True)
        await asyncio.to_thread(team.model.reached, "middle")
    server.stop()
    server.link.cut()
    await server.begin()
    await asyncio.wait_for(server.link.tried.wait(), SOON_S)
    server.link.mend()
    log = PostgresEventLog(team.database.url())
    try:
        await asyncio.wait_for(_finished(log), SOON_S)
    finally:
        await log.close()
    team.model.open("middle")


async def _finished(log: PostgresEventLog) -> None:
    """Wait until a run of the only room is over, without going there."""
    (room,) = await log.rooms()
    async for _ in log.watch(room.room_id):
        if any(isinstance(record.event, p.RunFinished) for record in await log.read(room.room_id, 0)):
            return


def _is_over(state: s.RoomState) -> bool:
    return bool(state.runs) and all(isinstance(run, s.Finished) for run in state.runs.values())


# Faults, one after the other, while people work


async def _cut(team: Team, chance: random.Random) -> None:
    link = chance.choice(team.servers).link
    link.cut()
    await _somebody_is_told(team)
    link.mend()


async def _swallowed_answers(team: Team, chance: random.Random) -> None:
    link = chance.choice(team.servers).link
    link.swallow("back")
    await _somebody_is_told(team)
    link.mend()


async def _swallowed_questions(team: Team, chance: random.Random) -> None:
    link = chance.choice(team.servers).link
    link.swallow("there")
    await _somebody_is_told(team)
    link.mend()


async def _standstill(team: Team, chance: random.Random) -> None:
    await asyncio.to_thread(team.database.suspend)
    await _somebody_is_told(team)
    await asyncio.to_thread(team.database.resume)


async def _killed_database(team: Team, chance: random.Random) -> None:
    await asyncio.to_thread(team.database.kill)
    await asyncio.to_thread(team.database.start)


async def _killed_server(team: Team, chance: random.Random) -> None:
    server = chance.choice(team.servers)
    server.stop()
    await server.begin()


async def _somebody_is_told(team: Team) -> None:
    """Wait until a command was refused since the store is away."""
    for person in team.people:
        person.away.clear()
    told = [asyncio.ensure_future(person.away.wait()) for person in team.people]
    await asyncio.wait_for(asyncio.wait(told, return_when=asyncio.FIRST_COMPLETED), SOON_S)
    for each in told:
        each.cancel()


KINDS: list[Callable[[Team, random.Random], Awaitable[None]]] = [
    _swallowed_answers, _killed_server, _cut, _standstill, _killed_database, _swallowed_questions
]  # fmt: skip


async def _work(person: Person, chance: random.Random) -> None:
    """Post, ask and decide without end; each command waits for its answer across every fault."""
    for number in itertools.count():
        name = f"{person.witness.name}-{number}"
        kind = chance.random()
        if kind < 0.5:
            await person.post(name)
        elif kind < 0.7:
            await person.ask(name)
        else:
            state = await person.client.live()
            for opened in itertools.islice(s.open_confirmations(state), 1):
                await person.decide(opened.confirmation_id, "confirm")


@pytest.mark.soak
@pytest.mark.timeout(rounds(180, 36_000))
async def test_whatever_breaks_nothing_is_lost_or_doubled_and_each_question_has_one_answer(team: Team) -> None:
    chance = random.Random(22)
    async with AsyncExitStack() as stack:
        await _together(stack, team, people=2)
        working = [asyncio.ensure_future(_work(person, random.Random(n))) for n, person in enumerate(team.people)]
        for number in range(FAULTS):
            await KINDS[number % len(KINDS)](team, chance)
            before = [len(person.witness.acked) for person in team.people]
            await asyncio.wait_for(_progress(team, before), SOON_S)
        for each in working:
            each.cancel()
        ended = await asyncio.gather(*working, return_exceptions=True)
        assert all(isinstance(error, asyncio.CancelledError) for error in ended), ended
        await asyncio.wait_for(team.check(), SOON_S)
    assert sum(len(person.witness.acked) for person in team.people) > 4 * FAULTS


async def _progress(team: Team, before: list[int]) -> None:
    """Everybody was answered again."""
    for person, count in zip(team.people, before, strict=True):
        while len(person.witness.acked) <= count:
            await person.client.changed()
