"""What ends by itself: confirmations that nobody decided, rules and modes whose time is up."""

from __future__ import annotations

from collections.abc import Iterator

from ... import protocol as p
from .. import state as s


def expire(state: s.RoomState, now: int) -> list[p.Event]:
    """The events for all whose time is up."""
    return [event for due, event in _ends(state) if due <= now]


def next_expiry(state: s.RoomState) -> int | None:
    """When the next of them ends, in unix ms."""
    return min((due for due, _ in _ends(state)), default=None)


def _ends(state: s.RoomState) -> Iterator[tuple[int, p.Event]]:
    for opened in s.open_confirmations(state):
        if opened.expires_at is not None:
            yield opened.expires_at, p.ConfirmationExpired(confirmation_id=opened.confirmation_id)
    for rule in state.rules.values():
        if rule.until is not None:
            yield rule.until, p.RuleEnded(rule_id=rule.rule_id, reason="time")
    for thread in state.threads.values():
        if thread.mode_until is not None:
            yield thread.mode_until, p.ThreadModeChanged(thread_id=thread.thread_id, mode="ask")
