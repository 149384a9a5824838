"""A real Jupyter server with the extension, less patient with its database than usual.

`python -m tests.replicas.served ANSWER_S LEASE_S -- SERVER ARGUMENTS`
"""

from __future__ import annotations

import sys

from msgspec.structs import replace

from jupyter_copilot.agent.settings import RunSettings
from jupyter_copilot.ports.clock import Clock
from jupyter_copilot.room.session.rate_limit import RateLimit
from jupyter_copilot.server import app as server_app
from jupyter_copilot.storage.postgres.bounded import Limits
from jupyter_copilot.storage.postgres.log import PostgresEventLog


def main() -> None:
    answer_s, lease_s, _, *argv = sys.argv[1:]
    limits = Limits(connect_s=float(answer_s), answer_s=float(answer_s), longest_pause_s=0.5)
    settings = server_app.CopilotApp._run_settings

    def open_store(address: str, clock: Clock) -> PostgresEventLog:
        return PostgresEventLog(address, clock=clock, limits=limits)

    def run_settings(self: server_app.CopilotApp) -> RunSettings:
        return replace(settings(self), lease_s=float(lease_s))

    # All people of a test have one token, and so one rate.
    RateLimit.spend = lambda self, amount: None  # type: ignore[method-assign]
    vars(server_app)["open_store"] = open_store
    server_app.CopilotApp._run_settings = run_settings  # type: ignore[method-assign]
    from jupyter_server.serverapp import ServerApp

    ServerApp.launch_instance(argv)


if __name__ == "__main__":
    main()
