"""Real servers on a real PostgreSQL, each over a link of its own, and people who keep what they are told."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path

import nbformat
import pytest

from jupyter_copilot import protocol as p
from jupyter_copilot.client import Client, connect
from jupyter_copilot.core import state as s
from jupyter_copilot.protocol.errors import Rejected
from jupyter_copilot.storage.postgres.log import PostgresEventLog
from jupyter_copilot.testing.fault_server_thread import FaultServerThread

from ..mortal_server import TOKEN, MortalServer
from ..patience import scaled
from ..storage.conftest import postgres_server
from ..storage.postgres_server import PostgresServer
from .history import Witness, faults
from .link import Link

__all__ = ["postgres_server"]

ANSWER_S = scaled(0.7)
LEASE_S = scaled(1.5)


class Replica(MortalServer):
    """One of the servers on the database; `link` is its way there."""

    def __init__(self, root: Path, notebooks: Path, link: Link, environ: dict[str, str]) -> None:
        store = f"postgresql://copilot@127.0.0.1:{link.port}/copilot"
        options = {"ServerApp.root_dir": notebooks, "CopilotApp.store_path": store}
        root.mkdir()
        super().__init__(root, "tests.replicas.served", environ, options)
        self.link = link

    async def begin(self) -> None:
        """Start it, and wait until it listens."""
        self.start(str(ANSWER_S), str(LEASE_S))
        await self.serves()


class Person:
    """Somebody at one of the servers, who remembers what they were told."""

    def __init__(self, client: Client, name: str, server: Replica) -> None:
        self.client = client
        self.server = server
        self.witness = Witness(name=name)
        self.away = asyncio.Event()
        """Set once the server said that the store is away."""
        client.listen(self._hear)

    def _hear(self, frame: p.ServerFrame) -> None:
        self.witness.take(frame)
        if isinstance(frame, p.Reject) and (frame.code, frame.retry) == ("store_unavailable", "after"):
            self.away.set()

    async def give(self, command_id: str, command: p.Command) -> int | None:
        """Give a command; the seq that it was acknowledged with, or None when it was refused for good."""
        try:
            self.witness.acked[command_id] = await self.client.command(command, command_id)
        except Rejected as refused:
            self.witness.refused[command_id] = refused.code
            return None
        return self.witness.acked[command_id]

    async def post(self, name: str, run: bool = False) -> int | None:
        """Post a message."""
        return await self.give(name, p.PostMessage(message_id=p.MessageId(name), text=name, run=run))

    async def ask(self, name: str) -> int | None:
        """Open a confirmation."""
        return await self.give(
            f"ask-{name}", p.OpenConfirmation(confirmation_id=p.ConfirmationId(name), title="Go on?")
        )

    async def decide(self, name: str, option: str) -> int | None:
        """Decide a confirmation that this person sees."""
        state = await self.client.wait(lambda state: name in state.confirmations)
        args_hash = state.confirmations[p.ConfirmationId(name)].args_hash
        decide = p.Decide(confirmation_id=p.ConfirmationId(name), args_hash=args_hash, option=option)
        return await self.give(f"{self.witness.name}-decides-{name}", decide)


class Team:
    """The database, the servers on it, and the people at them."""

    def __init__(self, database: PostgresServer, folder: Path, model: FaultServerThread) -> None:
        self.database = database
        self.model = model
        self.servers: list[Replica] = []
        self.people: list[Person] = []
        self._folder = folder
        self._notebooks = folder / "shared"
        self._notebooks.mkdir()
        nbformat.write(nbformat.v4.new_notebook(), self._notebooks / "n.ipynb")

    async def server(self) -> Replica:
        """One more server."""
        link = Link(self.database.port)
        await link.start()
        folder = self._folder / f"server-{len(self.servers)}"
        self.servers.append(Replica(folder, self._notebooks, link, self.model.environ()))
        await self.servers[-1].begin()
        return self.servers[-1]

    @asynccontextmanager
    async def person(self, server: Replica, name: str) -> AsyncIterator[Person]:
        """Somebody comes, who is live."""
        client = connect(server.url, "n.ipynb", TOKEN)
        person = Person(client, name, server)
        async with client:
            await client.live()
            self.people.append(person)
            yield person

    async def level(self) -> list[s.RoomState]:
        """Wait until everybody is at the same record, also of what was still under way; returns what they have."""
        while True:
            states = [await person.client.live() for person in self.people]
            head = max(state.seq for state in states)
            for person in self.people:
                await person.client.wait(lambda state: state.seq >= head)  # noqa: B023
            states = [person.client.state for person in self.people if person.client.state is not None]
            if len({state.seq for state in states}) == 1:
                return states

    async def records(self) -> list[p.Record]:
        """The room's log, read past the servers."""
        log = PostgresEventLog(self.database.url())
        try:
            (room,) = await log.rooms()
            assert await log.verify() == []
            return await log.read(room.room_id, 0, 100_000)
        finally:
            await log.close()

    async def check(self) -> None:
        """Everybody folded the same, and the log agrees with what everybody was told."""
        assert len({p.encode(state) for state in await self.level()}) == 1
        assert faults(await self.records(), [person.witness for person in self.people]) == []

    async def end(self) -> None:
        for server in self.servers:
            server.stop()
            await server.link.stop()


@pytest.fixture
def team(
    postgres_server: PostgresServer,
    tmp_path: Path,
    jp_asyncio_loop: asyncio.AbstractEventLoop,
    monkeypatch: pytest.MonkeyPatch,
) -> Iterator[Team]:
    """Nobody yet, on an empty database; all is as it was at the end, however the test ends."""
    monkeypatch.setattr("jupyter_copilot.client.pauses.LONGEST_S", 0.5)
    monkeypatch.setattr("jupyter_copilot.client.commands.LONGEST_DELAY_MS", 500)
    postgres_server.sql("DROP SCHEMA IF EXISTS copilot CASCADE")
    with FaultServerThread([]) as model:
        found = Team(postgres_server, tmp_path, model)
        yield found
        jp_asyncio_loop.run_until_complete(found.end())
        postgres_server.resume()
