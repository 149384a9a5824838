"""The state of a room, as every participant folds it from the records.

Threads, runs, calls, messages and confirmations are unions whose variants carry only their own fields; the field
`status` names the variant. Variants are frozen: `apply` replaces an entry by its next variant and never edits one, so
that a reader may keep what it read. `RoomState` itself is the one mutable value, owned by whoever folds it.

The JSON of a `RoomState` is what `snapshot` carries. It is bounded: a thread keeps its latest items (`RETAINED_ITEMS`),
older ones are read from the records.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Literal

import msgspec
from msgspec import Struct

from ..protocol import (
    MAIN_THREAD,
    Actor,
    AgentId,
    CallId,
    CallResult,
    ClientId,
    ConfirmationId,
    ConfirmationKind,
    Effect,
    JsonObject,
    LogId,
    MessageContext,
    MessageId,
    Mode,
    OldOutputs,
    Option,
    Output,
    Policy,
    Preview,
    Problem,
    RunId,
    ThreadId,
    Usage,
)

STATE_VERSION = 1
"""Stored with a snapshot: another version's snapshot is folded anew from the records."""

RETAINED_ITEMS = 400
PRUNE_TO = 300
RETAINED_OUTPUTS = 200
MAX_THREADS = 200


class Entry(Struct, frozen=True, kw_only=True, tag_field="status"):
    """Base of every variant; its name stands in `status`."""


# Messages


class Posted(Entry, frozen=True, kw_only=True, tag="posted"):
    """A person's or a kernel's message; `run_ids` are the runs that answer it, oldest first."""

    message_id: MessageId
    thread_id: ThreadId
    author: Actor
    at: int
    text: str
    context: MessageContext
    run_ids: list[RunId] = []


class _Answer(Entry, frozen=True, kw_only=True):
    message_id: MessageId
    thread_id: ThreadId
    run_id: RunId
    step: int
    attempt: int
    at: int
    text: str = ""
    reasoning: str = ""


class Streaming(_Answer, frozen=True, kw_only=True, tag="streaming"):
    """An answer of the agent that is still growing."""

    first_text_at: int | None = None


class Complete(_Answer, frozen=True, kw_only=True, tag="complete"):
    """A whole answer of one model call."""

    finished_at: int
    first_text_at: int | None = None
    usage: Usage
    finish_reason: str | None = None
    extra: JsonObject | None = None
    notes: list[Problem] = []


class Struck(_Answer, frozen=True, kw_only=True, tag="struck"):
    """An answer that broke off; it is shown struck out and not told to the model."""

    finished_at: int
    reason: str


Message = Posted | Streaming | Complete | Struck

# Runs


class _Run(Entry, frozen=True, kw_only=True):
    run_id: RunId
    thread_id: ThreadId
    message_id: MessageId
    asked_by: Actor
    queued_at: int
    model: str | None = None
    agent_id: AgentId | None = None


class Queued(_Run, frozen=True, kw_only=True, tag="queued"):
    """Waits for the runs before it in its thread."""


class Delay(Struct, frozen=True, kw_only=True):
    """Why a run waits, and until when (unix ms)."""

    problem: Problem
    attempt: int
    of: int
    retry_at: int


class Running(_Run, frozen=True, kw_only=True, tag="running"):
    """Driven by the server that holds `fence`; `step` is the latest one; `delay` says that it waits to try again.

    `agent` is who answers, where it is not the copilot under its usual name.
    """

    started_at: int
    fence: int
    agent: Actor | None = None
    starts: int = 1
    step: int = 0
    attempt: int = 1
    usage: Usage = Usage()
    delay: Delay | None = None


class Finished(_Run, frozen=True, kw_only=True, tag="finished"):
    """Over."""

    finished_at: int
    outcome: Literal["success", "cancelled", "failed"]
    error: Problem | None = None
    usage: Usage = Usage()
    ended_by: Actor
    agent: Actor | None = None


Run = Queued | Running | Finished

# Calls


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

# Confirmations


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


class Expired(_Confirmation, frozen=True, kw_only=True, tag="expired"):
    """Nobody decided in time."""

    at: int


class Withdrawn(_Confirmation, frozen=True, kw_only=True, tag="withdrawn"):
    """Taken back."""

    by: Actor
    at: int
    reason: str = ""


Confirmation = Open | Decided | Expired | Withdrawn

# Threads and the room


ItemType = Literal["message", "call", "confirmation", "run", "summary"]


class Item(Struct, frozen=True, kw_only=True):
    """One entry of a thread's timeline: what it is, and its id."""

    type: ItemType
    id: str


class Summary(Struct, frozen=True, kw_only=True):
    """What the model is told instead of the items up to `through`."""

    through: str
    text: str
    at: int


class Thread(Struct, kw_only=True):
    """A conversation: its timeline in order of appearance; `dropped` counts older items that are not kept here."""

    thread_id: ThreadId
    title: str
    created_at: int
    created_by: Actor
    mode: Mode = "ask"
    archived: bool = False
    items: list[Item] = []
    dropped: int = 0
    summary: Summary | None = None
    active_run_id: RunId | None = None
    queue: list[RunId] = []


class RoomState(Struct, kw_only=True):
    """Everything that the records up to `seq` say."""

    log: LogId
    seq: int
    threads: dict[str, Thread]
    messages: dict[str, Message] = {}
    runs: dict[str, Run] = {}
    calls: dict[str, Call] = {}
    confirmations: dict[str, Confirmation] = {}
    usage: Usage = Usage()


_SYSTEM = Actor(kind="server", id="server", name="Server")


def initial(log: LogId) -> RoomState:
    """The state before the first record: an empty room with the thread `main`."""
    main = Thread(thread_id=MAIN_THREAD, title="Main", created_at=0, created_by=_SYSTEM)
    return RoomState(log=log, seq=0, threads={MAIN_THREAD: main})


_state_decoder = msgspec.json.Decoder(RoomState)


def decode_state(data: bytes | msgspec.Raw) -> RoomState:
    """Read a snapshot's state. Raises `msgspec.DecodeError`."""
    return _state_decoder.decode(data)


# Selectors: what is derived is never stored


def active_run(state: RoomState, thread_id: ThreadId) -> Running | None:
    """The run that is driven in this thread now."""
    thread = state.threads.get(thread_id)
    run = state.runs.get(thread.active_run_id) if thread and thread.active_run_id else None
    return run if isinstance(run, Running) else None


def open_confirmations(state: RoomState) -> Iterator[Open]:
    """Every confirmation that waits for a person, oldest first."""
    return (c for c in state.confirmations.values() if isinstance(c, Open))


def run_calls(state: RoomState, run_id: RunId) -> Iterator[Call]:
    """The calls of a run, in the order in which they were proposed."""
    return (c for c in state.calls.values() if c.run_id == run_id)


def run_is_parked(state: RoomState, run_id: RunId) -> bool:
    """Whether the run waits for people."""
    return any(c.run_id == run_id for c in open_confirmations(state))
