"""A Jupyter server with the extension whose participants may give commands as fast as they can."""

from __future__ import annotations

import sys

from jupyter_copilot.rate import RateLimit


def main() -> None:
    """Lift the limit, which is for people, and launch."""
    RateLimit.spend = lambda self, amount: None  # type: ignore[method-assign]
    from jupyter_server.serverapp import ServerApp

    ServerApp.launch_instance(sys.argv[1:])


if __name__ == "__main__":
    main()
