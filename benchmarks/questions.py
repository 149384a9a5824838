"""The other side of `processes.Helper`: answering lines of JSON from within an event loop."""

from __future__ import annotations

import asyncio
import json
import sys
from collections.abc import Awaitable, Callable
from typing import Any

Answer = Callable[[dict[str, Any]], Awaitable[Any]]


def say(value: object) -> None:
    """Write one line."""
    print(json.dumps(value), flush=True)


async def answer_all(answer: Answer) -> None:
    """Answer each line of standard input, one after the other, until it ends."""
    loop = asyncio.get_running_loop()
    reader = asyncio.StreamReader(limit=64 << 20)
    await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), sys.stdin)
    while line := await reader.readline():
        say(await answer(json.loads(line)))
