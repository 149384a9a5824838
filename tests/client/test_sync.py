"""The synchronous face, as a script uses it: in another thread than the server's loop."""

from __future__ import annotations

import asyncio

import pytest

from jupyter_copilot import protocol as p
from jupyter_copilot.client import connect_sync
from jupyter_copilot.core import state as s
from jupyter_copilot.protocol.errors import ConnectionLost, Rejected

from .test_with_a_server import address, jp_server_config, notebook, token

__all__ = ["address", "jp_server_config", "notebook", "token"]


async def test_a_script_posts_waits_and_decides(address: str, token: str, notebook: str) -> None:
    def script() -> str:
        with connect_sync(address, notebook, token) as room:
            room.post("hello", run=False)
            room.command(p.OpenConfirmation(confirmation_id=p.ConfirmationId("q"), title="Go on?"))
            room.decide("q", "confirm")
            state = room.wait(lambda state: isinstance(state.confirmations["q"], s.Decided))
            with pytest.raises(Rejected, match="decided this already"):
                room.decide("q", "cancel")
            assert room.state.seq == 3
            decided = state.confirmations["q"]
            assert isinstance(decided, s.Decided)
            return decided.option

    assert await asyncio.to_thread(script) == "confirm"


async def test_a_script_is_told_when_it_is_not_let_in(address: str, notebook: str) -> None:
    def script() -> None:
        with connect_sync(address, notebook, "wrong"):
            pass

    with pytest.raises(ConnectionLost, match="does not let this client in"):
        await asyncio.to_thread(script)


async def test_a_script_does_not_wait_for_ever(notebook: str) -> None:
    def script() -> None:
        with connect_sync("http://127.0.0.1:9/", notebook, "x", timeout_s=0.2):
            pass

    with pytest.raises(ConnectionLost, match="did not answer within"):
        await asyncio.to_thread(script)
