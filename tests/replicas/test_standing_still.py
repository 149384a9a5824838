"""The database stands still, or the link to it swallows all, while people post and decide and a run is under way."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import AsyncExitStack

import pytest

from jupyter_copilot import protocol as p
from jupyter_copilot.core import state as s
from jupyter_copilot.protocol import MessageId
from jupyter_copilot.testing.replies import answer

from ..patience import scaled
from .conftest import Person, Replica, Team

pytestmark = pytest.mark.crash

SOON_S = scaled(30.0)
STORY = "Once upon a time there was a notebook that nobody could lose."
ANSWER = MessageId("story.r1.s1.a1")


def _standing_still(team: Team, server: Replica, is_away: bool) -> None:
    if is_away:
        team.database.suspend()
    else:
        team.database.resume()


def _swallowing(team: Team, server: Replica, is_away: bool) -> None:
    if is_away:
        server.link.swallow("there", "back")
    else:
        server.link.mend()


def _deaf(team: Team, server: Replica, is_away: bool) -> None:
    if is_away:
        server.link.swallow("back")
    else:
        server.link.mend()


def _text(state: s.RoomState) -> str:
    return getattr(state.messages.get(ANSWER), "text", "")


def _posted(person: Person) -> list[str]:
    state = person.client.state
    assert state is not None
    return [message.text for message in state.messages.values() if isinstance(message, s.Posted)]


@pytest.mark.parametrize("away", [_standing_still, _swallowing, _deaf])
async def test_people_read_on_what_they_send_is_kept_and_all_goes_on_afterwards(
    team: Team, away: Callable[[Team, Replica, bool], None]
) -> None:
    team.model.add(answer(STORY, gate="middle"))
    server = await team.server()
    async with AsyncExitStack() as stack:
        alice, bob, carol = [await stack.enter_async_context(team.person(server, n)) for n in ("alice", "bob", "carol")]
        await alice.ask("q")
        await bob.client.wait(lambda state: "q" in state.confirmations)
        await alice.post("story", run=True)
        await asyncio.to_thread(team.model.reached, "middle")
        half = STORY[: len(STORY) // 3]
        for person in team.people:
            await asyncio.wait_for(person.client.wait(lambda state: _text(state).startswith(half)), SOON_S)
        told = {_text(person.client.state) for person in team.people if person.client.state}

        away(team, server, True)
        await asyncio.to_thread(team.model.open, "middle")
        sending = [
            asyncio.ensure_future(work)
            for work in (alice.post("a"), bob.post("b"), bob.decide("q", "confirm"), carol.decide("q", "cancel"))
        ]
        for person in (alice, bob, carol):
            await asyncio.wait_for(person.away.wait(), SOON_S)
        late = await asyncio.wait_for(stack.enter_async_context(team.person(server, "late")), SOON_S)
        assert not any(each.done() for each in sending)
        for person in (alice, bob, carol, late):  # nobody is shown what is not committed
            state = person.client.state
            assert state is not None and isinstance(state.confirmations["q"], s.Open)
            assert _text(state) in told and _posted(person) == ["story"]

        away(team, server, False)
        a, b, confirmed, cancelled = await asyncio.wait_for(asyncio.gather(*sending), SOON_S)
        assert a and b and [confirmed, cancelled].count(None) == 1
        await asyncio.wait_for(alice.client.wait(_is_over), SOON_S)
        await asyncio.wait_for(team.check(), SOON_S)
        assert alice.client.state is not None and _text(alice.client.state) == STORY
        assert sorted(_posted(late)) == ["a", "b", "story"]
    records = await team.records()
    assert [type(r.event) for r in records].count(p.StepFinished) == 1
    written = "".join(r.event.text for r in records if isinstance(r.event, p.TextDelta))
    assert written == STORY


def _is_over(state: s.RoomState) -> bool:
    return bool(state.runs) and all(isinstance(run, s.Finished) for run in state.runs.values())
