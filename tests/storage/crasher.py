"""A process that uses a store in every way, says what was acknowledged, and kills itself at a named place.

Each line on standard output is one acknowledged fact as JSON: the operation, its arguments, its result.
"""

from __future__ import annotations

import asyncio
import json
import os
import signal
import sys
from pathlib import Path

from jupyter_copilot import protocol as p
from jupyter_copilot.ports.event_log import StoredSnapshot
from jupyter_copilot.storage.sqlite.failpoints import Failpoint
from jupyter_copilot.storage.sqlite.log import SqliteEventLog

from .samples import ROOM, command, printed, said

CALL = p.CallId("call")
ROUNDS = 4


def acknowledged(operation: str, *facts: object) -> None:
    print(json.dumps([operation, *facts]), flush=True)


def kill_at(place: str, visit: int) -> Failpoint:
    """A failpoint that kills this process at the `visit`-th time that the place is reached."""
    visits = 0

    def failpoint(reached: str) -> None:
        nonlocal visits
        visits += reached == place
        if visits == visit and reached == place:
            os.kill(os.getpid(), signal.SIGKILL)

    return failpoint


async def use(log: SqliteEventLog, number: int) -> None:
    """One round of everything that writes; each round finds what the one before left, also after a crash."""
    head = await log.open_room(ROOM)
    acknowledged("open_room", head.log)
    for n in range(3):
        name = f"command-{number}-{n}"
        events: list[p.Event] = [printed(CALL, f"{name} a\n"), printed(CALL, f"{name} b\n")]
        seq = (await log.head(ROOM)).seq
        written = await log.append(ROOM, seq, events, actor=p.AGENT, at=seq, command_id=command(name))
        acknowledged("append", name, [record.seq for record in written])
    end = p.CallFinished(call_id=CALL, result=p.CallResult(text=f"end {number}"))
    seq = (await log.head(ROOM)).seq
    await log.append(ROOM, seq, [end, said(f"round {number}")], actor=p.AGENT, at=seq)
    acknowledged("append", None, [seq + 1, seq + 2])
    await log.save_snapshot(ROOM, StoredSnapshot(seq=seq, version=1, state=str(seq).encode()))
    acknowledged("save_snapshot", seq)
    await log.compact(ROOM, seq - 3)
    acknowledged("compact", seq - 3)
    await use_lease(log, number)
    await use_catalog(log, number)


async def use_lease(log: SqliteEventLog, number: int) -> None:
    fence = await log.acquire("lease", "owner", 3600)
    assert fence is not None
    acknowledged("acquire", fence.number)
    assert await log.renew(fence, "owner", 3600)
    acknowledged("renew", fence.number)
    if number % 2:
        await log.release(fence, "owner")
        acknowledged("release", fence.number)


async def use_catalog(log: SqliteEventLog, number: int) -> None:
    room_id = await log.room_for(f"/{number}/a.ipynb", number)
    acknowledged("room_for", f"/{number}/a.ipynb", room_id)
    await log.move(f"/{number}", f"/moved/{number}", number)
    acknowledged("move", f"/moved/{number}/a.ipynb", room_id)
    if number % 2:
        await log.archive(f"/moved/{number}", number)
        acknowledged("archive", f"/moved/{number}/a.ipynb", room_id)


async def main(path: str, place: str, visit: str) -> None:
    log = SqliteEventLog(Path(path), failpoint=kill_at(place, int(visit)))
    for number in range(ROUNDS):
        await use(log, number)
    await log.close()


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:]))
