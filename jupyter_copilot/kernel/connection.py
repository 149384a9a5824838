"""The kernel's one connection to its notebook's room, on a loop in a thread of its own: it lives while cells run.

Nothing is printed in that thread. What it learns is handed over as immutable values.
"""

from __future__ import annotations

import asyncio
import contextlib
import ssl
from collections.abc import Callable, Coroutine
from concurrent.futures import Future
from typing import Any, TypeVar

import msgspec

from .. import protocol as p
from ..client.connection import Connected, Connecting, Socket, Stopped, Waiting
from ..client.core import Client
from ..client.sync import BackgroundLoop
from ..core import state as s
from ..ports.clock import SystemClock
from ..protocol.errors import ConnectionLost, CopilotError, Rejected
from .environment import ServerAddress
from .trust import distrusted, trust

T = TypeVar("T")
TICK_S = 0.05
"""How often listeners are called at most."""
CONNECT_S = 15.0
"""How long a first connection may take before it is said that there is none."""
_ELSEWHERE = "If this kernel runs on another machine, its server's administrator can set CopilotApp.kernel_url."

Listener = Callable[[Client], None]


class RoomConnection:
    """A client that runs in the background. Every method may be called from any thread."""

    def __init__(self, address: ServerAddress) -> None:
        self._background = BackgroundLoop("jupyter-copilot")
        self._listeners: list[Listener] = []
        self._address = address
        self._client = Client(self._open, SystemClock(), surface="kernel")
        self.submit(self._begin)

    async def _open(self) -> Socket:
        """Open a socket. While there was none yet, an error of the network says what may be the matter."""
        try:
            return await _opened(self._address)
        except OSError as error:
            if self._client.state is not None or error.errno is None:
                raise
            raise OSError(f"{error}. {_ELSEWHERE}") from error

    async def _begin(self, client: Client) -> None:
        client.start()
        self._watch = asyncio.create_task(self._keep_telling())

    def submit(self, work: Callable[[Client], Coroutine[Any, Any, T]]) -> Future[T]:
        """Start `work` on the connection's loop; cancelling the future cancels it there."""
        return asyncio.run_coroutine_threadsafe(work(self._client), self._background.loop)

    def listen(self, listener: Listener) -> Callable[[], None]:
        """Call `listener` now and after changes, in the connection's thread; returns the remover."""
        self._listeners.append(listener)
        self._background.loop.call_soon_threadsafe(self._tell, listener)
        return lambda: self._listeners.remove(listener) if listener in self._listeners else None

    @property
    def trouble(self) -> str | None:
        """Why there is no connection at the moment, in a sentence; None while there is one."""
        match self._client.connection:
            case Connected():
                return None
            case Connecting():
                return "Connecting to the copilot."
            case Waiting(reason=reason):
                if self._client.state is None:
                    return f"The copilot cannot be reached yet: {reason}"
                return f"The connection to the copilot is lost and comes back by itself: {reason}"
            case Stopped(error=error):
                return str(error) if error is not None else "The connection to the copilot is closed."

    @property
    def is_stopped(self) -> bool:
        """Whether the connection does not come back by itself."""
        return isinstance(self._client.connection, Stopped)

    def close(self) -> None:
        """Leave the room and end the thread."""
        with contextlib.suppress(Exception):
            self.submit(lambda client: client.close()).result(2)
        self._background.stop()

    async def _keep_telling(self) -> None:
        """A change after a quiet moment is told at once; of a stream, what came meanwhile is told together."""
        clock = self._background.loop.time
        while True:
            change = self._client.changed()
            told = clock()
            for listener in tuple(self._listeners):
                self._tell(listener)
            await change
            await asyncio.sleep(max(0.0, told + TICK_S - clock()))

    def _tell(self, listener: Listener) -> None:
        try:
            listener(self._client)
        except Exception as error:  # a person's observer must not end the connection of everybody else
            context = {"message": "An observer of the copilot failed.", "exception": error}
            self._background.loop.call_exception_handler(context)


async def joined(client: Client) -> s.RoomState:
    """The state once the client is live. Raises `ConnectionLost` when that takes too long."""
    try:
        return await asyncio.wait_for(client.live(), CONNECT_S)
    except asyncio.TimeoutError:
        connection = client.connection
        reason = (isinstance(connection, Waiting | Connecting) and connection.reason) or "It does not answer."
        raise ConnectionLost(f"The copilot cannot be reached: {reason}", code="no_server") from None


def outcome(work: Future[T], timeout: float | None = None) -> T:
    """The result of work on the connection's loop; its error shows where it was waited for, not where it came from."""
    try:
        return work.result(timeout)
    except CopilotError as error:
        raise error.with_traceback(None) from None


async def command(client: Client, wanted: p.Command, command_id: str | None = None) -> int:
    """Give a command that fits the protocol. Raises `Rejected`, also for what the server would not even read."""
    try:
        msgspec.convert(msgspec.to_builtins(wanted), type(wanted))
    except msgspec.ValidationError as error:
        raise Rejected("invalid_value", f"This cannot be sent: {error}") from error
    return await client.command(wanted, command_id)


async def _opened(address: ServerAddress) -> Socket:
    """The kernel's socket, open; a token that is void is said in words that help."""
    from ..client.socket import open_address

    accepted = trust(address)
    try:
        return await open_address(address.channel, address.headers, accepted)()
    except ssl.SSLCertVerificationError as error:
        raise distrusted(address, error) from error
    except ConnectionLost as error:
        if error.code == "not_found":
            message, hint = "The notebook of this kernel is not there any more.", "Was it deleted, or not saved yet?"
        else:
            message, hint = "The Jupyter server does not know this kernel (any more).", "Restart the kernel."
        raise ConnectionLost(message, hint=hint, code="no_server") from error
