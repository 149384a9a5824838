"""A real server is killed at seeded places, again and again on one store, and nothing acknowledged is lost."""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import random
from collections.abc import Iterator
from pathlib import Path

import nbformat
import pytest

from jupyter_copilot import protocol as p
from jupyter_copilot.client import Client, connect
from jupyter_copilot.core import state as s
from jupyter_copilot.protocol.errors import Rejected
from jupyter_copilot.storage.sqlite.failpoints import FAILPOINTS
from jupyter_copilot.storage.sqlite.log import SqliteEventLog

from ..mortal_server import TOKEN, MortalServer
from ..patience import scaled
from ..soak import rounds
from ..storage.samples import committed

KILLS = rounds(42, 1_000)
PLACES = {
    "append.begin": 60,
    "append.before_commit": 60,
    "append.after_commit": 60,
    "room.appended": 60,
    "room.published": 60,
    "session.before_send": 80,
    "session.sent": 80,
    "save_snapshot.begin": 3,
    "save_snapshot.before_commit": 3,
    "save_snapshot.after_commit": 3,
    "compact.begin": 1,
    "compact.before_commit": 1,
    "compact.after_commit": 1,
}
"""Where the server dies, and up to how many visits it survives there."""
REACHED_S = scaled(15.0)
"""How long it may take to get there; a server that does not is killed from outside."""


@pytest.fixture
def server(tmp_path: Path) -> Iterator[MortalServer]:
    made = MortalServer(tmp_path, "tests.crash.victim")
    nbformat.write(nbformat.v4.new_notebook(), tmp_path / "notebooks" / "n.ipynb")
    yield made
    made.stop()


class Worker:
    """A client that keeps giving commands and remembers which were acknowledged, and with what seq."""

    def __init__(self, client: Client, name: str, seed: int) -> None:
        self.client = client
        self.name = name
        self.chance = random.Random(seed)
        self.acked: dict[str, int] = {}
        self.asked: list[str] = []
        self.number = 0

    async def work(self) -> None:
        """Post, open and decide without end; each command waits for its ack across every crash."""
        while True:
            self.number += 1
            kind = self.chance.random()
            if kind < 0.6:
                await self._give(
                    p.PostMessage(message_id=p.MessageId(f"{self.name}-m{self.number}"), text="x" * 50, run=False)
                )
            elif kind < 0.8:
                name = f"{self.name}-q{self.number}"
                self.asked.append(name)
                await self._give(p.OpenConfirmation(confirmation_id=p.ConfirmationId(name), title="Go on?"))
            else:
                await self._decide_one()

    async def _decide_one(self) -> None:
        state = await self.client.live()
        for opened in s.open_confirmations(state):
            await self._give(
                p.Decide(confirmation_id=opened.confirmation_id, args_hash=opened.args_hash, option="confirm")
            )
            return

    async def _give(self, command: p.Command) -> None:
        command_id = f"{self.name}-{self.number}"
        with contextlib.suppress(Rejected):  # another worker decided first
            self.acked[command_id] = await self.client.command(command, command_id)


@pytest.mark.crash
@pytest.mark.soak
@pytest.mark.timeout(rounds(600, 6_000))
async def test_nothing_acknowledged_is_lost_however_the_server_dies(
    server: MortalServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("jupyter_copilot.client.pauses.LONGEST_S", 0.5)
    chance = random.Random(20261122)
    places = [name for name, _ in zip(itertools.cycle(PLACES), range(KILLS), strict=False)]
    plan = [(name, str(chance.randint(1, PLACES[name]))) for name in places]
    clients = [connect(server.url, "n.ipynb", TOKEN) for _ in range(3)]
    workers = [Worker(client, f"w{at}", at) for at, client in enumerate(clients)]
    killed = 0
    assert {name for name in PLACES if "." in name} - set(FAILPOINTS) <= {
        f"room.{n}" for n in ("appended", "published")
    } | {f"session.{n}" for n in ("before_send", "sent")}, "a place that nobody visits would kill nothing"
    server.start(*plan[0])
    await server.serves()
    async with contextlib.AsyncExitStack() as stack:
        for client in clients:
            await stack.enter_async_context(client)
        tasks = [asyncio.create_task(worker.work()) for worker in workers]
        for place, count in [*plan[1:], ("never", "1")]:
            killed += await server.died(REACHED_S)
            server.start(place, count)
        await server.serves()
        for client in clients:
            await client.live()
        for task in tasks:
            task.cancel()
        outcomes = await asyncio.gather(*tasks, return_exceptions=True)
        assert all(isinstance(outcome, asyncio.CancelledError) for outcome in outcomes), outcomes
        await until_all_are_level(clients)
        folds = {p.encode(client.state) for client in clients}
        assert len(folds) == 1
    server.stop()
    assert killed >= 40, "most places must be reached, or the test shows nothing"
    assert sum(len(worker.acked) for worker in workers) > 200
    await check_store(server.store, workers)


async def until_all_are_level(clients: list[Client]) -> None:
    """What was in flight when the work ended has reached everybody."""
    while len({client.state.seq for client in clients if client.state is not None}) > 1:
        head = max(client.state.seq for client in clients if client.state is not None)
        for client in clients:
            await client.wait(lambda state, head=head: state.seq >= head)  # type: ignore[misc]


async def check_store(path: Path, workers: list[Worker]) -> None:
    store = SqliteEventLog(path)
    assert await store.verify() == []
    assert store.notices == []
    (entry,) = await store.rooms()
    decisions: dict[str, int] = {}
    messages: set[str] = set()
    after = 0
    while records := await store.read(entry.room_id, after):
        for record in records:
            after = record.seq
            if isinstance(record.event, p.ConfirmationDecided):
                name = record.event.confirmation_id
                decisions[name] = decisions.get(name, 0) + 1
            if isinstance(record.event, p.MessagePosted):
                assert record.event.message_id not in messages
                messages.add(record.event.message_id)
    assert set(decisions.values()) == {1}
    for worker in workers:
        for command_id, seq in worker.acked.items():
            assert await committed(store, entry.room_id, p.CommandId(command_id)) == seq
    await store.close()
