"""Rooms and clients in one process, joined by sockets that a test can cut, stall and reorder."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable

from .. import protocol as p
from ..client.core import Client
from ..ports.clock import Clock, SystemClock
from ..protocol.errors import ConnectionLost
from ..room.registry import Rooms
from ..room.session.session import Session
from ..room.session.visitor import Visitor

EVERYTHING: frozenset[p.Right] = frozenset({"read", "write", "execute", "decide"})


def visitor(name: str, *, rights: frozenset[p.Right] = EVERYTHING, kind: p.ActorKind = "person") -> Visitor:
    """Somebody who may do everything, or what `rights` says."""
    auth = "kernel" if kind == "kernel" else "browser"
    return Visitor(actor=p.Actor(kind=kind, id=name.lower(), name=name, auth=auth), rights=rights)  # type: ignore[arg-type]


class LoopbackSocket:
    """Both ends of a connection: the session's transport, and the client's socket.

    Frames to the client wait in `inbound`; while `stalled` they stay in the server's buffer, as with a client that
    does not read. `cut` breaks the connection at any moment: what was not read yet is lost on both ways.
    """

    def __init__(self) -> None:
        self.inbound: deque[bytes] = deque()
        self.received = 0
        self.close_code = 1006
        self.stalled = False
        self.session: Session | None = None
        self._buffer: deque[bytes] = deque()
        self._open = True
        self._readable = asyncio.Event()
        self._drained = asyncio.Event()
        self._drained.set()
        self._on_cut: list[Callable[[], None]] = []

    # The session's end

    def send(self, frame: bytes) -> None:
        """Write a frame towards the client."""
        if not self._open:
            return
        if self.stalled:
            self._buffer.append(frame)
            self._drained.clear()
        else:
            self.inbound.append(frame)
            self._readable.set()

    def is_writing(self) -> bool:
        """Whether a frame waits because the client does not read."""
        return bool(self._buffer)

    async def flushed(self) -> None:
        """Return once the client has taken everything. Raises `ConnectionLost` when the connection is cut."""
        await self._drained.wait()
        if not self._open:
            raise ConnectionLost("The connection is cut.")

    @property
    def buffered_bytes(self) -> int:
        """What the server's socket buffer holds for a client that does not read."""
        return sum(map(len, self._buffer))

    # The client's end

    def stall(self) -> None:
        """Stop reading."""
        self.stalled = True

    def read_again(self) -> None:
        """Read what waits, and go on reading."""
        self.stalled = False
        self.inbound.extend(self._buffer)
        self._buffer.clear()
        self._readable.set()
        self._drained.set()

    def cut(self, code: int = 1006) -> None:
        """Break the connection now; the server notices at once."""
        if not self._open:
            return
        self._open = False
        self.close_code = code
        self.inbound.clear()
        self._buffer.clear()
        self._readable.set()
        self._drained.set()
        for told in self._on_cut:
            told()

    def when_cut(self, told: Callable[[], None]) -> None:
        """Call `told` when the connection breaks."""
        self._on_cut.append(told)

    async def receive(self) -> bytes | None:
        """The next frame, or None once the connection is cut."""
        while not self.inbound and self._open:
            self._readable.clear()
            await self._readable.wait()
        if not self.inbound:
            return None
        self.received += 1
        return self.inbound.popleft()


class _ServerEnd:
    """The transport that a session writes to."""

    def __init__(self, socket: LoopbackSocket) -> None:
        self._socket = socket
        self.send = socket.send
        self.is_writing = socket.is_writing
        self.flushed = socket.flushed

    def close(self, code: int, reason: str) -> None:
        """Close with a code; what was sent before is still delivered."""
        self._socket.close_code = code
        self._socket._open = False
        self._socket._readable.set()
        self._socket._drained.set()


class _ClientEnd:
    """The socket that a client speaks through."""

    def __init__(self, socket: LoopbackSocket) -> None:
        self._socket = socket
        self.receive = socket.receive

    async def send(self, frame: bytes) -> None:
        """Hand a frame to the session, which answers later; raises when the connection is cut."""
        if not self._socket._open or self._socket.session is None:
            raise OSError("The connection is cut.")
        asyncio.get_running_loop().create_task(self._socket.session.receive(frame))

    @property
    def close_code(self) -> int:
        """The code that the connection ended with."""
        return self._socket.close_code

    def close(self) -> None:
        """End the connection."""
        self._socket.cut(1000)


class Loopback:
    """Clients of one room over loopback sockets; `sockets` holds each client's latest one."""

    def __init__(self, rooms: Rooms, path: str = "notebook.ipynb", clock: Clock | None = None) -> None:
        self.rooms = rooms
        self.path = path
        self.sockets: dict[str, LoopbackSocket] = {}
        self._clock = clock or SystemClock()

    def client(self, name: str, who: Visitor | Callable[[], Visitor] | None = None) -> Client:
        """A client, not started yet; it reconnects through this loopback whenever its socket is cut.

        `who` is asked again at each connection if it can be called: a server that starts again may say otherwise.
        """
        whoever = who or visitor(name)

        async def opened() -> _ClientEnd:
            socket = LoopbackSocket()
            room = await self.rooms.at(self.path)
            seen = whoever() if callable(whoever) else whoever
            session = self.rooms.enter(room, seen, _ServerEnd(socket))
            socket.session = session
            socket.when_cut(lambda: self.rooms.leave(session))
            self.sockets[name] = socket
            return _ClientEnd(socket)

        return Client(opened, self._clock, client_id=name, jitter=lambda: 0.0, surface="lab")
