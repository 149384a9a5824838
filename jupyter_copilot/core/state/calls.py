"""Calls: from the proposal to the result, or to the doubt about it."""

from __future__ import annotations

from msgspec import Struct

from ...protocol import (
    Actor,
    CallId,
    CallResult,
    Circumstances,
    ClientId,
    ConfirmationId,
    Effect,
    JsonObject,
    MessageId,
    OldOutputs,
    Output,
    Preview,
    RuleUse,
    RunId,
    ThreadId,
)
from .base import Entry


class _Call(Entry, frozen=True, kw_only=True):
    call_id: CallId
    run_id: RunId
    thread_id: ThreadId
    message_id: MessageId
    step: int
    tool: str
    args: JsonObject
    effect: Effect
    args_hash: str
    preview: Preview
    proposed_at: int
    raw_args: str | None = None
    extra: JsonObject | None = None
    confirmation_id: ConfirmationId | None = None
    circumstances: Circumstances | None = None
    allowed_by: RuleUse | None = None


class CallProposal(_Call, frozen=True, kw_only=True, tag="proposed"):
    """Not decided yet, or needing no decision and not begun."""


class CallConfirmed(_Call, frozen=True, kw_only=True, tag="confirmed"):
    """A person approved it, perhaps with other arguments; its effect has not begun."""

    edited: bool = False


class CallDenied(_Call, frozen=True, kw_only=True, tag="denied"):
    """Refused, expired or withdrawn; `reason` is what the model is told until the call is finished."""

    reason: str


class Claim(Struct, frozen=True, kw_only=True):
    """A front end's hold on a call; without `client_id` it is offered to all. `session` is whose claim it is."""

    fence: int
    operation: JsonObject
    until: int
    prefer: ClientId | None = None
    client_id: ClientId | None = None
    started: bool = False
    session: str | None = None


class CallRunning(_Call, frozen=True, kw_only=True, tag="started"):
    """Its effect has begun; an intent without a result."""

    exec_id: str
    adapter: str
    started_at: int
    outputs: list[Output] = []
    claim: Claim | None = None
    report: JsonObject | None = None


class Undone(Struct, frozen=True, kw_only=True):
    """Who last took back what a call changed, and whether the outputs of its code still stand in the notebook."""

    by: Actor
    at: int
    outputs: OldOutputs


class CallDone(_Call, frozen=True, kw_only=True, tag="finished"):
    """Over, with what the model is told."""

    finished_at: int
    started_at: int | None = None
    exec_id: str | None = None
    adapter: str | None = None
    outputs: list[Output] = []
    result: CallResult
    is_error: bool = False
    denied: bool = False
    was_in_doubt: bool = False
    undone: Undone | None = None


class CallDoubtful(_Call, frozen=True, kw_only=True, tag="in_doubt"):
    """Begun, and nobody knows how it ended."""

    exec_id: str
    adapter: str
    started_at: int
    outputs: list[Output] = []
    message: str
    at: int


Call = CallProposal | CallConfirmed | CallDenied | CallRunning | CallDone | CallDoubtful
