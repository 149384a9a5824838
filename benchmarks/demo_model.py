"""The demo model without its pauses, as a process of its own."""

from __future__ import annotations

import asyncio
from typing import Any

from jupyter_copilot.demo.server import AT_ONCE, serve

from .questions import answer_all, say

KEY = "none"


async def main() -> None:
    """Serve until standard input ends."""
    _, url = serve(KEY, AT_ONCE)
    say(url)

    async def answer(question: dict[str, Any]) -> None:
        return None

    await answer_all(answer)


if __name__ == "__main__":
    asyncio.run(main())
