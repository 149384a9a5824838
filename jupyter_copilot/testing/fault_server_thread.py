"""The model server for tests that have no event loop: `FaultServer` in a thread of its own."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Coroutine, Iterable
from types import TracebackType
from typing import Any, TypeVar

from .fault_server import FaultServer, Request
from .replies import Reply

T = TypeVar("T")


class FaultServerThread:
    """The server in a thread of its own, for tests without an event loop; a context manager.

    Its methods are those of `FaultServer`, and wait at most `patience_s`.
    """

    def __init__(self, script: Iterable[Reply], patience_s: float = 30.0, port: int = 0) -> None:
        self.server = FaultServer(script, port)
        self._patience_s = patience_s
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="fault-server", daemon=True)

    def __enter__(self) -> FaultServerThread:
        self._thread.start()
        self._call(self.server.start())
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        try:
            self._call(self.server.__aexit__(kind, error, trace))
        finally:
            self._loop.call_soon_threadsafe(self._loop.stop)
            self._thread.join()
            self._loop.close()

    @property
    def base_url(self) -> str:
        """What `OPENAI_BASE_URL` is to be."""
        return self.server.base_url

    def environ(self) -> dict[str, str]:
        """The environment variables that make this server the model."""
        return self.server.environ()

    @property
    def requests(self) -> list[Request]:
        """The requests so far."""
        return list(self.server.requests)

    def add(self, *script: Reply) -> None:
        """More replies, after those that are left."""
        self._loop.call_soon_threadsafe(self.server.add, *script)

    def open(self, gate: str) -> None:
        """Let the reply at this gate go on."""
        self._loop.call_soon_threadsafe(self.server.open, gate)

    def reached(self, gate: str) -> None:
        """Wait until a reply stands at this gate."""
        self._call(self.server.reached(gate))

    def requested(self, count: int = 1) -> Request:
        """Wait until this many requests came, and return the last of them."""
        return self._call(self.server.requested(count))

    def disconnected(self, count: int = 1) -> None:
        """Wait until this many clients went away before their reply ended."""
        self._call(self.server.disconnected(count))

    def _call(self, work: Coroutine[Any, Any, T]) -> T:
        return asyncio.run_coroutine_threadsafe(work, self._loop).result(self._patience_s)
