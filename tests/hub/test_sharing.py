"""A server that Alice shares with Bob, through JupyterHub's proxy: the same room, each under their own name."""

from __future__ import annotations

import pytest
from tornado.httpclient import HTTPClientError
from tornado.websocket import websocket_connect

from jupyter_copilot import protocol as p
from jupyter_copilot.client import Client
from jupyter_copilot.core import state as s
from jupyter_copilot.protocol.errors import ConnectionLost, Rejected
from tests.hub.conftest import Join
from tests.hub.hub import Hub

QUESTION = p.ConfirmationId("q")


async def see_each_other(*clients: Client) -> None:
    """Wait until each of them is live and sees all of them."""
    for client in clients:
        await client.live()
    for client in clients:
        while len(people(client)) < len(clients):
            await client.changed()


def people(client: Client) -> set[str]:
    """The names of the people whom a client sees."""
    return {participant.name for participant in client.participants if participant.kind == "person"}


async def test_each_is_in_the_room_under_their_own_name(shared: None, join: Join) -> None:
    async with join("alice") as alice, join("bob") as bob:
        await see_each_other(alice, bob)
        assert people(alice) == people(bob) == {"alice", "bob"}
        assert alice.you is not None and (alice.you.id, alice.you.name) == ("alice", "alice")
        assert bob.you is not None and (bob.you.id, bob.you.name) == ("bob", "bob")
        await bob.post("Shall we drop the empty rows?", run=False)
        state = await alice.wait(lambda state: state.seq == 1)
        (message,) = state.messages.values()
        assert isinstance(message, s.Posted)
        assert (message.author.name, message.author.auth) == ("bob", "token")


async def test_the_first_decision_counts_and_the_loser_is_told_who_won(shared: None, join: Join) -> None:
    async with join("alice") as alice, join("bob") as bob:
        await see_each_other(alice, bob)
        await alice.command(p.OpenConfirmation(confirmation_id=QUESTION, title="Delete 10,000 rows?"))
        await bob.wait(lambda state: QUESTION in state.confirmations)
        await bob.decide(QUESTION, "confirm")
        state = await alice.wait(lambda state: isinstance(state.confirmations[QUESTION], s.Decided))
        decided = state.confirmations[QUESTION]
        assert isinstance(decided, s.Decided) and decided.by.name == "bob"
        with pytest.raises(Rejected) as late:
            await alice.decide(QUESTION, "cancel")
        assert late.value.code == "already_decided" and late.value.details["by"]["name"] == "bob"


async def test_without_a_share_nobody_comes_in(shared: None, join: Join) -> None:
    async with join("carol") as carol:
        with pytest.raises(ConnectionLost) as refused:
            await carol.live()
    assert refused.value.code == "forbidden"


async def test_a_token_in_the_address_opens_nothing(hub: Hub, notebook: str) -> None:

    address = hub.server("alice").replace("http", "ws", 1) + f"api/copilot/notebooks/{notebook}/channel"
    with pytest.raises(HTTPClientError) as refused:
        await websocket_connect(f"{address}?token={hub.token('alice')}")
    assert refused.value.code == 403


async def test_who_loses_the_share_is_cut_off_and_stays_out(hub: Hub, join: Join) -> None:
    hub.share("alice", "bob")
    async with join("alice") as alice, join("bob") as bob:
        await see_each_other(alice, bob)
        hub.unshare("alice", "bob")
        with pytest.raises(ConnectionLost) as cut:
            await bob.wait(lambda state: False)
        assert cut.value.code == "reauth"
        while people(alice) != {"alice"}:
            await alice.changed()
        await alice.post("He is gone, and I am still here.", run=False)
    async with join("bob") as again:
        with pytest.raises(ConnectionLost) as refused:
            await again.live()
    assert refused.value.code == "forbidden"
