"""Notices: what people are told of who are not looking, and the budgets that they are asked about."""

from __future__ import annotations

from typing import Literal

from .actors import Actor
from .base import MessageId, ThreadId, Value

NoticeKind = Literal["decision", "mention"]
"""A decision waits for people, or somebody named a person in a message."""
BudgetScope = Literal["run", "thread", "room", "person"]


class Delivery(Value, frozen=True, kw_only=True):
    """Where a notice stands on one channel: told at `at`, or to be tried again at `retry_at` (unix ms), or given up.

    `to` has the ids of the people that it was for; empty, it was for whoever reads that channel. `reason` says what
    went wrong last. What the notice is about is named by id alone.
    """

    notice_id: str
    kind: NoticeKind
    about: str
    channel: str
    at: int
    to: list[str] = []
    attempts: int = 1
    told: bool = True
    reason: str = ""
    retry_at: int | None = None


class Mention(Value, frozen=True, kw_only=True):
    """A message that names people who have not seen it yet."""

    message_id: MessageId
    thread_id: ThreadId
    by: Actor
    at: int
    people: list[str]


class BudgetAsk(Value, frozen=True, kw_only=True):
    """The budget that is used up, by its key, and what an approval adds to it."""

    key: str
    tokens: int = 0
    money: float = 0.0


class Spent(Value, frozen=True, kw_only=True):
    """What was spent by a run, in a thread or a room, or by a person; on the day since 1970, or ever."""

    scope: BudgetScope
    id: str
    day: int | None = None
    tokens: int = 0
    money: float = 0.0
