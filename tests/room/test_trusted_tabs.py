"""Whose tab counts: readers show no documents, nobody poses as another tab, and a call is its claimant's to end."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from typing import Any

import msgspec
import pytest
from msgspec.structs import replace

from jupyter_copilot import protocol as p
from jupyter_copilot.core import state as s
from jupyter_copilot.room.registry import Rooms
from jupyter_copilot.room.room import Room
from jupyter_copilot.room.session.session import Session
from jupyter_copilot.room.session.visitor import ClientIds, Host, Visitor
from jupyter_copilot.testing.clock import ManualClock
from jupyter_copilot.testing.memory_log import MemoryEventLog

from ..builders import ALL, KERNEL, person, post
from .session.test_session import Wire

READ: frozenset[p.Right] = frozenset({"read"})
WRITE: frozenset[p.Right] = frozenset({"read", "write", "decide"})
TOKEN: frozenset[p.Right] = frozenset({"read", "write", "execute"})  # where decisions take a browser
NOTEBOOK = {"cells": [{"id": "a", "cell_type": "code", "source": "forged", "outputs": [], "metadata": {}}]}
CALL = p.CallId("c")


class Tab:
    """One connection, and what it was sent."""

    def __init__(self, session: Session, wire: Wire) -> None:
        self.session, self.wire = session, wire
        self._count = 0

    async def hello(self, client_id: str = "tab", secret: str = "") -> Tab:
        await self.session.receive(
            p.encode(
                p.Hello(protocol=p.PROTOCOL_VERSION, client_id=p.ClientId(client_id), surface="lab", secret=secret)
            )
        )
        return self

    async def shows(self, document: Any = "dirty") -> None:
        await self.session.receive(p.encode(p.ClientPresence(document=document, focused=True)))

    async def says(self, command: p.Command) -> str:
        """`ack`, or the code of the reject."""
        self._count += 1
        id = p.CommandId(f"{self._count}-{id_of(self)}")
        await self.session.receive(p.encode(p.CommandFrame(command_id=id, command=command)))
        answer = next(f for f in reversed(self.wire.frames) if f["type"] in ("ack", "reject") and f["command_id"] == id)
        return "ack" if answer["type"] == "ack" else str(answer["code"])

    async def answers_reads(self) -> None:
        for frame in list(self.wire.frames):
            if frame["type"] == "read_request":
                await self.session.receive(p.encode(p.ReadReply(request_id=frame["request_id"], notebook=NOTEBOOK)))

    def was_asked(self) -> bool:
        return "read_request" in self.wire.types()


def id_of(value: object) -> int:
    return id(value)


class Place:
    """A room, and those who enter it."""

    def __init__(self, rooms: Rooms, room: Room) -> None:
        self.rooms, self.room = rooms, room

    def enters(self, name: str, rights: frozenset[p.Right] = ALL, actor: p.Actor | None = None) -> Tab:
        wire = Wire()
        who = actor or replace(person(name), client_id=None, surface=None)
        return Tab(self.rooms.enter(self.room, Visitor(actor=who, rights=rights), wire), wire)

    async def offers(self, fence: int = 1) -> None:
        """A call that runs code is offered to the tabs."""

        def plan(state: s.RoomState, now: int) -> list[p.Event]:
            offered = p.CallOffered(call_id=CALL, fence=fence, operation={"type": "run"}, until=now + 10_000)
            if CALL in state.calls:
                return [offered]
            return [
                p.MessagePosted(message_id=p.MessageId("m"), thread_id=p.MAIN_THREAD, text="x"),
                p.RunQueued(run_id=p.RunId("r"), thread_id=p.MAIN_THREAD, message_id=p.MessageId("m")),
                p.RunStarted(run_id=p.RunId("r"), fence=1),
                p.CallProposed(
                    call_id=CALL, run_id=p.RunId("r"), step=1, message_id=p.MessageId("a"), tool="run_cell", args={},
                    effect="execute", args_hash="h", preview=p.Preview(title="Run"),
                ),
                p.CallStarted(call_id=CALL, exec_id="e", adapter="front_end"),
                offered,
            ]  # fmt: skip

        await self.room.record(plan)

    @property
    def call(self) -> s.CallRunning:
        call = self.room.state.calls[CALL]
        assert isinstance(call, s.CallRunning)
        return call


@pytest.fixture
def place(jp_asyncio_loop: Any) -> Iterator[Place]:
    log = MemoryEventLog()
    rooms = Rooms(log, log, ManualClock())
    yield Place(rooms, jp_asyncio_loop.run_until_complete(rooms.at("n.ipynb")))
    jp_asyncio_loop.run_until_complete(rooms.drain())


# Documents


@pytest.mark.parametrize("rights", [READ, TOKEN, READ | {"execute"}, frozenset({"read", "decide"})], ids=sorted)
async def test_who_may_not_write_shows_no_document_and_is_never_asked(place: Place, rights: frozenset[p.Right]) -> None:
    reader = await place.enters("Rae", rights).hello()
    await reader.shows("dirty")
    assert not place.room.tabs.is_open()
    assert all(shown.document is None for shown in place.room.presence.participants)
    with pytest.raises(Exception, match="No tab"):
        await place.room.tabs.read("tab")
    await reader.session.receive(p.encode(p.ReadReply(request_id="guess", notebook=NOTEBOOK)))
    assert not reader.was_asked()


async def test_a_kernel_shows_no_document(place: Place) -> None:
    kernel = await place.enters("", frozenset({"read", "write"}), KERNEL).hello()
    await kernel.shows("dirty")
    assert not place.room.tabs.is_open()


async def test_what_will_run_is_shown_by_who_may_run_it(place: Place) -> None:
    writer = await place.enters("Wes", WRITE).hello("w")
    await writer.shows("dirty")
    assert place.room.tabs.is_open() and not place.room.tabs.is_open("execute")
    with pytest.raises(Exception, match="No tab"):
        await place.room.tabs.read("w", "execute")
    assert not writer.was_asked()


async def test_the_tab_that_asked_is_known_by_its_session(place: Place) -> None:
    alice = await place.enters("Alice").hello("tab-a", "alice's secret")
    await alice.shows("open")
    asked_by = alice.session.actor
    mallory = await place.enters("Mallory").hello("tab-a")
    await mallory.shows("dirty")
    reading = asyncio.ensure_future(place.room.tabs.read(asked_by.session))
    while not (alice.was_asked() or mallory.was_asked()):
        await asyncio.sleep(0)
    assert alice.was_asked() and not mallory.was_asked()
    await alice.answers_reads()
    assert (await reading).session == asked_by.session
    names = [shown.client_id for shown in place.room.presence.participants]
    assert len(set(names)) == 2, "two tabs never show one client id"


# Client ids


async def test_a_tab_that_comes_back_is_the_same_even_while_its_old_socket_lingers(place: Place) -> None:
    before = await place.enters("Alice").hello("tab-a", "secret")
    again = await place.enters("Alice").hello("tab-a", "secret")
    assert before.session.actor == again.session.actor


@pytest.mark.parametrize(
    ("name", "secret"), [("Mallory", ""), ("Mallory", "secret"), ("Alice", ""), ("Alice", "guess")]
)
async def test_nobody_else_is(place: Place, name: str, secret: str) -> None:
    alice = await place.enters("Alice").hello("tab-a", "secret")
    other = await place.enters(name).hello("tab-a", secret)
    assert other.session.actor.session != alice.session.actor.session
    assert other.session.actor.client_id != alice.session.actor.client_id


async def test_nor_is_who_takes_the_id_while_its_owner_is_away(place: Place) -> None:
    alice = await place.enters("Alice").hello("tab-a", "secret")
    was = alice.session.actor
    place.rooms.leave(alice.session)
    mallory = await place.enters("Mallory").hello("tab-a")
    assert mallory.session.actor.client_id != "tab-a"
    again = await place.enters("Alice").hello("tab-a", "secret")
    assert again.session.actor == was


async def test_a_client_without_a_secret_goes_on_once_its_old_connection_is_gone(place: Place) -> None:
    first = await place.enters("Alice").hello("tab-a")
    was = first.session.actor
    second = await place.enters("Alice").hello("tab-a")
    assert second.session.actor.session != was.session
    place.rooms.leave(first.session)
    third = await place.enters("Alice").hello("tab-a")
    assert third.session.actor == was


def test_what_is_remembered_of_client_ids_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("jupyter_copilot.room.session.visitor.MOST_OWNERS", 3)
    ids = ClientIds()
    for number in range(10):
        _, session = ids.admit(person("A"), p.Hello(protocol=1, client_id=p.ClientId(f"t{number}")))
        ids.release(session)
    assert len(ids._owners) == 3 and not ids._live


# Claims


def ending(fence: int) -> list[p.Command]:
    return [
        p.RenewClaim(call_id=CALL, fence=fence, started=True),
        p.ReportOutput(call_id=CALL, fence=fence, output=p.Output(kind="stdout", text="forged")),
        p.ReportCall(call_id=CALL, fence=fence, result={"status": "ok"}),
        p.ReleaseClaim(call_id=CALL, fence=fence),
        p.ClaimCall(call_id=CALL, fence=fence),
    ]


@pytest.mark.parametrize(("name", "secret"), [("Mallory", ""), ("Mallory", "secret"), ("Alice", ""), ("Bob", "x")])
@pytest.mark.parametrize("which", range(5))
async def test_nobody_ends_a_call_under_the_client_id_of_its_claimant(
    place: Place, name: str, secret: str, which: int
) -> None:
    alice = await place.enters("Alice").hello("tab-a", "secret")
    await place.offers()
    assert await alice.says(p.ClaimCall(call_id=CALL, fence=1)) == "ack"
    other = await place.enters(name).hello("tab-a", secret)
    assert await other.says(ending(1)[which]) == "not_claimable"
    assert place.call.claim is not None and place.call.report is None
    assert await alice.says(p.ReportCall(call_id=CALL, fence=1, result={"status": "ok"})) == "ack"
    assert place.call.report == {"status": "ok"}


async def test_its_claimant_ends_it_over_another_socket(place: Place) -> None:
    alice = await place.enters("Alice").hello("tab-a", "secret")
    await place.offers()
    await alice.says(p.ClaimCall(call_id=CALL, fence=1))
    place.rooms.leave(alice.session)
    again = await place.enters("Alice").hello("tab-a", "secret")
    assert await again.says(p.ReportCall(call_id=CALL, fence=1, result={"status": "ok"})) == "ack"


@pytest.mark.parametrize("rights", [READ, WRITE, TOKEN], ids=sorted)
async def test_who_may_not_run_code_claims_no_call_that_runs_it(place: Place, rights: frozenset[p.Right]) -> None:
    await place.offers()
    tab = await place.enters("Rae", rights).hello()
    for command in ending(1):
        assert await tab.says(command) == "forbidden"


async def test_a_session_is_never_taken_from_a_frame(place: Place) -> None:
    alice = await place.enters("Alice").hello("tab-a", "secret")
    own = alice.session.actor.session
    mallory = await place.enters("Mallory").hello("tab-m", own or "")
    assert mallory.session.actor.session != own
    raw = msgspec.json.encode({"type": "hello", "protocol": 1, "client_id": "t", "session": own, "actor": {"id": "x"}})
    liar = place.enters("Mallory")
    await liar.session.receive(raw)
    assert liar.session.actor.session != own
    await alice.says(post(run=False))
    (record,) = [r for f in mallory.wire.frames if f["type"] == "records" for r in f["records"]]
    assert record["actor"]["session"] == own and "secret" not in str(mallory.wire.frames)


async def test_a_room_without_a_path_is_not_taken_up_again() -> None:
    log = MemoryEventLog()
    before = Rooms(log, log, ManualClock())
    for path in ("in.ipynb", "out.ipynb"):
        room = await before.at(path)
        await room.submit(post(message_id=path), person("Alice"), ALL, p.CommandId(path))
    await before.drain()
    shown = Host(shown_path=lambda key: "" if key == "out.ipynb" else key)
    after = Rooms(log, log, ManualClock(), host=shown)
    await after.resume()
    assert [room.path for room in after.loaded()] == ["in.ipynb"]
    await after.drain()
