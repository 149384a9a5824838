"""A real Jupyter server with the extension that kills itself with SIGKILL when a named place is reached.

`python -m tests.crash.victim PLACE COUNT -- SERVER ARGUMENTS` dies when PLACE is reached for the COUNT-th time. The
places are the store's failpoints, `room.published` (between broadcast and ack), `room.appended` (between append and
broadcast), and `session.before_send` and `session.sent` (around a frame).
"""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from jupyter_copilot import protocol as p
from jupyter_copilot.ports.clock import Clock
from jupyter_copilot.room.options import RoomOptions
from jupyter_copilot.room.room import Room
from jupyter_copilot.room.session.outgoing import Outgoing
from jupyter_copilot.server import app as server_app
from jupyter_copilot.storage.sqlite.log import SqliteEventLog


def main() -> None:
    place, count, _, *argv = sys.argv[1:]
    reached = killer(place, int(count))
    vars(server_app)["open_store"] = lambda path, clock: armed_store(path, clock, reached)
    around(Room, "_publish", "room.appended", "room.published", reached)
    around(Outgoing, "send", "session.before_send", "session.sent", reached)
    server_app.CopilotApp.room_options = RoomOptions(compact_every=60, snapshot_every=25, tail_records=40)

    from jupyter_server.serverapp import ServerApp

    ServerApp.launch_instance(argv)


def killer(place: str, count: int) -> Callable[[str], None]:
    left = count

    def reached(here: str) -> None:
        nonlocal left
        if here == place:
            left -= 1
            if left == 0:
                os.kill(os.getpid(), signal.SIGKILL)

    return reached


def armed_store(path: str, clock: Clock, reached: Callable[[str], None]) -> SqliteEventLog:
    return SqliteEventLog(Path(path), clock=clock, failpoint=reached)


def around(owner: Any, name: str, before: str, after: str, reached: Callable[[str], None]) -> None:
    original = getattr(owner, name)

    def wrapped(self: Any, *args: Any) -> Any:
        reached(before)
        result = original(self, *args)
        reached(after)
        return result

    setattr(owner, name, wrapped)


if __name__ == "__main__":
    assert p.PROTOCOL_VERSION == 1
    main()
