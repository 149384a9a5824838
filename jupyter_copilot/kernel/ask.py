"""`ask()`: a question to the copilot from code; the answer streams into the cell's output and into every view."""

from __future__ import annotations

import concurrent.futures
import contextvars
from collections.abc import Callable
from typing import Any
from uuid import uuid4

from .. import protocol as p
from ..client.core import Client
from ..protocol.errors import CopilotError, ModelError
from .connection import RoomConnection, command, joined, outcome
from .shared import shared_connection
from .streaming import Told, told


def ask(text: str, *, thread: str = p.MAIN_THREAD, model: str | None = None, wait: bool = False) -> PendingAnswer:
    """Ask the copilot, show the answer as it comes, and return a handle on it.

    The cell ends at once, unless `wait` is true. Do not wait when the copilot shall run cells: it runs them in this
    kernel, which is busy as long as it waits. Everybody in the room sees question and answer. A kernel cannot stop a
    run: people stop it in the sidebar. Raises `Rejected`, or `ConnectionLost` where there is no server.
    """
    answer = PendingAnswer(shared_connection(), text, thread, model, _cell_id())
    if wait:
        answer.wait()
    return answer


class PendingAnswer:
    """An answer that is under way or complete; its output is drawn by itself."""

    def __init__(
        self, connection: RoomConnection, text: str, thread: str, model: str | None, cell_id: str | None
    ) -> None:
        self.message_id = p.MessageId(uuid4().hex)
        self._connection = connection
        self._told = Told()
        self._ended: concurrent.futures.Future[Told] = concurrent.futures.Future()
        question = p.PostMessage(
            message_id=self.message_id,
            thread_id=p.ThreadId(thread),
            text=text,
            model=model,
            context=p.MessageContext(active_cell_id=cell_id),
        )
        outcome(connection.submit(lambda client: _post(client, question)))
        self._draw = _output(self._told)
        self._remove = connection.listen(self._follow)

    def _follow(self, client: Client) -> None:
        """Called in the connection's thread, at each change of the room."""
        if client.state is None or self._ended.done():
            return
        now = told(client.state, self.message_id)
        if now != self._told:
            self._told = now
            self._draw(now)
        if now.is_over:
            self._remove()
            self._ended.set_result(now)

    @property
    def text(self) -> str:
        """What was answered so far."""
        return self._told.text

    @property
    def status(self) -> str:
        """queued, answering, waiting (for people), success, cancelled or failed."""
        return self._told.status

    def wait(self, timeout: float | None = None) -> PendingAnswer:
        """Return once the answer is complete. Raises `ModelError` when it failed, `TimeoutError` after `timeout` s.

        An interrupt ends the waiting, not the answer.
        """
        try:
            ended = self._ended.result(timeout)
        except concurrent.futures.TimeoutError:
            raise TimeoutError(f"The answer is not complete after {timeout:g} s.") from None
        if ended.problem is not None:
            raise ModelError(ended.problem.message, code=ended.problem.code, hint=ended.problem.hint)
        if ended.status == "cancelled":
            raise CopilotError("The answer was stopped.", code="cancelled")
        return self

    def __repr__(self) -> str:
        return f"<PendingAnswer: {self.status}, {len(self.text)} characters>"

    def _ipython_display_(self) -> None:
        """Its output is there already."""


async def _post(client: Client, question: p.PostMessage) -> None:
    await joined(client)
    await command(client, question)


def _output(first: Told) -> Callable[[Told], None]:
    """Where the answer is drawn: an output of the cell that is running now, changed in place from any thread."""
    try:
        from IPython import display, get_ipython
    except ImportError:
        return lambda now: None
    if get_ipython() is None:
        return lambda now: None
    show: Any = display.display
    handle = show(first.bundle(), raw=True, display_id=True)
    cell = contextvars.copy_context()  # which cell an output belongs to is a context variable of the kernel

    return lambda now: cell.run(handle.update, now.bundle(), raw=True)


def _cell_id() -> str | None:
    """The id of the cell that runs now, where the front end told it."""
    try:
        from IPython import get_ipython
    except ImportError:
        return None
    shell: Any = get_ipython()
    parent = shell.get_parent() if hasattr(shell, "get_parent") else {}
    found = (parent.get("metadata") or {}).get("cellId")
    return found if isinstance(found, str) else None
