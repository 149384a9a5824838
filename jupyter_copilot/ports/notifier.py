"""The notifier port: one way to tell people who are not looking."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Protocol

from msgspec import Struct

from ..protocol import NoticeKind, ThreadId


class Content(Struct, frozen=True, kw_only=True):
    """What a notice is about, in the words of people and of the agent: given only to channels that are to have it."""

    title: str
    body: str = ""
    by: str = ""


class Notice(Struct, frozen=True, kw_only=True):
    """Something that people should know. `notice_id` is the same at every attempt, so that doubles can be told.

    `path` is the notebook's, `at` (unix ms) when it came about, `to` the ids of the people it is for; empty, whoever
    reads the channel.
    """

    notice_id: str
    kind: NoticeKind
    about: str
    path: str
    thread_id: ThreadId
    at: int
    to: list[str] = []
    content: Content | None = None


class NotDelivered(Exception):
    """A notice did not arrive. It is tried again, after `retry_after_s` at the earliest, unless `retry` is False."""

    def __init__(self, reason: str, *, retry: bool = True, retry_after_s: float = 0.0) -> None:
        super().__init__(reason)
        self.reason = reason
        self.retry = retry
        self.retry_after_s = retry_after_s


class Notifier(Protocol):
    """Tells people. Delivery is at least once: after a crash the same notice may come again, under the same id."""

    async def deliver(self, notice: Notice) -> None:
        """Return once the notice arrived. Raises `NotDelivered`; whatever else it raises counts as such, too."""


NotifierFactory = Callable[[Mapping[str, Any]], Notifier]
"""Makes a notifier from its options in the policy file. Raises `ValueError`, in words for the administrator."""
