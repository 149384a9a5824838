"""Stands between the server and an agent: when the server is gone, however it ended, so are the agent and its children.

Run as a script, without the package: `keeper.py FD COMMAND…`. On the socket `FD` it tells the agent's process id, or
why there is none; when the other end of it closes, the agent's process group ends. It exits as the agent did.
"""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import threading
import time

GRACE_S = 0.5


def end(group: int) -> None:
    """End a process group, at first politely."""
    for number in (signal.SIGTERM, signal.SIGKILL):
        try:
            os.killpg(group, number)
        except OSError:
            return
        time.sleep(GRACE_S if number == signal.SIGTERM else 0)


def main() -> None:
    """Start the agent, and wait for its end or the server's."""
    lifeline = socket.socket(fileno=int(sys.argv[1]))
    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)
    try:
        # A group of its own: launchers pass no signals on to what they launch.
        agent = subprocess.Popen(sys.argv[2:], start_new_session=True, restore_signals=True)
    except OSError as error:
        lifeline.sendall(f"!{error.strerror}\n".encode())
        os._exit(127)
    # The agent alone holds the streams: their end is then its end.
    for fd in (0, 1):
        os.close(fd)
    lifeline.sendall(f"{agent.pid}\n".encode())

    def watch() -> None:
        while lifeline.recv(64):
            pass
        end(agent.pid)

    threading.Thread(target=watch, daemon=True).start()
    code = agent.wait()
    end(agent.pid)  # what it left behind holds the streams, and nobody would hear of its end
    os._exit(code if code >= 0 else 128 - code)


if __name__ == "__main__":
    main()
