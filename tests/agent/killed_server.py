"""A real Jupyter server with the extension that kills itself at a commit of one run.

`python -m tests.agent.killed_server RUN PLACE NUMBER -- SERVER ARGUMENTS` dies `before` or `after` the commit with this
number, counting those that concern RUN and hold more than deltas. Without a run (`-`) it lives.
"""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from jupyter_copilot import protocol as p
from jupyter_copilot.ports.clock import Clock
from jupyter_copilot.server import app as server_app
from jupyter_copilot.storage.sqlite.log import SqliteEventLog

DELTAS = (p.TextDelta, p.ReasoningDelta, p.CallOutput)


class DeadlyLog(SqliteEventLog):
    """Kills the process before or after one commit of one run."""

    run = ""
    place = ""
    number = -1
    _count = 0

    async def append(
        self, room_id: p.RoomId, expected_head: int, events: Sequence[p.Event], **more: Any
    ) -> list[p.Record]:
        concerned = any(self.run in str(event) for event in events if not isinstance(event, DELTAS))
        here = concerned and self._count == self.number
        self._count += concerned
        if here and self.place == "before":
            os.kill(os.getpid(), signal.SIGKILL)
        records = await super().append(room_id, expected_head, events, **more)
        if here and self.place == "after":
            os.kill(os.getpid(), signal.SIGKILL)
        return records


def main() -> None:
    run, place, number, _, *argv = sys.argv[1:]

    def open_store(path: str, clock: Clock) -> SqliteEventLog:
        store = DeadlyLog(Path(path), clock=clock)
        store.run, store.place, store.number = run, place, int(number)
        return store

    vars(server_app)["open_store"] = open_store
    from jupyter_server.serverapp import ServerApp

    ServerApp.launch_instance(argv)


if __name__ == "__main__":
    main()
