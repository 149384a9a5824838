"""Kill -9 at each step of what an outside agent asks for: of the server, and of the agent; nothing is done twice."""

from __future__ import annotations

import asyncio
import contextlib
import json
import random
import sys
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import nbformat
import pytest

from jupyter_copilot import protocol as p
from jupyter_copilot.client import Client, connect
from jupyter_copilot.core import state as s
from jupyter_copilot.protocol.errors import Rejected
from jupyter_copilot.testing import acp_agent

from ..agent.acp.stage import effects
from ..mortal_server import TOKEN, MortalServer
from ..patience import scaled
from ..soak import rounds

KILLS = rounds(8, 100)
STEPS = 10
"""Records that a permission takes, from the message to the end of the answer."""
PLACES = ("append.before_commit", "append.after_commit", "room.appended", "room.published")


@pytest.fixture
def marks(tmp_path: Path) -> Path:
    return tmp_path / "effects"


@pytest.fixture
def server(tmp_path: Path, marks: Path) -> Iterator[MortalServer]:
    command = [sys.executable, "-S", acp_agent.__file__, "--store", str(tmp_path / "sessions"), "--effects", str(marks)]
    fake = {"fake": {"command": command, "name": "Fake", "mode": "ask", "confined": {"only": True}}}
    made = MortalServer(tmp_path, "tests.crash.victim", options={"CopilotApp.acp_agents": fake})
    nbformat.write(nbformat.v4.new_notebook(), tmp_path / "notebooks" / "n.ipynb")
    yield made
    made.stop()


async def approving(client: Client, approves: Callable[[s.Open], bool] = lambda opened: True) -> None:
    """A person who decides whatever is open, as long as it takes."""
    while True:
        await client.wait(lambda state: any(True for _ in s.open_confirmations(state)))
        for opened in list(s.open_confirmations(await client.live())):
            ids = [option.id for option in opened.options]
            option = ids[0] if approves(opened) else ids[-1]
            with contextlib.suppress(Rejected):
                await client.decide(opened.confirmation_id, option)


@pytest.mark.crash
@pytest.mark.timeout(rounds(300, 3_000))
async def test_a_permission_of_an_agent_ends_well_wherever_the_server_is_killed(
    server: MortalServer, marks: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("jupyter_copilot.client.pauses.LONGEST_S", 0.5)
    chance = random.Random(20261128)
    killed = 0
    server.start("never", "1")
    await server.serves()
    async with connect(server.url, "n.ipynb", TOKEN) as person:
        await person.live()
        for number in range(KILLS):
            server.stop()
            server.start(chance.choice(PLACES), str(chance.randint(2, STEPS)))
            await server.serves()
            deciding = asyncio.create_task(approving(person))
            asking = asyncio.create_task(person.post(f"ask execute y{number}", agent_id="fake"))
            killed += await server.died(scaled(6.0))
            server.start("never", "1")
            await server.serves()
            message_id = await asking
            await person.wait(lambda state, id=message_id: isinstance(state.runs.get(f"{id}.r1"), s.Finished))  # type: ignore[misc]
            deciding.cancel()
            state = await person.live()
            for call in s.run_calls(state, p.RunId(f"{message_id}.r1")):
                done = effects(marks).count(f"y{number}")
                decided = state.confirmations.get(call.confirmation_id or "")
                assert done <= (1 if isinstance(decided, s.Decided) else 0), (number, done, decided)
                assert isinstance(call, s.CallDone | s.CallDoubtful), call
                assert done == 1 or call.is_error if isinstance(call, s.CallDone) else True, (number, call)
            assert not [opened for opened in s.open_confirmations(state) if opened.run_id == f"{message_id}.r1"]
    assert killed >= KILLS // 2, killed


class Agent:
    """A guest, which asks over HTTP and asks again when the answer does not come."""

    def __init__(self, server: MortalServer) -> None:
        body = json.dumps({"name": "Claude Code"}).encode()
        told = _post(f"{server.url}api/copilot/notebooks/n.ipynb/guests", body, f"token {TOKEN}")
        self.token: str = told["token"]
        self.url = server.url + told["address"]

    async def call(self, tool: str, **args: Any) -> dict[str, Any]:
        """The result of a call, however often the server dies meanwhile."""
        params = {"name": tool, "arguments": args}
        body = json.dumps({"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": params}).encode()
        while True:
            try:
                told = await asyncio.to_thread(_post, self.url, body, f"Bearer {self.token}")
                result: dict[str, Any] = told["result"]
                return result
            except OSError:
                await asyncio.sleep(0.1)


def _post(url: str, body: bytes, authorization: str) -> dict[str, Any]:
    headers = {"Authorization": authorization, "Content-Type": "application/json", "Accept": "application/json"}
    with urllib.request.urlopen(urllib.request.Request(url, body, headers), timeout=60) as response:
        told: dict[str, Any] = json.loads(response.read())
        return told


@pytest.mark.crash
@pytest.mark.timeout(rounds(300, 3_000))
async def test_a_call_of_a_guest_is_made_once_wherever_the_server_is_killed(
    server: MortalServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("jupyter_copilot.client.pauses.LONGEST_S", 0.5)
    chance = random.Random(20261129)
    killed = 0
    server.start("never", "1")
    await server.serves()
    agent = Agent(server)
    path = server.root / "notebooks" / "n.ipynb"

    def sources() -> list[str]:
        return [cell.source for cell in nbformat.read(path, 4).cells]

    async with connect(server.url, "n.ipynb", TOKEN) as person:
        await person.live()
        for number in range(KILLS):
            source = f"x = {number}"
            server.stop()
            server.start(chance.choice(PLACES), str(chance.randint(1, STEPS)))
            await server.serves()
            # The person lets in what is not there yet: what was done already is not done once more.
            deciding = asyncio.create_task(approving(person, lambda opened, source=source: source not in sources()))  # type: ignore[misc]
            asking = asyncio.create_task(agent.call("insert_cell", after=None, source=source))
            killed += await server.died(scaled(6.0))
            server.start("never", "1")
            await server.serves()
            await asking
            deciding.cancel()
            assert sources().count(source) == 1, (number, sources())
    assert killed >= KILLS // 2, killed


@pytest.mark.crash
@pytest.mark.slow
async def test_code_of_a_guest_that_ran_when_the_server_was_killed_is_in_doubt_and_not_run_again(
    server: MortalServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("jupyter_copilot.client.pauses.LONGEST_S", 0.5)
    server.start("never", "1")
    await server.serves()
    agent = Agent(server)
    mark = server.root / "ran"
    source = f"with open({str(mark)!r}, 'a') as f: f.write('x')\nimport time\ntime.sleep(600)"
    async with connect(server.url, "n.ipynb", TOKEN) as person:
        await person.live()
        deciding = asyncio.create_task(approving(person))
        asking = asyncio.create_task(agent.call("insert_and_run", after=None, source=source))
        while not mark.exists() or not mark.read_text():
            await asyncio.sleep(0.05)
        deciding.cancel()
        server.stop()
        server.start("never", "1")
        await server.serves()
        await person.wait(lambda state: any(isinstance(call, s.CallDoubtful) for call in state.calls.values()))
        (again,) = s.open_confirmations(await person.live())
        await person.decide(again.confirmation_id, next(o.id for o in again.options if o.style != "primary"))
        result = await asking
    assert "not known whether this took effect" in result["content"][0]["text"]
    assert mark.read_text() == "x"
