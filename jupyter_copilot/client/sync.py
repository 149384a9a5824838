"""A thin synchronous face: the client runs on a loop in a background thread."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Coroutine
from concurrent.futures import TimeoutError as FutureTimeout
from typing import Any, TypeVar

from typing_extensions import Self

from .. import protocol as p
from ..core import state as s
from ..protocol.errors import ConnectionLost
from .core import Client

T = TypeVar("T")


class BackgroundLoop:
    """An event loop in a daemon thread, which ends with the process or with `stop`."""

    def __init__(self, name: str) -> None:
        self.loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._run, name=name, daemon=True)
        self._thread.start()

    def _run(self) -> None:
        asyncio.set_event_loop(self.loop)
        self.loop.run_forever()

    def call(self, work: Coroutine[Any, Any, T], timeout_s: float | None = None) -> T:
        """Run a coroutine there and wait for its result; an interrupt here cancels it there."""
        future = asyncio.run_coroutine_threadsafe(work, self.loop)
        try:
            return future.result(timeout_s)
        except BaseException:
            future.cancel()
            raise

    def stop(self) -> None:
        """Cancel what runs there, and end the thread."""
        if self._thread.is_alive():
            self.call(_cancel_others(), timeout_s=5)
            self.loop.call_soon_threadsafe(self.loop.stop)
            self._thread.join(timeout=5)
            self.loop.close()


async def _cancel_others() -> None:
    others = asyncio.all_tasks() - {asyncio.current_task()}
    for task in others:
        task.cancel()
    await asyncio.gather(*others, return_exceptions=True)


class SyncClient:
    """A client for scripts; every call waits, at most `timeout_s` seconds."""

    def __init__(self, make: Callable[[], Client], *, timeout_s: float = 30.0) -> None:
        self._make = make
        self._timeout_s = timeout_s

    def __enter__(self) -> Self:
        self._background = BackgroundLoop("jupyter-copilot client")
        try:
            self._client = self._call(self._entered())
        except BaseException:
            self._background.stop()
            raise
        return self

    def __exit__(self, *exc: object) -> None:
        self._call(self._client.close())
        self._background.stop()

    async def _entered(self) -> Client:
        client = self._make()
        client.start()
        await client.live()
        return client

    def _call(self, work: Coroutine[Any, Any, T]) -> T:
        try:
            return self._background.call(work, self._timeout_s)
        except FutureTimeout:
            raise ConnectionLost(
                f"The server did not answer within {self._timeout_s:g} s.", hint="Is it running, and reachable?"
            ) from None

    @property
    def state(self) -> s.RoomState:
        """The folded state now; read it, do not change it."""
        assert self._client.state is not None, "the client is live once it was entered"
        return self._client.state

    def post(self, text: str, **fields: Any) -> str:
        """Post a message and return its id."""
        return self._call(self._client.post(text, **fields))

    def decide(self, confirmation_id: str, option: str, **fields: Any) -> int:
        """Decide a confirmation. Raises `Rejected`."""
        return self._call(self._client.decide(confirmation_id, option, **fields))

    def grant_rule(self, scope: p.RuleScope, **fields: Any) -> p.RuleId:
        """Let calls in without asking; returns the rule's id. Raises `Rejected`."""
        return self._call(self._client.grant_rule(scope, **fields))

    def end_rule(self, rule_id: str) -> int:
        """End a rule for everybody. Raises `Rejected`."""
        return self._call(self._client.end_rule(rule_id))

    def set_mode(self, mode: p.Mode, **fields: Any) -> int:
        """Choose what the agent may do in a thread without asking. Raises `Rejected`."""
        return self._call(self._client.set_mode(mode, **fields))

    def command(self, command: p.Command) -> int:
        """Give any command. Raises `Rejected`."""
        return self._call(self._client.command(command))

    def wait(self, predicate: Callable[[s.RoomState], bool]) -> s.RoomState:
        """Wait until the state satisfies `predicate`."""
        return self._call(self._client.wait(predicate))
