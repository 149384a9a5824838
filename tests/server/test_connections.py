"""Each connection is checked by itself: a lookup that fails or hangs keeps nobody else in."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from typing import Any, cast

import pytest

from jupyter_copilot import protocol as p
from jupyter_copilot.room.session.visitor import Visitor
from jupyter_copilot.server import connections as module
from jupyter_copilot.server.connections import Connections
from jupyter_copilot.testing.clock import ManualClock

GRACE_S = 300.0


def visitor(name: str, rights: frozenset[p.Right] = frozenset({"read", "write"})) -> Visitor:
    return Visitor(actor=p.Actor(kind="person", id=name, name=name), rights=rights)


@dataclass(eq=False)
class Person:
    """A session, and what it was told when it was cut off."""

    name: str
    visitor: Visitor = field(init=False)
    closed: list[tuple[int, str, str]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.visitor = visitor(self.name)
        self.actor = self.visitor.actor

    def close(self, code: int, reason: str, retry: str) -> None:
        self.closed.append((code, reason, retry))


class House:
    """People who are connected, and what the identity provider says of each."""

    def __init__(self) -> None:
        self.clock = ManualClock()
        self.answers: dict[str, Visitor | BaseException | None] = {}
        self.problems: list[Exception] = []
        self.connections = Connections(self._look_up, self.clock, GRACE_S, self.problems.append)

    def comes(self, name: str) -> Person:
        person = Person(name)
        self.answers[name] = person.visitor
        self.connections.connected(cast(Any, name), cast(Any, person))
        return person

    async def _look_up(self, handler: Any) -> Visitor | None:
        answer = self.answers[handler]
        if isinstance(answer, asyncio.CancelledError):
            await asyncio.Event().wait()
        if isinstance(answer, BaseException):
            raise answer
        return answer


@pytest.fixture
def house() -> House:
    return House()


@pytest.mark.parametrize("first", ["a", "z"], ids=["came before", "came after"])
async def test_a_lookup_that_raises_keeps_nobody_else_in(house: House, first: str) -> None:
    broken, revoked = (house.comes(name) for name in (first, "m"))
    house.answers.update({first: RuntimeError("no route to the identity service"), "m": None})
    assert await house.connections.recheck() == 1
    assert revoked.closed[0][0] == p.CLOSE_REAUTH and not broken.closed
    assert [str(problem) for problem in house.problems] == ["no route to the identity service"]


async def test_a_lookup_that_hangs_keeps_nobody_else_in(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "LOOKUP_S", 0.01)
    hanging, revoked = house.comes("hanging"), house.comes("revoked")
    house.answers.update({"hanging": cast(Any, asyncio.CancelledError()), "revoked": None})
    assert await house.connections.recheck() == 1
    assert revoked.closed and not hanging.closed
    assert [type(problem) for problem in house.problems] == [asyncio.TimeoutError]


async def test_who_cannot_be_checked_for_the_grace_is_cut_off(house: House) -> None:
    person = house.comes("a")
    house.answers["a"] = RuntimeError("down")
    assert await house.connections.recheck() == 0
    house.clock.advance(GRACE_S - 1)
    assert await house.connections.recheck() == 0
    house.clock.advance(1)
    assert await house.connections.recheck() == 1
    (code, reason, retry) = person.closed[0]
    assert (code, retry) == (p.CLOSE_REAUTH, "reauth") and "300 seconds" in reason
    assert len(house.problems) == 3


async def test_one_answer_begins_the_grace_anew(house: House) -> None:
    person = house.comes("a")
    for _ in range(3):
        house.answers["a"] = RuntimeError("down")
        await house.connections.recheck()
        house.clock.advance(GRACE_S - 1)
        house.answers["a"] = person.visitor
        assert await house.connections.recheck() == 0
    assert not person.closed


async def test_a_stream_that_cannot_be_checked_ends_too(house: House) -> None:
    ended: list[str] = []
    house.answers["a"] = RuntimeError("down")
    with house.connections.streaming(cast(Any, "a"), lambda: ended.append("a")):
        assert await house.connections.recheck() == 0
        house.clock.advance(GRACE_S)
        assert await house.connections.recheck() == 1
    assert ended == ["a"] and await house.connections.recheck() == 0


async def test_who_left_is_not_asked_about(house: House) -> None:
    person = house.comes("a")
    house.answers["a"] = None
    house.connections.disconnected(cast(Any, person))
    assert await house.connections.recheck() == 0
