"""A process with a room, its driver, the real store and a real HTTP client, that is killed at a boundary of the log.

Run as `python -m tests.agent.crash_child <folder>`; `COPILOT_KILL=before:9` names the commit before or after which the
process kills itself, counting those that hold more than deltas. The commits are listed in `<folder>/commits`. With
`COPILOT_NEEDED=2`, two people have to agree on each call that acts.
"""

from __future__ import annotations

import asyncio
import json
import os
import signal
import sys
from collections.abc import Collection, Sequence
from pathlib import Path
from typing import Any

import msgspec

from jupyter_copilot import protocol as p
from jupyter_copilot.agent.copilot.agent import CopilotAgent
from jupyter_copilot.agent.driver import Driver
from jupyter_copilot.agent.registry import Agents
from jupyter_copilot.agent.settings import RunSettings
from jupyter_copilot.core import state as s
from jupyter_copilot.core.permissions.house import House
from jupyter_copilot.models.configuration import read_settings
from jupyter_copilot.models.openai import OpenAIModelClient
from jupyter_copilot.notebooks.changes import apply_changes
from jupyter_copilot.notebooks.stamps import any_stamped
from jupyter_copilot.ports.clock import SystemClock
from jupyter_copilot.ports.notebook import Cell, Change, Notebook, NotebookInfo, OnOutput, RunOutcome
from jupyter_copilot.room.loading import load_room
from jupyter_copilot.room.options import RoomOptions
from jupyter_copilot.room.room import Room
from jupyter_copilot.storage.owner import process_owner
from jupyter_copilot.storage.sqlite.log import SqliteEventLog
from jupyter_copilot.testing import FakeNotebooks

from ..builders import ALICE, ALL, BOB
from .stage import ROOM, real_tools

DELTAS = (p.TextDelta, p.ReasoningDelta, p.CallOutput)


class DeadlyLog(SqliteEventLog):
    """Kills the process before or after the commit that it is told."""

    commits: Path
    deadline: str = ""
    _count = 0

    async def append(
        self, room_id: p.RoomId, expected_head: int, events: Sequence[p.Event], **more: Any
    ) -> list[p.Record]:
        names = [type(event).__name__ for event in events if not isinstance(event, DELTAS)]
        number = self._count
        self._count += bool(names)
        if names and self.deadline == f"before:{number}":
            os.kill(os.getpid(), signal.SIGKILL)
        records = await super().append(room_id, expected_head, events, **more)
        if names:
            with self.commits.open("a") as file:
                file.write("+".join(names) + "\n")
        if names and self.deadline == f"after:{number}":
            os.kill(os.getpid(), signal.SIGKILL)
        return records


class FileNotebook(Notebook):
    """Cells in a file; each effect leaves a line in another one. Both are on the disk before a method returns."""

    adapter = "file"

    def __init__(self, folder: Path) -> None:
        self._cells = folder / "cells.json"
        self._effects = folder / "effects"

    async def describe(self) -> NotebookInfo:
        return NotebookInfo()

    async def forget(self, exec_ids: Collection[str]) -> None:
        pass

    def _leave(self, effect: str) -> None:
        with self._effects.open("a") as file:
            file.write(effect + "\n")
            file.flush()
            os.fsync(file.fileno())

    async def read(self) -> list[Cell]:
        return msgspec.json.decode(self._cells.read_bytes(), type=list[Cell])

    async def apply(self, changes: Sequence[Change], exec_id: str) -> None:
        cells = apply_changes(await self.read(), changes, exec_id)
        draft = self._cells.with_suffix(".new")
        draft.write_bytes(msgspec.json.encode(cells))
        self._leave(f"edit {exec_id}")
        draft.replace(self._cells)

    async def applied(self, exec_id: str) -> bool:
        return any_stamped({}, await self.read(), exec_id)

    async def run(
        self, cell_id: str, exec_id: str, on_output: OnOutput, timeout_s: float | None, expected: str | None = None
    ) -> RunOutcome:
        self._leave(f"run {exec_id}")
        return RunOutcome(cell_id=cell_id, status="ok", outputs=[])

    async def ran(self, cell_id: str, exec_id: str) -> RunOutcome | None:
        return None  # The kernel died with the server, and nobody knows.

    async def evaluate(self, code: str, timeout_s: float) -> str:
        raise NotImplementedError

    async def interrupt(self) -> None:
        raise NotImplementedError

    async def restart(self) -> None:
        raise NotImplementedError


async def _people(room: Room, needed: int) -> None:
    """Alice, or Alice and then Bob, approve whatever is asked, and leave what is in doubt."""
    while True:
        await room.wait(lambda state: any(True for _ in s.open_confirmations(state)))
        opened = next(s.open_confirmations(room.state))
        command = p.Decide(
            confirmation_id=opened.confirmation_id,
            args_hash=opened.args_hash,
            option=p.APPROVE if opened.kind == "tool_call" else "leave",
        )
        for person in (ALICE, BOB)[: needed if opened.kind == "tool_call" else 1]:
            await room.submit(command, person, ALL, p.CommandId(f"decide.{person.id}.{opened.confirmation_id}"))


def _options(needed: int) -> RoomOptions:
    """Rooms in which so many must agree on what acts."""
    if needed == 1:
        return RoomOptions()
    table = [p.Deciders(match=p.Match(effect=effect), needed=needed) for effect in ("edit", "execute")]
    house = House(terms=p.Terms(deciders=table), tools=real_tools().kinds())
    return RoomOptions(house=lambda path: house)


async def main(folder: Path) -> None:
    clock = SystemClock()
    log = DeadlyLog(folder / "rooms.sqlite3", clock=clock)
    log.commits, log.deadline = folder / "commits", os.environ.get("COPILOT_KILL", "")
    needed = int(os.environ.get("COPILOT_NEEDED", "1"))
    room = await load_room(ROOM, "one.ipynb", log, clock, _options(needed))
    model = OpenAIModelClient(read_settings(os.environ, {}), clock)
    notebooks = FakeNotebooks(FileNotebook(folder))
    settings = RunSettings(lease_s=60)
    driver = Driver(room, log, Agents([CopilotAgent(model)]), notebooks, real_tools(), clock, settings, process_owner())
    await driver.start()
    people = asyncio.create_task(_people(room, needed))
    post = p.PostMessage(message_id=p.MessageId("m1"), text="Set x to 2 and run it.")
    await room.submit(post, ALICE, ALL, p.CommandId("post"))
    await room.wait(lambda state: isinstance(state.runs.get("m1.r1"), s.Finished))
    people.cancel()
    run = room.state.runs["m1.r1"]
    assert isinstance(run, s.Finished)
    doubtful = [call.call_id for call in room.state.calls.values() if isinstance(call, s.CallDoubtful)]
    error = None if run.error is None else run.error.message
    votes = sum(len(each.votes) for each in room.state.confirmations.values())
    print(
        json.dumps(
            {"outcome": run.outcome, "error": error, "doubtful": doubtful, "votes": votes, "faults": await log.verify()}
        )
    )
    await driver.stop()
    await room.close()
    await log.close()
    await model.close()


if __name__ == "__main__":
    asyncio.run(main(Path(sys.argv[1])))
