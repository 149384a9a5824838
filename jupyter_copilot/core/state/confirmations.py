"""Confirmations: open, and the ways in which they end."""

from __future__ import annotations

from typing import Any

from msgspec import Struct

from ...protocol import (
    Actor,
    BudgetAsk,
    CallId,
    ConfirmationId,
    ConfirmationKind,
    JsonObject,
    Option,
    Policy,
    RuleId,
    RunId,
    ThreadId,
)
from .base import Entry


class Vote(Struct, frozen=True, kw_only=True):
    """One person's approval, where several people must agree."""

    by: Actor
    at: int
    comment: str = ""


class _Confirmation(Entry, frozen=True, kw_only=True):
    confirmation_id: ConfirmationId
    kind: ConfirmationKind
    thread_id: ThreadId
    title: str
    args_hash: str
    options: list[Option]
    policy: Policy
    opened_by: Actor
    opened_at: int
    body: str = ""
    call_id: CallId | None = None
    run_id: RunId | None = None
    schema: JsonObject | None = None
    expires_at: int | None = None
    tried_by: Actor | None = None
    """The kernel whose code tried to decide, and was refused."""
    votes: list[Vote] = []
    budget: BudgetAsk | None = None


class Open(_Confirmation, frozen=True, kw_only=True, tag="open"):
    """Waits for a person."""


class Decided(_Confirmation, frozen=True, kw_only=True, tag="decided"):
    """Decided once, by `by`."""

    by: Actor
    at: int
    option: str
    value: Any = None
    edited_args: JsonObject | None = None
    comment: str = ""
    rule_id: RuleId | None = None
    """The rule that was granted meanwhile and covers it."""


class Expired(_Confirmation, frozen=True, kw_only=True, tag="expired"):
    """Nobody decided in time."""

    at: int


class Withdrawn(_Confirmation, frozen=True, kw_only=True, tag="withdrawn"):
    """Taken back."""

    by: Actor
    at: int
    reason: str = ""


Confirmation = Open | Decided | Expired | Withdrawn
