"""A network cable between browser and server that a test can pull out.

Chromium's own offline mode leaves open WebSockets alone; a cable does not.
"""

from __future__ import annotations

import contextlib
import socket
from threading import Lock, Thread

CHUNK = 65536


class Network:
    """Carries every connection to `port` and back; its own address is `url`. A cut breaks all, and refuses new ones."""

    def __init__(self, port: int) -> None:
        self._port = port
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._lock = Lock()
        self._ends: list[socket.socket] = []
        self._whole = True
        Thread(target=self._accept, name="network", daemon=True).start()

    @property
    def url(self) -> str:
        """The server's address on this network."""
        return f"http://127.0.0.1:{self._listener.getsockname()[1]}/"

    def cut(self) -> None:
        """Break every connection, and refuse new ones."""
        with self._lock:
            self._whole = False
            ends, self._ends = self._ends, []
        for end in ends:
            _close(end)

    def join(self) -> None:
        """Carry connections again."""
        with self._lock:
            self._whole = True

    def close(self) -> None:
        """Break everything for good."""
        self.cut()
        _close(self._listener)

    def _accept(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                near, _ = self._listener.accept()
                self._carry(near)

    def _carry(self, near: socket.socket) -> None:
        with self._lock:
            if not self._whole:
                _close(near)
                return
            try:
                far = socket.create_connection(("127.0.0.1", self._port))
            except OSError:
                _close(near)
                return
            self._ends += [near, far]
        for ends in ((near, far), (far, near)):
            Thread(target=_pump, args=ends, daemon=True).start()


def _pump(source: socket.socket, target: socket.socket) -> None:
    with contextlib.suppress(OSError):
        while data := source.recv(CHUNK):
            target.sendall(data)
    _close(source)
    _close(target)


def _close(end: socket.socket) -> None:
    with contextlib.suppress(OSError):
        end.shutdown(socket.SHUT_RDWR)
    end.close()
