"""Crashes: the server dies by SIGKILL under load, at seeded places and at any moment, and comes back."""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import json
import random
import socket
import time
from collections import Counter
from pathlib import Path
from typing import Any

from jupyter_copilot import protocol as p
from jupyter_copilot.client import Client, connect
from jupyter_copilot.core import state as s
from jupyter_copilot.protocol.errors import Rejected
from jupyter_copilot.storage.sqlite.log import SqliteEventLog

from .bench import Bench
from .jupyter import TOKEN, Jupyter
from .measure import spread
from .processes import Helper
from .report import Result, Target

VICTIM = Path(__file__).parent.parent / "tests" / "crash" / "victim.py"
PLACES = {
    "append.begin": 40,
    "append.before_commit": 40,
    "append.after_commit": 40,
    "room.appended": 40,
    "room.published": 40,
    "session.before_send": 60,
    "session.sent": 60,
    "save_snapshot.before_commit": 2,
    "compact.before_commit": 1,
}
"""Where the server dies, and up to how many visits it survives there."""
SEED = 20261122
CLIENTS = 3
AIM_S = 2.0
PATIENCE_S = 15.0
WORK_S = 1.0
"""The longest work of everybody between being back and the next kill."""
NOTEBOOK = "crash.ipynb"


def _armed(place: str, count: str) -> tuple[str, ...]:
    return (str(VICTIM), place, count, "--")


UNARMED = _armed("never", "1")


class Worker:
    """Somebody who posts, asks, decides and lets the agent edit without end, and remembers what was acknowledged."""

    def __init__(self, client: Client, name: str, seed: int) -> None:
        self.client = client
        self.acked: dict[str, int] = {}
        self._name = name
        self._chance = random.Random(seed)
        self._number = 0

    async def work(self) -> None:
        """Go on until cancelled; each command waits for its ack across every crash."""
        while True:
            self._number += 1
            await self._give(self._next(await self.client.live()))

    def _next(self, state: s.RoomState) -> p.Command:
        name = f"{self._name}-{self._number}"
        match self._chance.choices(("post", "edit", "open", "decide"), (50, 5, 20, 25))[0]:
            case "edit":
                return p.PostMessage(message_id=p.MessageId(name), text="insert a cell")
            case "open":
                return p.OpenConfirmation(confirmation_id=p.ConfirmationId(name), title="Go on?")
            case "decide" if opened := next(s.open_confirmations(state), None):
                return p.Decide(
                    confirmation_id=opened.confirmation_id, args_hash=opened.args_hash, option=opened.options[0].id
                )
        return p.PostMessage(message_id=p.MessageId(name), text="x" * 50, run=False)

    async def _give(self, command: p.Command) -> None:
        command_id = f"{self._name}-{self._number}"
        try:
            self.acked[command_id] = await self.client.command(command, command_id)
        except Rejected as refusal:
            if refusal.code == "rate_limited":
                await asyncio.sleep(0.1)


def measure(bench: Bench) -> Result:
    """Kill and restart, then count what was lost and what happened twice."""
    return asyncio.run(_measure(bench, *((1, 1) if bench.quick else (len(PLACES), 5))))


async def _measure(bench: Bench, at_places: int, at_moments: int) -> Result:
    """Those that die at a place may die again before everybody is back; so the others tell how long that takes."""
    chance = random.Random(SEED)
    plan = [_armed(place, str(chance.randint(1, last))) for place, last in itertools.islice(PLACES.items(), at_places)]
    back: list[dict[str, float]] = []
    with Helper("model_server") as model:
        jupyter = Jupyter(bench.folder("crash"), model_url=model.hello)
        jupyter.notebook(NOTEBOOK)
        jupyter.start(plan[0])
        await _serving(jupyter)
        clients = [connect(jupyter.url, NOTEBOOK, TOKEN) for _ in range(CLIENTS)]
        workers = [Worker(client, f"w{n}", SEED + n) for n, client in enumerate(clients)]
        async with contextlib.AsyncExitStack() as stack:
            for client in clients:
                await stack.enter_async_context(client)
            tasks = [asyncio.create_task(worker.work()) for worker in workers]
            for launch in (*plan[1:], UNARMED):
                await _dead(jupyter)
                jupyter.start(launch)
                await _serving(jupyter)
            for _ in range(at_moments):
                await _live(jupyter, clients)
                await asyncio.sleep(chance.uniform(0, WORK_S))
                jupyter.kill()
                back.append(await _revived(jupyter, clients))
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
            await clients[0].wait(lambda state: not any(isinstance(r, s.Running) for r in _runs(state, clients[0])))
        jupyter.stop()
    return _result(at_places, back, await _counted(jupyter, workers))


def _runs(state: s.RoomState, client: Client) -> list[s.Run]:
    """The runs that nobody's decision holds up."""
    return [run for run in state.runs.values() if not s.run_is_parked(state, run.run_id)]


