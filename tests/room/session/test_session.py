"""A session's life: it awaits hello, is live once, and closes once."""

from __future__ import annotations

import asyncio
from typing import Any

import msgspec
import pytest
from msgspec.structs import replace

from jupyter_copilot import protocol as p
from jupyter_copilot.room.registry import Rooms
from jupyter_copilot.room.session.rate_limit import BYTE_BURST
from jupyter_copilot.room.session.session import (
    MOST_BAD_FRAMES,
    MOST_TOO_MANY,
    AwaitingHello,
    Session,
)
from jupyter_copilot.room.session.visitor import Visitor
from jupyter_copilot.testing.clock import ManualClock
from jupyter_copilot.testing.memory_log import MemoryEventLog

from ...builders import ALICE, ALL, post

WHO = replace(ALICE, client_id=None, surface=None)
HELLO = p.Hello(protocol=p.PROTOCOL_VERSION, client_id=p.ClientId("tab"), surface="lab")


class Wire:
    """A transport that keeps what it was given."""

    def __init__(self) -> None:
        self.frames: list[dict[str, Any]] = []
        self.code: int | None = None
        self.writing = False

    def send(self, frame: bytes) -> None:
        self.frames.append(msgspec.json.decode(frame))

    def is_writing(self) -> bool:
        return self.writing

    async def flushed(self) -> None:
        await asyncio.Event().wait()

    def close(self, code: int, reason: str) -> None:
        self.code = code

    def types(self) -> list[str]:
        return [frame["type"] for frame in self.frames]


async def entered(log: MemoryEventLog | None = None) -> tuple[Rooms, Session, Wire]:
    log = log or MemoryEventLog()
    rooms, wire = Rooms(log, log, ManualClock()), Wire()
    room = await rooms.at("n.ipynb")
    return rooms, rooms.enter(room, Visitor(actor=WHO, rights=ALL), wire), wire


async def test_a_session_awaits_hello_is_live_and_closes() -> None:
    rooms, session, wire = await entered()
    assert isinstance(session.life, AwaitingHello)
    await session.receive(p.encode(p.CommandFrame(command_id=p.CommandId("c1"), command=post(run=False))))
    assert wire.frames[-1]["code"] == "out_of_order"
    await session.receive(p.encode(HELLO))
    assert session.is_live and session.actor.client_id == "tab" and session.actor.surface == "lab"
    assert wire.types()[1:] == ["welcome", "snapshot", "live"]
    await session.receive(p.encode(HELLO))
    assert wire.frames[-1]["code"] == "out_of_order"
    session.close(p.CLOSE_FORBIDDEN, "Out.", "never")
    session.close(p.CLOSE_DRAINING, "Out again.", "after")
    assert session.is_closed and wire.code == p.CLOSE_FORBIDDEN and wire.types().count("closing") == 1
    await session.receive(p.encode(HELLO))
    assert wire.types()[-1] == "closing", "a closed session says nothing more"
    await rooms.drain()


async def test_two_hellos_at_once_are_answered_once(monkeypatch: pytest.MonkeyPatch) -> None:
    rooms, session, wire = await entered()
    go_on = asyncio.Event()

    async def slowly(cursor: p.Cursor | None) -> None:
        await go_on.wait()

    monkeypatch.setattr(session.room.replay, "recall", slowly)
    both = asyncio.gather(session.receive(p.encode(HELLO)), session.receive(p.encode(HELLO)))
    await asyncio.sleep(0)
    go_on.set()
    await both
    assert wire.types().count("welcome") == 1 and len(session.room.audience) == 1
    await rooms.drain()
    assert len(session.room.audience) == 0


async def test_a_session_that_closes_leaves_nothing_running() -> None:
    rooms, session, wire = await entered()
    await session.receive(p.encode(HELLO))
    wire.writing = True
    session.notify(p.Problem(code="x", message="Waits in the outbox."))
    reading = asyncio.create_task(session.room.tabs.read())
    await asyncio.sleep(0)
    rooms.leave(session)
    for _ in range(5):
        await asyncio.sleep(0)
    assert not session._supervisor._tasks
    assert session.room.presence.participants == []
    with pytest.raises(Exception, match="No tab"):
        await reading
    await rooms.drain()


async def live() -> tuple[Rooms, Session, Wire]:
    rooms, session, wire = await entered()
    await session.receive(p.encode(HELLO))
    return rooms, session, wire


@pytest.mark.parametrize(
    "frame",
    [
        pytest.param("{", id="broken"),
        pytest.param('{"type": "gift"}', id="unknown"),
        pytest.param("[" * 100_000, id="deep"),
        pytest.param(b"\xff\xfe", id="no text"),
        pytest.param(" " * (p.MAX_FRAME_BYTES + 1), id="too large"),
        pytest.param(p.encode(HELLO), id="out of order"),
    ],
)
async def test_who_goes_on_sending_what_cannot_be_read_is_let_go_for_good(frame: bytes | str) -> None:
    rooms, session, wire = await live()
    for _ in range(MOST_BAD_FRAMES):
        await session.receive(frame)
    assert not wire.code and wire.types().count("reject") == MOST_BAD_FRAMES
    await session.receive(frame)
    assert wire.code == p.CLOSE_BAD_FRAME and wire.frames[-1]["retry"] == "never"
    await rooms.drain()


async def test_who_goes_on_beyond_the_rate_is_let_go_for_a_while() -> None:
    rooms, session, wire = await live()
    cancelling = p.CommandFrame(command_id=p.CommandId("c"), command=p.CancelRun(run_id=p.RunId("x")))
    for _ in range(p.COMMAND_BURST + MOST_TOO_MANY):
        await session.receive(p.encode(cancelling))
    assert not wire.code
    await session.receive(p.encode(cancelling))
    assert wire.code == p.CLOSE_RATE_LIMITED and wire.frames[-1]["retry"] == "after"
    await rooms.drain()


async def test_replies_that_nobody_asked_for_count_as_bytes() -> None:
    rooms, session, wire = await live()
    reply = p.encode(p.ReadReply(request_id="made-up", part="x" * 1_000_000, more=True))
    for _ in range(BYTE_BURST // len(reply)):
        await session.receive(reply)
    assert "reject" not in wire.types()
    await session.receive(reply)
    assert wire.frames[-1]["code"] == "rate_limited"
    await rooms.drain()
