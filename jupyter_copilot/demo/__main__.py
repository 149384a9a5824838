"""Run the demo model: `python -m jupyter_copilot.demo`.

It prints one line, its base URL and its token, and serves until its standard input ends. Whoever starts it holds the
other end, so it never outlives them, however they end.
"""

from __future__ import annotations

import asyncio
import os
import secrets
import signal
import sys
import threading

from .server import Pace, serve


async def main() -> None:
    """Serve until standard input ends."""
    # Ctrl-C reaches every process of a terminal; this one goes when its owner does.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    token = secrets.token_urlsafe(24)
    server, url = serve(token, Pace())
    print(url, token, flush=True)
    ended = asyncio.Event()
    loop = asyncio.get_running_loop()
    threading.Thread(target=_until_end_of_input, args=(loop, ended), daemon=True).start()
    await ended.wait()
    server.stop()


def _until_end_of_input(loop: asyncio.AbstractEventLoop, ended: asyncio.Event) -> None:
    while os.read(sys.stdin.fileno(), 4096):
        pass
    loop.call_soon_threadsafe(ended.set)


if __name__ == "__main__":
    asyncio.run(main())
