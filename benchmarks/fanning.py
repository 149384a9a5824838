"""One process that writes the same records to the same sockets in two ways, so that nothing else differs.

Ours goes through the sessions of a room; the bare way is a loop of `write_message`. Both encode a frame once.
"""

from __future__ import annotations

import asyncio
import time
from typing import Any

from tornado.httpserver import HTTPServer
from tornado.netutil import bind_sockets
from tornado.web import Application
from tornado.websocket import WebSocketHandler

from jupyter_copilot import protocol as p
from jupyter_copilot.ports.clock import SystemClock
from jupyter_copilot.room.loading import load_room
from jupyter_copilot.room.room import Room
from jupyter_copilot.room.session.outbox import batch_of
from jupyter_copilot.room.session.rate_limit import RateLimit
from jupyter_copilot.room.session.session import Session
from jupyter_copilot.room.session.visitor import Host, Visitor
from jupyter_copilot.server.transport import SocketTransport
from jupyter_copilot.testing.memory_log import MemoryEventLog

from .history import PERSON
from .questions import answer_all, say

DELTA = p.TextDelta(run_id=p.RunId("m.r1"), step=1, message_id=p.MessageId("m.r1.s1.a1"), text="1234 5678 9012 ")
PAUSE_S = 0.002
"""Between frames, so that the sockets are read."""


class Viewers:
    """The room, and everybody's socket and session."""

    def __init__(self, room: Room) -> None:
        self.room = room
        self.handlers: list[WebSocketHandler] = []
        self.sessions: list[Session] = []

    async def answer(self, question: dict[str, Any]) -> float:
        """Seconds of CPU for so many `frames`, `ours` or not."""
        write = self._ours if question["ours"] else self._bare
        spent = 0.0
        for seq in range(1, question["frames"] + 1):
            record = p.Record(seq=seq, at=SystemClock().now(), actor=p.AGENT, event=DELTA)
            begin = time.process_time()
            write(record)
            spent += time.process_time() - begin
            await asyncio.sleep(PAUSE_S)
        return spent

    def _ours(self, record: p.Record) -> None:
        batch = batch_of(record.seq, [record])
        for session in self.sessions:
            session.records(batch)

    def _bare(self, record: p.Record) -> None:
        frame = p.encode(p.Records(first=record.seq, records=[record]))
        for handler in self.handlers:
            handler.write_message(frame)


class Socket(WebSocketHandler):
    """A viewer's socket."""

    def initialize(self, viewers: Viewers) -> None:
        """Take what all share."""
        self._viewers = viewers

    def check_origin(self, origin: str) -> bool:
        """Everybody may come."""
        return True

    def open(self) -> None:
        """Begin a session."""
        self.set_nodelay(True)
        visitor = Visitor(actor=PERSON, rights=frozenset({"read"}))
        session = Session(self._viewers.room, visitor, SocketTransport(self), RateLimit(SystemClock()), Host())
        self._viewers.handlers.append(self)
        self._viewers.sessions.append(session)

    async def on_message(self, message: str | bytes) -> None:
        """Take the hello."""
        await self._viewers.sessions[self._viewers.handlers.index(self)].receive(message)


async def main() -> None:
    """Serve until standard input ends."""
    viewers = Viewers(await load_room(p.RoomId("room"), "/one.ipynb", MemoryEventLog(), SystemClock()))
    sockets = bind_sockets(0, "127.0.0.1")
    server = HTTPServer(Application([("/", Socket, {"viewers": viewers})]))
    server.add_sockets(sockets)
    say(sockets[0].getsockname()[1])
    await answer_all(viewers.answer)


if __name__ == "__main__":
    asyncio.run(main())
