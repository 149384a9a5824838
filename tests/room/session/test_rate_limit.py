"""One rate of commands for each participant, and none for those who are gone."""

from __future__ import annotations

import gc
import weakref

import pytest

from jupyter_copilot import protocol as p
from jupyter_copilot.protocol.errors import Rejected
from jupyter_copilot.room.session.rate_limit import RECENT_RATES
from jupyter_copilot.testing.loopback import Loopback


def anonymous(number: int) -> p.Actor:
    return p.Actor(kind="person", id=f"anonymous-{number}", name="Anonymous", auth="token")


async def test_requests_of_ever_new_people_leave_little_behind(loopback: Loopback) -> None:
    room = await loopback.rooms.at(loopback.path)
    seen = [weakref.ref(loopback.rooms.rate(room, anonymous(n))) for n in range(3 * RECENT_RATES)]
    gc.collect()
    assert sum(rate() is not None for rate in seen) <= RECENT_RATES


async def test_a_participant_who_is_here_keeps_one_rate_however_many_others_come(loopback: Loopback) -> None:
    async with loopback.client("alice") as alice:
        await alice.live()
        room = await loopback.rooms.at(loopback.path)
        session = loopback.sockets["alice"].session
        assert session is not None
        session._rate.spend(p.COMMAND_BURST)
        for number in range(2 * RECENT_RATES):
            loopback.rooms.rate(room, anonymous(number))
        with pytest.raises(Rejected, match="commands per second"):
            loopback.rooms.rate(room, session.actor).spend(p.COMMAND_BURST / 2)


async def test_two_requests_of_one_person_share_a_rate(loopback: Loopback) -> None:
    room = await loopback.rooms.at(loopback.path)
    loopback.rooms.rate(room, anonymous(1)).spend(p.COMMAND_BURST)
    with pytest.raises(Rejected, match="commands per second"):
        loopback.rooms.rate(room, anonymous(1)).spend(p.COMMAND_BURST / 2)
