"""Frames on their way to one client: straight to its socket while it keeps up, through the outbox while it does not."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from ...protocol.errors import ConnectionLost
from ..supervisor import Supervisor
from .outbox import Batch, Outbox
from .visitor import Transport


class Outgoing:
    """The way out of a session, in the order in which the room made the frames.

    `too_slow` is called with a sentence when the client cannot follow, `lost` when the socket is gone.
    """

    def __init__(
        self,
        transport: Transport,
        supervisor: Supervisor,
        snapshot: Callable[[], list[bytes]],
        too_slow: Callable[[str], None],
        lost: Callable[[], None],
        stalled_s: float,
    ) -> None:
        self.outbox = Outbox(snapshot)
        self._transport = transport
        self._supervisor = supervisor
        self._too_slow = too_slow
        self._lost = lost
        self._stalled_s = stalled_s
        self._is_pumping = False
        self._closed = False

    def send(self, frame: bytes) -> None:
        """Send a frame that must not be lost."""
        if self._closed:
            return
        if self._keeps_up():
            self._transport.send(frame)
        else:
            self.outbox.put_frame(frame)
            self._keep_pumping()

    def send_records(self, batch: Batch) -> None:
        """Send records; a client that is behind may get them merged, or a snapshot instead."""
        if self._closed:
            return
        if self._keeps_up():
            self._transport.send(batch.frame)
        else:
            self.outbox.put_batch(batch)
            self._keep_pumping()

    def send_presence(self, frame: bytes) -> None:
        """Send who is here; only the latest counts."""
        if not self._closed:
            self.outbox.put_presence(frame)
            self._keep_pumping()

    def close(self, last: bytes | None = None) -> None:
        """Send no more; `last` goes out if nothing waits before it."""
        if last is not None and not self._closed and not self._transport.is_writing():
            self._transport.send(last)
        self._closed = True

    def _keeps_up(self) -> bool:
        return not self._is_pumping and not self._transport.is_writing()

    def _keep_pumping(self) -> None:
        if self.outbox.overflowed:
            self._too_slow("This connection was too slow to follow; it may come back.")
        elif not self._is_pumping:
            self._is_pumping = True
            self._supervisor.once("sending", self._pump)

    async def _pump(self) -> None:
        try:
            while self.outbox and not self._closed:
                await asyncio.wait_for(self._transport.flushed(), self._stalled_s)
                for frame in self.outbox.take():
                    self._transport.send(frame)
        except asyncio.TimeoutError:
            self._too_slow("This connection took nothing for a while; it may come back.")
        except ConnectionLost:
            self._lost()
        finally:
            self._is_pumping = False
