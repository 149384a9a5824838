"""People who signed in with the Hub's form, as browsers do: what they decide is recorded as theirs, by browser."""

from __future__ import annotations

import pytest

from jupyter_copilot import protocol as p
from jupyter_copilot.client import Client
from jupyter_copilot.client.socket import open_websocket
from jupyter_copilot.core import state as s
from jupyter_copilot.ports.clock import SystemClock
from jupyter_copilot.protocol.errors import ConnectionLost
from tests.hub.conftest import Join
from tests.hub.hub import Hub
from tests.hub.sign_in import cookies


def tab(hub: Hub, notebook: str, name: str, *, origin: str | None = None) -> Client:
    """The connection of this person's browser to Alice's server, from a page of the Hub unless another is named."""
    headers = {
        "Cookie": cookies(hub, name, "alice"),
        "Origin": origin or hub.url.rstrip("/"),
        "Sec-Fetch-Mode": "websocket",
        "Sec-Fetch-Site": "same-origin" if origin is None else "cross-site",
    }
    return Client(open_websocket(hub.server("alice"), notebook, headers), SystemClock(), surface="lab")


@pytest.mark.parametrize("name", ["alice", "bob"])
async def test_a_decision_is_recorded_under_the_name_and_as_from_a_browser(
    name: str, shared: None, hub: Hub, notebook: str, join: Join
) -> None:
    question = p.ConfirmationId("q")
    async with join("alice") as script, tab(hub, notebook, name) as browser:
        await script.live()
        await script.command(p.OpenConfirmation(confirmation_id=question, title="Go on?"))
        await browser.wait(lambda state: question in state.confirmations)
        await browser.decide(question, "confirm")
        state = await script.wait(lambda state: isinstance(state.confirmations[question], s.Decided))
        decided = state.confirmations[question]
        assert isinstance(decided, s.Decided)
        assert (decided.by.name, decided.by.auth) == (name, "browser")


async def test_a_page_of_another_site_is_not_let_in(hub: Hub, notebook: str) -> None:
    async with tab(hub, notebook, "alice", origin="http://evil.example") as foreign:
        with pytest.raises(ConnectionLost) as refused:
            await foreign.live()
    assert refused.value.code == "forbidden"


async def test_who_loses_the_share_is_cut_off_in_the_browser_too(hub: Hub, notebook: str) -> None:
    hub.share("alice", "bob")
    async with tab(hub, notebook, "bob") as bob:
        await bob.live()
        hub.unshare("alice", "bob")
        with pytest.raises(ConnectionLost) as cut:
            await bob.wait(lambda state: False)
    assert cut.value.code == "reauth"
