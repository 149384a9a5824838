"""A TCP link to a database that a test cuts, lets swallow what passes, and mends."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from typing import Literal

Way = Literal["there", "back"]
"""To the database, or its answers."""


class _Line:
    """One connection through the link; what it has begun to swallow it swallows for ever, as lost packets do."""

    def __init__(self, near: asyncio.StreamWriter, far: asyncio.StreamWriter, swallowed: set[Way]) -> None:
        self.near, self.far = near, far
        self.swallowed = set(swallowed)

    async def carry(self, way: Way, source: asyncio.StreamReader, target: asyncio.StreamWriter) -> None:
        with suppress(OSError):
            while data := await source.read(65536):
                if way not in self.swallowed:
                    target.write(data)
                    await target.drain()

    def cut(self) -> None:
        for end in (self.near, self.far):
            end.transport.abort()


class Link:
    """Belongs to one event loop; `port` is where it is entered."""

    def __init__(self, port: int) -> None:
        self.port = 0
        self.tried = asyncio.Event()
        """Set once somebody tried to come while it was cut."""
        self._port = port
        self._lines: set[_Line] = set()
        self._meeting: set[asyncio.Task[None]] = set()
        self._swallowed: set[Way] = set()
        self._is_cut = False

    async def start(self) -> None:
        self._server = await asyncio.start_server(self._begin, "127.0.0.1", 0)
        self.port = self._server.sockets[0].getsockname()[1]

    async def stop(self) -> None:
        self._server.close()
        self.cut()
        await asyncio.gather(*self._meeting)

    def swallow(self, *ways: Way) -> None:
        """From now on nothing arrives on these ways, and no connection breaks; not of those that come later either."""
        self._swallowed |= set(ways)
        for line in self._lines:
            line.swallowed |= set(ways)

    def cut(self) -> None:
        """Break every connection, and those that come."""
        self._is_cut = True
        for line in self._lines:
            line.cut()

    def mend(self) -> None:
        """Whoever comes now gets through; what was swallowed stays lost, and its connection silent."""
        self._is_cut = False
        self._swallowed = set()

    def _begin(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        meeting = asyncio.ensure_future(self._meet(reader, writer))
        self._meeting.add(meeting)
        meeting.add_done_callback(self._meeting.discard)

    async def _meet(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            there, far = await asyncio.open_connection("127.0.0.1", self._port)
        except OSError:
            writer.transport.abort()
            return
        line = _Line(writer, far, self._swallowed)
        self._lines.add(line)
        if self._is_cut:
            line.cut()
            self.tried.set()
        ways = [
            asyncio.ensure_future(line.carry("there", reader, far)),
            asyncio.ensure_future(line.carry("back", there, writer)),
        ]
        try:
            await asyncio.wait(ways, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for way in ways:
                way.cancel()
            line.cut()
            self._lines.discard(line)
