"""kill -9 of a real server with a real kernel, at every boundary of the log of a run, again and again on one store."""

from __future__ import annotations

import asyncio
import contextlib
import json
from collections.abc import Iterator
from pathlib import Path

import nbformat
import pytest

from jupyter_copilot import protocol as p
from jupyter_copilot.client import Client, connect
from jupyter_copilot.core import state as s
from jupyter_copilot.protocol.errors import Rejected
from jupyter_copilot.storage.sqlite.log import SqliteEventLog
from jupyter_copilot.testing.fault_server_thread import FaultServerThread
from jupyter_copilot.testing.replies import Reply, answer

from ..mortal_server import TOKEN, MortalServer
from ..patience import scaled
from .test_kill import COMMITS, RUN_INTENT

# Before a commit the disk holds what it held after the one before it, but for an effect in between.
EFFECTS = [number + 1 for number, commit in enumerate(COMMITS) if commit.endswith("CallStarted")]
KILLS = [("after", number) for number in range(len(COMMITS))] + [("before", number) for number in EFFECTS]
IMMORTAL = ("-", "-", "-1")
PATIENCE_S = scaled(60.0)


def message(number: int) -> p.MessageId:
    return p.MessageId(f"go-{number}-")


def script() -> list[Reply]:
    """In each run: look at its cell, add a note, run its cell, and say so. It goes by what was done so far."""
    replies: list[Reply] = []
    for number in range(len(KILLS)):
        cell = f"cell-{number}"
        look = {"cell_id": cell, "include_images": False}
        note = {"after": None, "source": f"note {number}.", "cell_type": "markdown"}
        replies += [
            answer("All done.").only(_quoted(f'{{"cell_id":"{cell}"}}')),
            answer(calls=[("run_cell", {"cell_id": cell})]).only(_quoted(f'"source":"note {number}."')),
            answer(calls=[("insert_cell", note)]).only(_quoted(f'{{"cell_id":"{cell}","include_images":false}}')),
            answer(calls=[("read_cell", look)]).only(f"Please run {number}."),
        ]
    return [reply.always() for reply in replies]


def _quoted(text: str) -> str:
    """The text as it stands in a string of JSON."""
    return json.dumps(text)[1:-1]


@pytest.fixture
def server(tmp_path: Path) -> Iterator[MortalServer]:
    cells = []
    for number in range(len(KILLS)):
        code = f"with open({str(tmp_path / 'effects')!r}, 'a') as file:\n    file.write('run {number}\\n')"
        cells.append(nbformat.v4.new_code_cell(code, id=f"cell-{number}"))
    with FaultServerThread(script()) as model:
        made = MortalServer(tmp_path, "tests.agent.killed_server", model.environ())
        nbformat.write(nbformat.v4.new_notebook(cells=cells), tmp_path / "notebooks" / "n.ipynb")
        yield made
        made.stop()


async def _people(client: Client) -> None:
    """Somebody approves whatever is asked, and leaves what is in doubt."""
    while True:
        state = await client.wait(lambda state: any(True for _ in s.open_confirmations(state)))
        opened = next(s.open_confirmations(state))
        option = p.APPROVE if opened.kind == "tool_call" else "leave"
        decide = p.Decide(confirmation_id=opened.confirmation_id, args_hash=opened.args_hash, option=option)
        with contextlib.suppress(Rejected):  # decided before the crash, and only the ack was lost
            await client.command(decide, f"decide.{opened.confirmation_id}")
        await client.wait(lambda state, seen=opened: state.confirmations[seen.confirmation_id] != seen)  # type: ignore[misc]


async def _ask(client: Client, number: int) -> None:
    """Post the message of this run, in a thread of its own, once the run that the last death interrupted is over."""
    await client.wait(lambda state: sum(isinstance(run, s.Finished) for run in state.runs.values()) == number)
    thread_id = p.ThreadId(f"thread-{number}")
    await client.command(p.CreateThread(thread_id=thread_id, title=thread_id), f"create-{number}")
    post = p.PostMessage(message_id=message(number), thread_id=thread_id, text=f"Please run {number}.")
    await client.command(post, f"post-{number}")


@pytest.mark.crash
@pytest.mark.slow
@pytest.mark.timeout(900)
async def test_however_the_server_dies_each_run_ends_and_nothing_is_done_twice(
    server: MortalServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("jupyter_copilot.client.pauses.LONGEST_S", 0.3)
    async with connect(server.url, "n.ipynb", TOKEN) as client:
        people = asyncio.create_task(_people(client))
        asking: list[asyncio.Task[None]] = []
        for number, (place, commit) in enumerate(KILLS):
            server.start(message(number), place, str(commit))
            asking.append(asyncio.create_task(_ask(client, number)))
            assert await server.died(PATIENCE_S)
        server.start(*IMMORTAL)
        await asyncio.wait_for(asyncio.gather(*asking), PATIENCE_S)
        state = await asyncio.wait_for(client.wait(_all_over), PATIENCE_S)
        people.cancel()
    _check(server, state)
    assert await SqliteEventLog(server.store).verify() == []


def _all_over(state: s.RoomState) -> bool:
    over = [run for run in state.runs.values() if isinstance(run, s.Finished)]
    return len(over) == len(KILLS)


def _check(server: MortalServer, state: s.RoomState) -> None:
    runs = [state.runs[f"{message(number)}.r1"] for number in range(len(KILLS))]
    assert [run.outcome for run in runs if isinstance(run, s.Finished)] == ["success"] * len(KILLS)
    saved = nbformat.read(server.root / "notebooks" / "n.ipynb", as_version=4)
    nbformat.validate(saved)
    notes = [cell.source for cell in saved.cells if cell.cell_type == "markdown"]
    assert sorted(notes) == sorted(f"note {number}." for number in range(len(KILLS)))
    doubtful = {call.run_id for call in state.calls.values() if isinstance(call, s.CallDoubtful)}
    intended = KILLS.index(("after", RUN_INTENT))
    assert doubtful <= {runs[intended].run_id, runs[KILLS.index(("before", RUN_INTENT + 1))].run_id}
    assert runs[intended].run_id in doubtful
    ran = (server.root / "effects").read_text().splitlines()
    assert sorted(ran) == sorted(f"run {number}" for number in range(len(KILLS)) if number != intended)
