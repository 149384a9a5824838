"""A call of one of the agent's own tools, from its first word to what came of it."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

from ... import protocol as p
from ...protocol import CallResult
from ...protocol.errors import ToolError
from .updates import ToolCall
from .wire import RequestId


class Own:
    """A call of one of the agent's own tools."""

    def __init__(self, call: ToolCall) -> None:
        self.call = call
        self.call_id: p.CallId | None = None
        self.asks = False
        self.begun = False
        self.shown: p.Preview | None = None
        self.done: asyncio.Future[CallResult] = asyncio.get_running_loop().create_future()
        self.answer: Callable[[str], Awaitable[None]] | None = None
        self.request: RequestId | None = None

    def preview(self) -> p.Preview:
        """What people see: as it was when they were asked."""
        return self.shown or self.call.preview()

    async def allow(self) -> CallResult:
        """Let the agent do it, and wait for what comes of it."""
        if self.answer is not None:
            answer, self.answer = self.answer, None
            await answer("allow_once")
        return await asyncio.shield(self.done)

    def settle(self) -> None:
        """Take what the agent says came of it."""
        if self.done.done():
            return
        result = self.call.result()
        if self.call.status == "failed":
            self.fail(ToolError(result.text))
        else:
            self.done.set_result(result)

    def fail(self, error: Exception) -> None:
        """Nothing good came of it."""
        if not self.done.done():
            self.done.set_exception(error)
            self.done.exception()  # it is heard by whoever waits; nobody may
