"""Confirmations, rules and modes whose time is up end, whether or not anybody is there."""

from __future__ import annotations

from collections.abc import Sequence

from .. import protocol as p
from ..core.decide import expire, next_expiry
from ..ports.clock import sleep_until
from .room import Room
from .supervisor import Cancel

_MOVES = (
    p.ConfirmationOpened, p.ConfirmationDecided, p.ConfirmationExpired, p.ConfirmationWithdrawn,
    p.RuleGranted, p.RuleUsed, p.RuleEnded, p.ThreadModeChanged, p.ThreadArchived, p.RunFinished,
)  # fmt: skip


class Expiry:
    """The timer of a room's next expiry; it follows the room from now on."""

    def __init__(self, room: Room) -> None:
        self._room = room
        self._due: int | None = None
        self._cancel: Cancel = _nothing
        self._arm()
        room.listen(self._heard)

    def _heard(self, records: Sequence[p.Record]) -> None:
        if any(isinstance(record.event, _MOVES) for record in records):
            self._arm()

    def _arm(self) -> None:
        due = next_expiry(self._room.state)
        if due == self._due:
            return
        self._cancel()
        self._due = due
        if due is not None:
            self._cancel = self._room.supervisor.keep("expiry", self._expire)

    async def _expire(self) -> None:
        """Sleep and expire, until nothing is left to expire; a clock that was set back makes it sleep again."""
        while (due := next_expiry(self._room.state)) is not None:
            await sleep_until(self._room.clock, due)
            await self._room.record(expire, actor=p.SERVER)


def _nothing() -> None:
    """Cancel a timer that was never set."""
