"""While the database is away: reading goes on, only what is committed is shown, and what was sent comes in once."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator

import pytest

from jupyter_copilot import protocol as p
from jupyter_copilot.client import Client
from jupyter_copilot.core import state as s
from jupyter_copilot.ports.clock import SystemClock
from jupyter_copilot.protocol.errors import Rejected
from jupyter_copilot.room.registry import Rooms
from jupyter_copilot.storage.postgres.log import PostgresEventLog
from jupyter_copilot.testing import Answer
from jupyter_copilot.testing.loopback import Loopback

from ..agent.stage import Stage
from ..builders import ALICE, ALL
from ..patience import scaled
from .conftest import OpenPostgres
from .postgres_server import PostgresServer

pytestmark = pytest.mark.crash


class Away:
    """Takes the database away and brings it back."""

    def __init__(self, take: Callable[[], object], bring: Callable[[], object]) -> None:
        self._take, self._bring = take, bring
        self._is_away = False

    async def take(self) -> None:
        await asyncio.to_thread(self._take)
        self._is_away = True

    async def bring_back(self) -> None:
        if self._is_away:
            await asyncio.to_thread(self._bring)
            self._is_away = False


@pytest.fixture(params=["killed", "standing still"])
def away(
    request: pytest.FixtureRequest, postgres_server: PostgresServer, jp_asyncio_loop: asyncio.AbstractEventLoop
) -> Iterator[Away]:
    server = postgres_server
    kinds = {"killed": (server.kill, server.start), "standing still": (server.suspend, server.resume)}
    found = Away(*kinds[request.param])
    yield found
    jp_asyncio_loop.run_until_complete(found.bring_back())


@pytest.fixture
def log(open_postgres_log: OpenPostgres, away: Away) -> PostgresEventLog:
    return open_postgres_log(leases_by=None)


@pytest.fixture
def loopback(log: PostgresEventLog, jp_asyncio_loop: asyncio.AbstractEventLoop) -> Iterator[Loopback]:
    found = Loopback(Rooms(log, log, log.clock))
    yield found
    jp_asyncio_loop.run_until_complete(found.rooms.drain())


def _texts(client: Client) -> list[str]:
    assert client.state is not None
    return [each.text for each in client.state.messages.values() if isinstance(each, s.Posted)]


async def test_people_read_on_and_join_and_what_they_send_is_kept_and_comes_in_once(
    loopback: Loopback, log: PostgresEventLog, away: Away
) -> None:
    async with loopback.client("Alice") as alice, loopback.client("Bob") as bob:
        await alice.live()
        await bob.live()
        await alice.post("before", run=False)
        await bob.wait(lambda state: len(state.messages) == 1)
        await away.take()
        sending = asyncio.ensure_future(alice.post("during", run=False))
        async with loopback.client("Carol") as carol:  # who comes only now
            await asyncio.wait_for(carol.live(), scaled(30))
            assert _texts(carol) == ["before"]
            room = await loopback.rooms.at(loopback.path)
            with pytest.raises(Rejected) as refused:
                post = p.PostMessage(message_id=p.MessageId("other"), text="by REST", run=False)
                await room.submit(post, ALICE, ALL, p.CommandId("rest"))
            assert (refused.value.code, refused.value.retry) == ("store_unavailable", "after")
            assert not sending.done()
            for each in (alice, bob, carol):
                assert _texts(each) == ["before"]  # nobody is shown what is not committed
            await away.bring_back()
            await asyncio.wait_for(sending, scaled(60))
            for each in (alice, bob, carol):
                await asyncio.wait_for(
                    each.wait(lambda state: any(m.text == "during" for m in _posted(state))), scaled(30)
                )
                assert _texts(each).count("during") == 1
    kept = [record.event for record in await log.read(room.room_id, 0)]
    assert [event.text for event in kept if isinstance(event, p.MessagePosted)].count("during") == 1
    assert await log.verify() == []


def _posted(state: s.RoomState) -> list[s.Posted]:
    return [message for message in state.messages.values() if isinstance(message, s.Posted)]


async def test_a_run_waits_and_goes_on_with_nothing_lost(log: PostgresEventLog, away: Away) -> None:
    gate = asyncio.Event()
    stage = Stage(Answer(text="Once upon a time.", until=gate), log=log, clock=SystemClock())
    stage.patience_s = scaled(60)
    async with stage:
        await stage.post()
        await stage.until(lambda state: "Once" in getattr(state.messages.get("m1.r1.s1.a1"), "text", ""))
        await away.take()
        seq = stage.state.seq
        gate.set()
        with pytest.raises(asyncio.TimeoutError):
            await asyncio.wait_for(stage.room.wait(lambda state: state.seq > seq), 2)
        await away.bring_back()
        assert (await stage.over()).outcome == "success"
        assert stage.state.messages["m1.r1.s1.a1"].text == "Once upon a time."
        ends = [event for event in stage.events if isinstance(event, p.RunFinished | p.StepFinished)]
        assert len(ends) == 2
