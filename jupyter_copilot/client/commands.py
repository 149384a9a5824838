"""The commands that wait for their answer: sent in order, sent again after a reconnect, each settled once.

No I/O: sending and timers are injected. The browser's queue (`client/commands.ts`) does the same; both run the vectors
in `tests/vectors/command_queue.json`.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

from msgspec import Struct
from typing_extensions import assert_never

from .. import protocol as p
from ..core import state as s
from ..core.stale_commands import stale_reason
from ..protocol.errors import Rejected

WINDOW = 8
"""How many commands may be on their way; one while there is reason to keep strictly to the order."""
FIRST_DELAY_MS = 500
LONGEST_DELAY_MS = 10_000
KEPT_FOR_MS = 7 * 24 * 3600 * 1000
"""Commands older than this are given up: nobody expects last week's question to be asked now."""

Answer = Callable[[int | Rejected], None]
"""Told of the end of a command: the seq of its last record, or why it was refused."""


class Timers(Protocol):
    """Where the queue gets its time from."""

    def now(self) -> int:
        """The time in unix ms."""

    def after(self, ms: float, callback: Callable[[], None]) -> Callable[[], None]:
        """Call back once after so many ms, unless the returned function is called before."""


class _Entry(Struct):
    command: p.Command
    answer: Answer
    user: str | None
    at: int
    sent: bool = False
    """On its way on the present connection."""
    tried: bool = False
    """Sent at some time, so that it may have taken effect."""


class CommandQueue:
    """Keeps each command until the server acknowledged or refused it. What only means "not now" keeps it here."""

    def __init__(self, send: Callable[[p.CommandId, p.Command], None], timers: Timers) -> None:
        self._send = send
        self._timers = timers
        self._entries: dict[p.CommandId, _Entry] = {}
        self._user: str | None = None
        self._live = False
        self._careful = False
        self._delay = FIRST_DELAY_MS
        self._cancel_delay: Callable[[], None] | None = None

    @property
    def waiting(self) -> list[p.CommandId]:
        """The commands without an answer, oldest first."""
        return list(self._entries)

    def submit(self, command_id: p.CommandId, command: p.Command, answer: Answer) -> None:
        """Send the command now, or as soon as there is a connection."""
        self._entries[command_id] = _Entry(command, answer, self._user, self._timers.now())
        self._flush()

    def drop(self, command_id: p.CommandId) -> None:
        """Nobody waits for this command any more: it is not sent again."""
        self._entries.pop(command_id, None)
        self._flush()

    def resume(self, user: str, state: s.RoomState | None) -> None:
        """The connection is live, and this is who the server takes us for: send what waits and is not stale."""
        self._live = True
        self._user = user
        self._careful = len(self._entries) > 1
        for command_id, entry in list(self._entries.items()):
            refused = self._outlived(entry)
            if refused is None and not entry.tried and state is not None:
                refused = stale_reason(entry.command, state)
            if refused is not None:
                self._end(command_id, refused)
        self._flush()

    def suspend(self) -> None:
        """The connection is gone: whatever was on its way may or may not have arrived."""
        self._live = False
        self._stop_waiting()
        self._take_back()

    def acked(self, command_id: p.CommandId, seq: int) -> None:
        """The server committed it, up to this record."""
        self._delay = FIRST_DELAY_MS
        self._end(command_id, seq)
        self._flush()

    def rejected(self, command_id: p.CommandId, reject: p.Reject) -> None:
        """Do what `retry` says; see `protocol.Retry`. A client takes the room anew for `resync` beside that."""
        match reject.retry:
            case "after":
                wanted = reject.details.get("retry_after_ms")
                self._postpone(wanted if isinstance(wanted, int) else 0)
            case "reauth":
                self._take_back()  # the server closes this connection too; the next one sends again
            case "never" | "resync":
                refusal = Rejected(
                    reject.code, reject.message, retry=reject.retry, details=reject.details, hint=reject.hint
                )
                self._end(command_id, refusal)
                self._flush()
            case _:
                assert_never(reject.retry)

    def _flush(self) -> None:
        limit = 1 if self._careful else WINDOW
        for on_their_way, (command_id, entry) in enumerate(list(self._entries.items())):
            if not self._live or self._cancel_delay is not None or on_their_way >= limit:
                return
            if not entry.sent:
                entry.sent = entry.tried = True
                self._send(command_id, entry.command)
        self._careful = self._careful and bool(self._entries)

    def _postpone(self, wanted_ms: int) -> None:
        """Wait a while, then send everything again that has no answer, in order and one by one."""
        self._take_back()
        self._careful = True
        if self._cancel_delay is None and self._live:
            self._cancel_delay = self._timers.after(max(self._delay, wanted_ms), self._go_on)
            self._delay = min(self._delay * 2, LONGEST_DELAY_MS)

    def _go_on(self) -> None:
        self._cancel_delay = None
        self._flush()

    def _stop_waiting(self) -> None:
        if self._cancel_delay is not None:
            self._cancel_delay()
            self._cancel_delay = None

    def _take_back(self) -> None:
        for entry in self._entries.values():
            entry.sent = False

    def _outlived(self, entry: _Entry) -> Rejected | None:
        if entry.user is not None and entry.user != self._user:
            return Rejected("forbidden", "This was not sent: you are signed in as somebody else now.")
        if self._timers.now() - entry.at > KEPT_FOR_MS:
            return Rejected("expired", "This was not sent: it had waited for a connection for more than a week.")
        return None

    def _end(self, command_id: p.CommandId, answer: int | Rejected) -> None:
        entry = self._entries.pop(command_id, None)
        if entry is not None:
            entry.answer(answer)
