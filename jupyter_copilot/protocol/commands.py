"""Commands: imperative, may be rejected."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from msgspec import Meta

from .base import (
    _COMMENT,
    _ID,
    _TEXT,
    _TITLE,
    MAIN_THREAD,
    AgentId,
    CallId,
    ConfirmationId,
    GuestId,
    MessageId,
    RuleId,
    RunId,
    Tagged,
    ThreadId,
)
from .notices import NoticeKind
from .parts import GuestScope, JsonObject, MessageContext, Mode, OldOutputs, Option, Output, RequestedCall
from .permissions import Grant

_PERSON = Annotated[str, Meta(min_length=1, max_length=200)]


class CreateThread(Tagged, frozen=True, kw_only=True):
    """Start a conversation in the room."""

    thread_id: Annotated[ThreadId, _ID]
    title: Annotated[str, _TITLE]


class RenameThread(Tagged, frozen=True, kw_only=True):
    """Give a thread another title."""

    thread_id: Annotated[ThreadId, _ID]
    title: Annotated[str, _TITLE]


class ArchiveThread(Tagged, frozen=True, kw_only=True):
    """Put a thread away; its history stays."""

    thread_id: Annotated[ThreadId, _ID]


class SetMode(Tagged, frozen=True, kw_only=True):
    """Choose what the agent may do in a thread without asking; after `for_s`, or the answer, it asks again.

    `one_answer` means the one that is being given or else the next. `auto` always ends: it is for one answer unless
    `for_s` is set.
    """

    thread_id: Annotated[ThreadId, _ID]
    mode: Mode
    for_s: Annotated[float, Meta(gt=0, le=30 * 86400)] | None = None
    one_answer: bool = False


class GrantRule(Tagged, frozen=True, kw_only=True):
    """Let calls in without asking; what waits and is let in by it is approved along with it."""

    grant: Grant


class EndRule(Tagged, frozen=True, kw_only=True):
    """End a rule at once, for everybody: no call begins by it after this is committed."""

    rule_id: Annotated[RuleId, _ID]


class PostMessage(Tagged, frozen=True, kw_only=True):
    """Say something in a thread and, with `run`, have an agent answer it: `agent_id`, or the server's default."""

    message_id: Annotated[MessageId, _ID]
    text: Annotated[str, _TEXT]
    thread_id: Annotated[ThreadId, _ID] = MAIN_THREAD
    context: MessageContext = MessageContext()
    run: bool = True
    model: str | None = None
    agent_id: Annotated[AgentId, _ID] | None = None
    mentions: Annotated[list[_PERSON], Meta(max_length=20)] = []
    """The ids of people whom it names, who are told."""
    join: bool = False
    """Whether the run that is under way in the thread is told it with its next step, instead of a run of its own."""


class CancelRun(Tagged, frozen=True, kw_only=True):
    """Stop a run at whatever stage it is, or take a queued one back."""

    run_id: Annotated[RunId, _ID]


class RetryRun(Tagged, frozen=True, kw_only=True):
    """Answer a finished run's message once more, as a new run; a run that waits for its model server tries at once."""

    run_id: Annotated[RunId, _ID]
    model: str | None = None
    agent_id: Annotated[AgentId, _ID] | None = None


class UndoCalls(Tagged, frozen=True, kw_only=True):
    """Say that one took back what these calls changed, in the notebook as one has it open, or cleared old outputs."""

    call_ids: Annotated[list[Annotated[CallId, _ID]], Meta(min_length=1, max_length=200)]
    outputs: OldOutputs = "kept"


class Rewind(Tagged, frozen=True, kw_only=True):
    """Go back to before the message `to`: the notebook, by a run that shows first what goes, the chat, or both.

    The chat alone goes back at once. `message_id` is that of the new message which asks for it.
    """

    message_id: Annotated[MessageId, _ID]
    to: Annotated[MessageId, _ID]
    notebook: bool = True
    conversation: bool = False


class UndoRewind(Tagged, frozen=True, kw_only=True):
    """Bring back what a rewind took from a chat."""

    thread_id: Annotated[ThreadId, _ID]
    rewind_id: Annotated[str, _ID]


class OpenConfirmation(Tagged, frozen=True, kw_only=True):
    """Ask everybody here for a decision."""

    confirmation_id: Annotated[ConfirmationId, _ID]
    title: Annotated[str, _TITLE]
    body: Annotated[str, _TEXT] = ""
    kind: Literal["question", "kernel"] = "kernel"
    thread_id: Annotated[ThreadId, _ID] = MAIN_THREAD
    options: Annotated[list[Option], Meta(max_length=12)] = []
    schema: JsonObject | None = None
    expires_in_s: Annotated[float, Meta(gt=0, le=30 * 86400)] | None = None
    not_opener: bool = False


