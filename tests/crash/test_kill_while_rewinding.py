"""A real server is killed at every commit of a rewind: the notebook goes back once all the same, as what was kept of it
is not in the server's memory."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Iterator
from pathlib import Path

import nbformat
import pytest

from jupyter_copilot import protocol as p
from jupyter_copilot.client import Client, connect
from jupyter_copilot.core import state as s
from jupyter_copilot.ports.notebook import version_of
from jupyter_copilot.protocol.errors import Rejected
from jupyter_copilot.storage.sqlite.log import SqliteEventLog
from jupyter_copilot.testing.fault_server_thread import FaultServerThread
from jupyter_copilot.testing.replies import answer

from ..mortal_server import TOKEN, MortalServer
from ..patience import scaled

COMMITS = [
    "MessagePosted+RunQueued",
    "RunStarted",
    "StepStarted+StepFinished+CallProposed+ConfirmationOpened",
    "ConfirmationDecided",
    "CheckpointKept+CallStarted",
    "CallFinished",
    "StepStarted+TextDelta+StepFinished",
    "RunFinished",
]
"""The commits of a rewind, in order; the notebook is changed before the one of `CallFinished`."""
KILLS = [("after", number) for number in range(len(COMMITS))] + [("before", COMMITS.index("CallFinished"))]
IMMORTAL = ("-", "-", "-1")
BEFORE, AFTER = "x = 1", "x = 2"
PATIENCE_S = scaled(60.0)


@pytest.fixture
def server(tmp_path: Path) -> Iterator[MortalServer]:
    edit = {"cell_id": "x", "expected_version": version_of(BEFORE), "source": AFTER}
    with FaultServerThread([answer(calls=[("edit_cell", edit)]), answer("Done.")]) as model:
        made = MortalServer(tmp_path, "tests.agent.killed_server", model.environ())
        cells = [nbformat.v4.new_code_cell(BEFORE, id="x")]
        nbformat.write(nbformat.v4.new_notebook(cells=cells), tmp_path / "notebooks" / "n.ipynb")
        yield made
        made.stop()


def source(server: MortalServer) -> str:
    """What stands in the cell on the disk."""
    (cell,) = nbformat.read(server.root / "notebooks" / "n.ipynb", as_version=4).cells
    return str(cell.source)


async def approves(client: Client) -> None:
    """Somebody approves whatever is asked."""
    while True:
        state = await client.wait(lambda state: any(True for _ in s.open_confirmations(state)))
        opened = next(s.open_confirmations(state))
        decide = p.Decide(confirmation_id=opened.confirmation_id, args_hash=opened.args_hash, option=p.APPROVE)
        with contextlib.suppress(Rejected):  # decided before the crash, and only the ack was lost
            await client.command(decide, f"decide.{opened.confirmation_id}")
        await client.wait(lambda state, seen=opened: state.confirmations[seen.confirmation_id] != seen)  # type: ignore[misc]


async def over(client: Client, run_id: str) -> s.RoomState:
    """Wait until the run is over."""
    ended = client.wait(lambda state: isinstance(state.runs.get(run_id), s.Finished))
    return await asyncio.wait_for(ended, PATIENCE_S)


@pytest.mark.crash
@pytest.mark.slow
@pytest.mark.timeout(600)
async def test_however_the_server_dies_a_rewind_is_done_once_and_can_be_taken_back(
    server: MortalServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("jupyter_copilot.client.pauses.LONGEST_S", 0.3)
    async with connect(server.url, "n.ipynb", TOKEN) as client:
        server.start(*IMMORTAL)
        people = asyncio.create_task(approves(client))
        await client.command(p.PostMessage(message_id=p.MessageId("go"), text="Change it!"), "go")
        await over(client, "go.r1")
        assert source(server) == AFTER
        server.stop()
        to = "go"
        for number, (place, commit) in enumerate(KILLS):
            name = f"back-{number}-"
            server.start(name, place, str(commit))
            rewind = p.Rewind(message_id=p.MessageId(name), to=p.MessageId(to))
            asking = asyncio.create_task(client.command(rewind, name))
            assert await server.died(PATIENCE_S), f"It got over {place} {COMMITS[commit]}"
            server.start(*IMMORTAL)
            await asyncio.wait_for(asking, PATIENCE_S)
            state = await over(client, f"{name}.r1")
            calls = list(s.run_calls(state, p.RunId(f"{name}.r1")))
            assert [isinstance(call, s.CallDone) and not call.is_error for call in calls] == [True], (place, commit)
            assert source(server) == (AFTER if number % 2 else BEFORE), (place, COMMITS[commit])
            # The next one goes to before this one, which takes it back; the one after that to the beginning again.
            to = "go" if number % 2 else name
            server.stop()
        people.cancel()
    assert await SqliteEventLog(server.store).verify() == []
