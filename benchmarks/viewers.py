"""The load generator: many viewers in one process, each a WebSocket read with as little work as can be.

Frames are not decoded, only timed and their tokens counted, so that it stays far from being the bottleneck; every
result says what share of a core it took.
"""

from __future__ import annotations

import asyncio
import base64
import json
import os
import re
import socket
import struct
import time
from functools import lru_cache
from typing import Any

from .measure import quantile, quantiles
from .questions import answer_all, say

_TEXT = re.compile(rb'"type":"(?:token|text_delta)"[^{}]*?"text":"([^"]*)"')
_PING, _CLOSE = 0x9, 0x8
SMALL_BUFFER = 4096
PATIENCE_S = 60.0


@lru_cache(maxsize=64)
def tokens_in(frame: bytes) -> int:
    """How many tokens a frame brings; every token ends with a space. All viewers get the same frames."""
    return sum(text.count(b" ") for text in _TEXT.findall(frame))


class Viewer(asyncio.Protocol):
    """One WebSocket; `paused` stops reading after the handshake."""

    def __init__(self, path: str, token: str, paused: bool, cookie: str = "") -> None:
        self._path = path
        self._token = token
        self._cookie = cookie
        self._paused = paused
        self._open = False
        self._buffer = bytearray()
        self.live = asyncio.get_running_loop().create_future()
        self.arrivals: list[tuple[float, int]] = []
        self.bytes = self.tokens = 0
        self.is_closed = False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport
        key = base64.b64encode(os.urandom(16)).decode()
        transport.write(
            f"GET {self._path} HTTP/1.1\r\nHost: 127.0.0.1\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
            f"Sec-WebSocket-Key: {key}\r\nSec-WebSocket-Version: 13\r\n"
            f"Authorization: token {self._token}\r\nCookie: {self._cookie}\r\n\r\n".encode()
        )

    def connection_lost(self, exc: Exception | None) -> None:
        self.is_closed = True
        if not self.live.done():
            self.live.set_exception(ConnectionError(f"refused: {bytes(self._buffer[:300])!r}"))

    def send(self, opcode: int, payload: bytes) -> None:
        """Write a frame with a mask of zeros."""
        assert len(payload) < 65536
        size = bytes([0x80 | len(payload)]) if len(payload) < 126 else b"\xfe" + struct.pack("!H", len(payload))
        self._transport.write(bytes([0x80 | opcode]) + size + b"\0\0\0\0" + payload)

    def data_received(self, data: bytes) -> None:
        self._buffer += data
        now = time.monotonic()
        if not self._open:
            end = self._buffer.find(b"\r\n\r\n")
            if end < 0 or not self._buffer.startswith(b"HTTP/1.1 101"):
                return
            del self._buffer[: end + 4]
            self._open = True
            self.send(1, json.dumps({"type": "hello", "protocol": 1, "client_id": os.urandom(8).hex()}).encode())
        while (frame := self._next()) is not None:
            self._take(frame, now)

    def _next(self) -> tuple[int, bytes] | None:
        buffer = self._buffer
        if len(buffer) < 2:
            return None
        size, start = buffer[1], 2
        if size == 126:
            size, start = int.from_bytes(buffer[2:4], "big"), 4
        elif size == 127:
            size, start = int.from_bytes(buffer[2:10], "big"), 10
        if len(buffer) < start + size:
            return None
        payload = bytes(buffer[start : start + size])
        opcode = buffer[0] & 0xF
        del buffer[: start + size]
        return opcode, payload

    def _take(self, frame: tuple[int, bytes], now: float) -> None:
        opcode, payload = frame
        if opcode == _PING:
            self.send(0xA, payload)
            return
        if opcode == _CLOSE:
            self._transport.close()
            return
        if not self.live.done():
            if payload.startswith(b'{"type":"live"'):
                self.live.set_result(None)
                if self._paused:
                    self._transport.pause_reading()
            return
        self.received(payload, now)

    def received(self, payload: bytes, now: float) -> None:
        """Take a frame that came after `live`."""
        self.bytes += len(payload)
        tokens = tokens_in(payload)
        if tokens:
            self.tokens += tokens
            self.arrivals.append((now, tokens))

    def clear(self) -> None:
        """Forget what came so far."""
        self.arrivals, self.bytes, self.tokens = [], 0, 0

    def latencies(self, writes: list[float]) -> list[float]:
        """Seconds from each token's write to its arrival here."""
        found: list[float] = []
        for at, tokens in self.arrivals:
            found += [at - write for write in writes[len(found) : len(found) + tokens]]
        return found

    def close(self) -> None:
        """Hang up."""
        self._transport.close()


class Fleet:
    """All viewers of this process."""

    def __init__(self) -> None:
        self._viewers: list[Viewer] = []
        self._paused: list[Viewer] = []

    async def answer(self, question: dict[str, Any]) -> Any:
        """`open`, `clear`, `collect` or `close`, by the question's `do`."""
        do = question.pop("do")
        return await getattr(self, do)(**question)

    async def open(self, port: int, path: str, token: str, count: int, paused: bool = False, cookie: str = "") -> float:
        """Connect this many more viewers and wait until they are live; returns seconds."""
        begin = time.monotonic()
        for _ in range(count):
            viewer = Viewer(path, token, paused, cookie)
            sock = socket.socket()
            if paused:
                sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, SMALL_BUFFER)
            sock.connect(("127.0.0.1", port))
            sock.setblocking(False)
            await asyncio.get_running_loop().create_connection(lambda viewer=viewer: viewer, sock=sock)  # type: ignore[misc]
            await viewer.live
            (self._paused if paused else self._viewers).append(viewer)
        return time.monotonic() - begin

    async def clear(self) -> int:
        """Forget what came so far; returns how many viewers are open."""
        for viewer in self._viewers:
            viewer.clear()
        return sum(not viewer.is_closed for viewer in self._viewers)

    async def arrived(self, tokens: int) -> bool:
        """Whether so many tokens came to every viewer, after waiting for them for a while."""
        ends = time.monotonic() + PATIENCE_S
        for viewer in self._viewers:
            while viewer.tokens < tokens and time.monotonic() < ends:  # noqa: ASYNC110 - frames must not wake anybody
                await asyncio.sleep(0.02)
        return all(viewer.tokens >= tokens for viewer in self._viewers)

    async def collect(self, writes: list[float]) -> dict[str, Any]:
        """What came since `clear`; `writes` are the times at which the model wrote each token."""
        latencies = [viewer.latencies(writes) for viewer in self._viewers]
        flat = [latency for of_one in latencies for latency in of_one]
        first = self._viewers[0] if self._viewers else None
        return {
            "bytes": first.bytes if first is not None else 0,
            "p50": quantile(flat, 0.5),
            "p99": quantile(flat, 0.99),
            "quantiles": quantiles(flat),
            "open": sum(not viewer.is_closed for viewer in self._viewers),
            "paused_open": sum(not viewer.is_closed for viewer in self._paused),
        }

    async def close(self) -> None:
        """Hang up everywhere."""
        for viewer in (*self._viewers, *self._paused):
            viewer.close()
        self._viewers, self._paused = [], []


async def main() -> None:
    """Answer questions until standard input ends."""
    say("ready")
    await answer_all(Fleet().answer)


if __name__ == "__main__":
    asyncio.run(main())
