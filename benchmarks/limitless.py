"""A Jupyter server with the extension, without the limits of commands and bytes a second, and that compacts no log."""

from __future__ import annotations

import sys

from jupyter_copilot.room.options import RoomOptions
from jupyter_copilot.room.session.rate_limit import RateLimit
from jupyter_copilot.server.app import CopilotApp


def main() -> None:
    """Lift the limits, which are for people, keep the logs as they are, and launch."""
    CopilotApp.room_options = RoomOptions(compact_every=1 << 60)
    RateLimit.spend = lambda self, amount: None  # type: ignore[method-assign]
    RateLimit.spend_bytes = lambda self, size: None  # type: ignore[method-assign]
    from jupyter_server.serverapp import ServerApp

    ServerApp.launch_instance(sys.argv[1:])


if __name__ == "__main__":
    main()
