"""Fifty people decide the same confirmation at the same moment."""

from __future__ import annotations

import asyncio
from contextlib import AsyncExitStack

import pytest

from jupyter_copilot import protocol as p
from jupyter_copilot.client import Client
from jupyter_copilot.core import state as s
from jupyter_copilot.protocol.errors import Rejected
from jupyter_copilot.testing.loopback import Loopback

PEOPLE, ROUNDS = 50, 200


@pytest.mark.slow
async def test_of_fifty_decisions_one_wins_and_each_loser_is_told_who(
    loopback: Loopback, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("jupyter_copilot.room.session.rate_limit.RateLimit.spend", lambda self, amount: None)
    effects: list[str] = []
    async with AsyncExitStack() as stack:
        clients = [await stack.enter_async_context(loopback.client(f"P{number}")) for number in range(PEOPLE)]
        for client in clients:
            await client.live()
        room = await loopback.rooms.at(loopback.path)
        room.listen(lambda records: effects.extend(_decisions(records)))
        for number in range(ROUNDS):
            await _round(clients, f"q{number}", number)
        head = room.state.seq
        for client in clients:
            await client.wait(lambda state: state.seq == head)
        folds = {p.encode(client.state) for client in clients}
        assert folds == {p.encode(room.state)}
    assert effects == [f"q{number}" for number in range(ROUNDS)]


def _decisions(records: object) -> list[str]:
    return [r.event.confirmation_id for r in records if isinstance(r.event, p.ConfirmationDecided)]  # type: ignore[attr-defined]


async def _round(clients: list[Client], name: str, number: int) -> None:
    opener = clients[number % PEOPLE]
    await opener.command(p.OpenConfirmation(confirmation_id=p.ConfirmationId(name), title="Go on?"))
    await asyncio.gather(*(client.wait(lambda state: name in state.confirmations) for client in clients))
    order = clients[number % PEOPLE :] + clients[: number % PEOPLE]
    outcomes = await asyncio.gather(
        *(client.decide(name, "confirm" if at % 2 else "cancel") for at, client in enumerate(order)),
        return_exceptions=True,
    )
    winners = [client for client, outcome in zip(order, outcomes, strict=True) if isinstance(outcome, int)]
    assert len(winners) == 1
    decided = winners[0].state.confirmations[name]  # type: ignore[union-attr]
    assert isinstance(decided, s.Decided) and winners[0].you is not None
    assert decided.by.name == winners[0].you.name
    for outcome in outcomes:
        if isinstance(outcome, int):
            continue
        assert isinstance(outcome, Rejected) and outcome.code == "already_decided"
        assert outcome.details["by"]["name"] == decided.by.name
        assert outcome.details["option"] == decided.option and outcome.details["at"] == decided.at