async def _dead(jupyter: Jupyter) -> None:
    """Return once the server died at its place, or kill it when it does not get there."""
    ends = time.monotonic() + PATIENCE_S
    while not jupyter.is_dead() and time.monotonic() < ends:  # noqa: ASYNC110 - nobody tells of another process's end
        await asyncio.sleep(0.01)
    jupyter.kill()


async def _revived(jupyter: Jupyter, clients: list[Client]) -> dict[str, float]:
    """Start the server again; returns the seconds until it listens, and from then until somebody and all are live."""
    begin = time.monotonic()
    jupyter.start(UNARMED)
    await _serving(jupyter)
    up = time.monotonic()
    found = {"up": up - begin}
    newcomer = connect(jupyter.url, NOTEBOOK, TOKEN)
    async with newcomer:
        if await _live(jupyter, [newcomer]):
            found["newcomer"] = time.monotonic() - up
    if await _live(jupyter, clients):
        found["all"] = time.monotonic() - up
    return found


async def _live(jupyter: Jupyter, clients: list[Client]) -> bool:
    """Wait until all are live; False when the server has died again before."""
    live = asyncio.gather(*(client.live() for client in clients))
    ends = time.monotonic() + PATIENCE_S
    while not live.done() and not jupyter.is_dead() and time.monotonic() < ends:  # noqa: ASYNC110 - see `_dead`
        await asyncio.sleep(0.005)
    is_live = live.done()
    live.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await live
    return is_live


async def _serving(jupyter: Jupyter) -> None:
    while True:
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", jupyter.port), 1):
            return
        await asyncio.sleep(0.005)


async def _counted(jupyter: Jupyter, workers: list[Worker]) -> dict[str, int]:
    """What the log and the notebook say after all crashes."""
    store = SqliteEventLog(jupyter.store)
    (entry,) = await store.rooms()
    lost = 0
    for worker in workers:
        for command_id, seq in worker.acked.items():
            found = await store.look(entry.room_id, [p.CommandId(command_id)])
            lost += found.committed.get(p.CommandId(command_id)) != seq
    facts: Counter[str] = Counter()
    inserted = 0
    after = 0
    while records := await store.read(entry.room_id, after):
        after = records[-1].seq
        for record in records:
            match record.event:
                case p.ConfirmationDecided(confirmation_id=name) | p.MessagePosted(message_id=name):
                    facts[f"{type(record.event).__name__} {name}"] += 1
                case p.CallStarted(call_id=name):
                    inserted += 1
    faults = await store.verify()
    await store.close()
    cells: list[Any] = json.loads((jupyter.root / NOTEBOOK).read_text())["cells"]
    ids = Counter(cell["id"] for cell in cells)
    return {
        "acked": sum(len(worker.acked) for worker in workers),
        "lost": lost,
        "twice": sum(n - 1 for n in facts.values()),
        "edits": inserted,
        "cells": len(cells),
        "edits_twice": sum(n - 1 for n in ids.values()) + max(0, len(cells) - inserted),
        "faults": len(faults),
    }


def _result(at_places: int, back: list[dict[str, float]], counted: dict[str, int]) -> Result:
    times = {
        name: spread([one[name] for one in back if name in one] or [float("nan")]) for name in ("up", "newcomer", "all")
    }
    bad = counted["lost"] + counted["twice"] + counted["edits_twice"] + counted["faults"]
    return Result(
        name="crash",
        title=f"under load of {CLIENTS} clients, {at_places} kills at seeded places and {len(back)} at any moment",
        columns=["what", "figure"],
        rows=[
            ["commands acknowledged", f"{counted['acked']:,}"],
            ["of these lost", str(counted["lost"])],
            ["messages or decisions in the log twice", str(counted["twice"])],
            ["edits begun / cells in the file / edits done twice", " / ".join(_texts(counted))],
            ["faults that the store finds in itself", str(counted["faults"])],
            ["s from start to listening (Jupyter itself)", times["up"].text()],
            ["s from listening to a newcomer live", times["newcomer"].text()],
            ["s from listening to all clients live again", times["all"].text()],
        ],
        targets=[
            Target(what="acknowledged lost, or anything done twice", aim="0", value=str(bad), met=bad == 0),
            Target(
                what="back to live after the server is up, median",
                aim=f"< {AIM_S:.0f} s",
                value=f"{times['all'].text()} s",
                met=times["all"].median < AIM_S,
            ),
        ],
        notes=[
            "A client knocks again after up to 0.3 s and 3/8 of the time since the loss: the last row is that waiting."
        ],
        raw={"back": back, "counted": counted},
    )


def _texts(counted: dict[str, int]) -> list[str]:
    return [str(counted[name]) for name in ("edits", "cells", "edits_twice")]
