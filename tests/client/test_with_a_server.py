"""The Python client against a real server."""

from __future__ import annotations

from typing import Any

import pytest

from jupyter_copilot import protocol as p
from jupyter_copilot.client import Stopped, connect
from jupyter_copilot.core import state as s
from jupyter_copilot.protocol.errors import ConnectionLost, Rejected

from ..server.conftest import jp_server_config, notebook

__all__ = ["jp_server_config", "notebook"]


@pytest.fixture
def address(jp_base_url: str, jp_http_port: int, http_server_client: Any) -> str:
    return f"http://127.0.0.1:{jp_http_port}{jp_base_url}"


@pytest.fixture
def token(jp_serverapp: Any) -> str:
    return str(jp_serverapp.identity_provider.token)


async def test_two_clients_fold_the_same(address: str, token: str, notebook: str) -> None:
    async with connect(address, notebook, token) as one, connect(address, notebook, token) as two:
        await one.live()
        await two.live()
        await one.post("hello", run=False)
        state = await two.wait(lambda state: state.seq == 1)
        assert one.state is not None
        assert p.encode(one.state) == p.encode(state)


async def test_the_loser_of_a_decision_is_told_who_won(address: str, token: str, notebook: str) -> None:
    async with connect(address, notebook, token) as one, connect(address, notebook, token) as two:
        await one.live()
        await one.command(p.OpenConfirmation(confirmation_id=p.ConfirmationId("q"), title="Go on?"))
        await two.wait(lambda state: "q" in state.confirmations)
        await two.decide("q", "confirm", comment="yes")
        with pytest.raises(Rejected) as caught:
            await one.decide("q", "cancel")
        assert caught.value.code == "already_decided"
        assert two.you is not None and caught.value.details["by"]["name"] == two.you.name
        decided = (await one.wait(lambda state: isinstance(state.confirmations["q"], s.Decided))).confirmations["q"]
        assert isinstance(decided, s.Decided) and decided.comment == "yes"


async def test_a_wrong_token_stops_the_client_with_words(address: str, notebook: str, jp_serverapp: Any) -> None:
    async with connect(address, notebook, "wrong") as client:
        with pytest.raises(ConnectionLost, match="does not let this client in"):
            await client.live()
        assert isinstance(client.connection, Stopped)
        with pytest.raises(ConnectionLost):
            await client.post("too late")


async def test_a_missing_notebook_stops_the_client_with_words(address: str, token: str, jp_serverapp: Any) -> None:
    async with connect(address, "nothing.ipynb", token) as client:
        with pytest.raises(ConnectionLost, match="no such notebook"):
            await client.live()


@pytest.mark.parametrize("name", ["a b.ipynb", "100%.ipynb", "a#b?c.ipynb", "über/日本/ñ.ipynb", "a%20b.ipynb"])
async def test_any_file_name_has_a_room(
    name: str, address: str, token: str, notebook: str, jp_root_dir: Any, jp_serverapp: Any
) -> None:
    target = jp_root_dir / name
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_bytes((jp_root_dir / notebook).read_bytes())
    async with connect(address, name, token) as client:
        await client.live()
        assert client.path is not None and client.path.endswith(name)
    async with connect(address, f"RTC:{name}", token) as client:
        await client.live()
        assert client.path is not None and client.path.endswith(name)