class Decide(Tagged, frozen=True, kw_only=True):
    """Decide a confirmation; the first valid decision wins. With `grant`, an approval lets in calls like it, too."""

    confirmation_id: Annotated[ConfirmationId, _ID]
    args_hash: str
    option: str
    value: Any = None
    edited_args: JsonObject | None = None
    comment: Annotated[str, _COMMENT] = ""
    grant: Grant | None = None


class DecideAll(Tagged, frozen=True, kw_only=True):
    """Decide several confirmations at once, such as those of one answer: all that are still open, or none.

    For each the first valid decision wins: what somebody else has settled meanwhile is left as it is.
    """

    decisions: Annotated[list[Decide], Meta(min_length=1, max_length=50)]


class WithdrawConfirmation(Tagged, frozen=True, kw_only=True):
    """Take back a confirmation that one opened oneself."""

    confirmation_id: Annotated[ConfirmationId, _ID]
    reason: Annotated[str, _COMMENT] = ""


class ClaimCall(Tagged, frozen=True, kw_only=True):
    """Take an offered call for execution in this front end."""

    call_id: Annotated[CallId, _ID]
    fence: int


class RenewClaim(Tagged, frozen=True, kw_only=True):
    """Keep a claim alive; `started` says that the effect begins once this is acknowledged."""

    call_id: Annotated[CallId, _ID]
    fence: int
    started: bool = False


class ReleaseClaim(Tagged, frozen=True, kw_only=True):
    """Give a claimed call back before its effect began."""

    call_id: Annotated[CallId, _ID]
    fence: int


class ReportOutput(Tagged, frozen=True, kw_only=True):
    """Pass on output of a claimed call while it runs."""

    call_id: Annotated[CallId, _ID]
    fence: int
    output: Output


class ReportCall(Tagged, frozen=True, kw_only=True):
    """Report how a claimed call ended; `result` is a `OperationReport`."""

    call_id: Annotated[CallId, _ID]
    fence: int
    result: JsonObject


class AdmitGuest(Tagged, frozen=True, kw_only=True):
    """Let an agent from outside in, into a thread that is made for it where there is none with this id.

    `digest` is the SHA-256 of its token, in hex: the token itself is known to nobody but who made it.
    """

    guest_id: Annotated[GuestId, _ID]
    name: Annotated[str, Meta(min_length=1, max_length=60)]
    thread_id: Annotated[ThreadId, _ID]
    digest: Annotated[str, Meta(pattern=r"^[0-9a-f]{64}$")]
    scope: GuestScope = "propose"
    expires_in_s: Annotated[float, Meta(gt=0, le=365 * 86400)] = 30 * 86400


class RevokeGuest(Tagged, frozen=True, kw_only=True):
    """Let a guest in no more: its token is void at once, and what it has open is taken back."""

    guest_id: Annotated[GuestId, _ID]


class RequestCalls(Tagged, frozen=True, kw_only=True):
    """A guest's own command: calls that it asks for, decided by people as one answer of an agent."""

    request_id: Annotated[str, _ID]
    calls: Annotated[list[RequestedCall], Meta(min_length=1, max_length=50)]


class WithdrawRequest(Tagged, frozen=True, kw_only=True):
    """A guest's own command: take back what it asked for, as far as its effect has not begun."""

    request_id: Annotated[str, _ID]


class SeeMentions(Tagged, frozen=True, kw_only=True):
    """Say that one saw these messages, which name one."""

    message_ids: Annotated[list[Annotated[MessageId, _ID]], Meta(min_length=1, max_length=200)]


class ReportNotice(Tagged, frozen=True, kw_only=True):
    """Say that this page told one of something: by a notification in the page, or on the desktop."""

    kind: NoticeKind
    about: Annotated[str, _ID]
    channel: Literal["page", "desktop"]


Command = (
    # threads
    CreateThread | RenameThread | ArchiveThread | SetMode
    # rules
    | GrantRule | EndRule
    # messages and runs
    | PostMessage | CancelRun | RetryRun | UndoCalls | Rewind | UndoRewind
    # confirmations
    | OpenConfirmation | Decide | DecideAll | WithdrawConfirmation
    # calls executed by a front end
    | ClaimCall | RenewClaim | ReleaseClaim | ReportOutput | ReportCall
    # guests
    | AdmitGuest | RevokeGuest | RequestCalls | WithdrawRequest
    # being told
    | SeeMentions | ReportNotice
)  # fmt: skip
