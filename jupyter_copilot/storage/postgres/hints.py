"""Hints between server processes that a room's head moved: told after the commit, and only hints."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import random
from collections.abc import Callable
from typing import Any

from ...protocol import RoomId
from ...protocol.errors import StoreError
from .bounded import Bounded
from .database import Database
from .faults import is_away

CHANNEL = "copilot"
FIRST_PAUSE_S, LONGEST_PAUSE_S = 0.25, 10.0

_log = logging.getLogger(__name__)


class Hints:
    """Tells the other processes of our commits, and hears of theirs. A lost hint is made up for by polling.

    `NOTIFY` inside of the append's transaction would take a lock of the whole cluster until the commit is flushed, so
    it is a statement of its own; what is committed meanwhile goes with the next one.
    """

    def __init__(self, database: Database, heard: Callable[[RoomId, int], None]) -> None:
        self._database = database
        self._heard = heard
        self._untold: dict[RoomId, int] = {}
        self._telling: asyncio.Task[None] | None = None
        self._listening: asyncio.Task[None] | None = None

    def tell(self, room_id: RoomId, seq: int) -> None:
        """Let the others know, soon."""
        self._untold[room_id] = seq
        if self._telling is None or self._telling.done():
            self._telling = asyncio.create_task(self._tell(), name="postgres hints")

    def listen(self) -> None:
        """Hear of the others' commits from now on."""
        if self._listening is None:
            self._listening = asyncio.create_task(self._listen(), name="postgres listener")

    async def close(self) -> None:
        """Tell and hear no more."""
        for task in (self._telling, self._listening):
            if task is not None:
                task.cancel()
                await asyncio.gather(task, return_exceptions=True)

    async def _tell(self) -> None:
        while self._untold:
            told, self._untold = self._untold, {}
            payloads = [f"{room_id} {seq}" for room_id, seq in told.items()]
            with contextlib.suppress(StoreError):  # the others poll
                await self._database.run(
                    lambda con, payloads=payloads: con.execute(  # type: ignore[misc]
                        "SELECT pg_notify($1, payload) FROM unnest($2::text[]) AS t (payload)", CHANNEL, payloads
                    )
                )

    async def _listen(self) -> None:
        pause_s = FIRST_PAUSE_S
        while True:
            try:
                await self._listen_once()
                pause_s = FIRST_PAUSE_S
            except Exception as error:
                if not is_away(error):
                    _log.warning("Other servers' records are noticed a little later. %s", error)
            await asyncio.sleep(pause_s * (0.5 + random.random()))
            pause_s = min(2 * pause_s, LONGEST_PAUSE_S)

    async def _listen_once(self) -> None:
        """Listen until the connection breaks."""
        database = self._database
        answer_s = database.limits.answer_s
        connection: Any = await database.connect(database.address.listener)
        broken = asyncio.Event()
        connection.add_termination_listener(lambda _: broken.set())
        try:
            bounded = Bounded(connection, answer_s)
            await bounded.listen(CHANNEL, self._on_hint)
            while not broken.is_set():
                # A cut link is noticed by asking, as nothing arrives on it otherwise; what is asked is the time.
                with contextlib.suppress(asyncio.TimeoutError):
                    await asyncio.wait_for(broken.wait(), answer_s)
                if not broken.is_set():
                    await database.clock.ask(bounded)
        finally:
            connection.terminate()

    def _on_hint(self, connection: Any, pid: int, channel: str, payload: str) -> None:
        room_id, _, seq = payload.rpartition(" ")
        if room_id and seq.isdecimal():
            self._heard(RoomId(room_id), int(seq))
