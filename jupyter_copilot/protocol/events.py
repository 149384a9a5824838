"""Events: facts, past tense; the record's actor says whose."""

from __future__ import annotations

from typing import Any, Literal

from .actors import Actor
from .base import (
    AgentId,
    CallId,
    ClientId,
    CommandId,
    ConfirmationId,
    GuestId,
    MessageId,
    RuleId,
    RunId,
    Tagged,
    ThreadId,
    Value,
)
from .notices import BudgetAsk, NoticeKind
from .parts import (
    CallResult,
    ConfirmationKind,
    Effect,
    GuestScope,
    JsonObject,
    MessageContext,
    OldOutputs,
    Option,
    Output,
    PlanEntry,
    Policy,
    Preview,
    Problem,
    RequestedCall,
    RewindTo,
    ToldCell,
    Usage,
)
from .permissions import Circumstances, RuleEnd, RuleScope


class ThreadCreated(Tagged, frozen=True, kw_only=True):
    """A conversation was started."""

    thread_id: ThreadId
    title: str


class ThreadRenamed(Tagged, frozen=True, kw_only=True):
    """A thread has another title."""

    thread_id: ThreadId
    title: str


class ThreadArchived(Tagged, frozen=True, kw_only=True):
    """A thread was put away."""

    thread_id: ThreadId


class ThreadModeChanged(Tagged, frozen=True, kw_only=True):
    """What the agent may do in the thread without asking changed: until then (unix ms), or for one answer.

    `mode` is a `Mode`; one of a later version is taken for `ask`.
    """

    thread_id: ThreadId
    mode: str
    until: int | None = None
    one_answer: bool = False


class ThreadRewound(Tagged, frozen=True, kw_only=True):
    """A thread went back to before its item `since`: that one and those up to `through` are told no more."""

    thread_id: ThreadId
    rewind_id: str
    since: str
    through: str


class RewindUndone(Tagged, frozen=True, kw_only=True):
    """What a rewind took from a thread is back."""

    thread_id: ThreadId
    rewind_id: str


class ThreadSummarised(Tagged, frozen=True, kw_only=True):
    """Items of the thread up to and including `through` are told to the model as `text` from now on."""

    thread_id: ThreadId
    through: str
    text: str


class ThreadPruned(Tagged, frozen=True, kw_only=True):
    """The oldest `items` of the thread, as far as they are settled, leave the state: it is bounded in bytes.

    They stay in the log, and are read there.
    """

    thread_id: ThreadId
    items: int


class RuleGranted(Tagged, frozen=True, kw_only=True):
    """A person lets calls in without asking; the record's actor says who."""

    rule_id: RuleId
    scope: RuleScope
    agents: list[AgentId] = []
    run_id: RunId | None = None
    thread_id: ThreadId | None = None
    until: int | None = None
    uses: int | None = None
    definitions: dict[str, str] = {}


class RuleUsed(Tagged, frozen=True, kw_only=True):
    """A rule let a call in, which begins with the next record."""

    rule_id: RuleId
    call_id: CallId


class RuleEnded(Tagged, frozen=True, kw_only=True):
    """A rule lets nothing in any more. `about` names the tool that changed."""

    rule_id: RuleId
    reason: RuleEnd
    about: str = ""


class MessagePosted(Tagged, frozen=True, kw_only=True):
    """Somebody said something."""

    message_id: MessageId
    thread_id: ThreadId
    text: str
    context: MessageContext = MessageContext()
    mentions: list[str] = []
    """The ids of the people whom it names."""


class RunQueued(Tagged, frozen=True, kw_only=True):
    """A run of the agent `agent_id` (None: the server's default) waits for its turn in its thread.

    With `join`, its message goes to the run that is under way, if that takes another step before it is over.
    """

    run_id: RunId
    thread_id: ThreadId
    message_id: MessageId
    model: str | None = None
    agent_id: AgentId | None = None
    rewind: RewindTo | None = None
    join: bool = False


class RunJoined(Tagged, frozen=True, kw_only=True):
    """The message of a waiting run is told to the run `into` with its step `step`; that run answers it, too."""

    run_id: RunId
    into: RunId
    step: int


class RunStarted(Tagged, frozen=True, kw_only=True):
    """A server drives the run now, under this fence; again after a restart."""

    run_id: RunId
    fence: int
    model: str | None = None


class RunDelayed(Tagged, frozen=True, kw_only=True):
    """The run waits for the model server and tries again at `retry_at` (unix ms)."""

    run_id: RunId
    problem: Problem
    attempt: int
    of: int
    retry_at: int


class RunFinished(Tagged, frozen=True, kw_only=True):
    """The run ended; a `failed` one says why."""

    run_id: RunId
    outcome: Literal["success", "cancelled", "failed"]
    error: Problem | None = None
    usage: Usage = Usage()


class NotebookTold(Tagged, frozen=True, kw_only=True):
    """What the model is told of the notebook with the request of a run, word for word, and which cells that shows.

    It stays as it was told, whatever becomes of the notebook; told anew in the same run, it replaces what was told.
    `sources` name the instructions of the project that it follows: paths of files, or "this notebook".
    """

    run_id: RunId
    text: str
    cells: dict[str, ToldCell] = {}
    sources: list[str] = []


class CheckpointKept(Tagged, frozen=True, kw_only=True):
    """The notebook as it was before a run changed anything, stored under its digest beside the records.

    `content` is base64, and never recorded: it is set apart before.
    """

    run_id: RunId
    digest: str = ""
    bytes: int = 0
    content: str = ""


class StepStarted(Tagged, frozen=True, kw_only=True):
    """A model call began; its text arrives as the message `message_id`."""

    run_id: RunId
    step: int
    message_id: MessageId
    attempt: int = 1


class TextDelta(Tagged, frozen=True, kw_only=True):
    """The agent's answer goes on."""

    run_id: RunId
    step: int
    message_id: MessageId
    text: str
    attempt: int = 1


class ReasoningDelta(Tagged, frozen=True, kw_only=True):
    """The agent's reasoning goes on."""

    run_id: RunId
    step: int
    message_id: MessageId
    text: str
    attempt: int = 1


class StepFinished(Tagged, frozen=True, kw_only=True):
    """The model call ended and its message is whole; `extra` is echoed to the model server verbatim.

    `notes` tell people what the server could not do, such as taking tools or the whole prompt. So many characters
    (code points) as `thought` says, at the beginning of the text that came, turned out to be reasoning.
    """

    run_id: RunId
    step: int
    message_id: MessageId
    attempt: int = 1
    usage: Usage = Usage()
    finish_reason: str | None = None
    extra: JsonObject | None = None
    notes: list[Problem] = []
    thought: int = 0


class StepAborted(Tagged, frozen=True, kw_only=True):
    """The model call broke off: its text is struck, and another attempt or the end of the run follows."""

    run_id: RunId
    step: int
    message_id: MessageId
    reason: str
    attempt: int = 1


class CallProposed(Tagged, frozen=True, kw_only=True):
    """The agent wants to call a tool; `raw_args` is set when the model's arguments are no JSON object."""

    call_id: CallId
    run_id: RunId
    step: int
    message_id: MessageId
    tool: str
    args: JsonObject
    effect: Effect
    args_hash: str
    preview: Preview
    raw_args: str | None = None
    extra: JsonObject | None = None
    circumstances: Circumstances | None = None


class CallRevised(Tagged, frozen=True, kw_only=True):
    """What a call that waits for people would do is another thing now, as what it builds on changed.

    Its open confirmation shows this from now on, under the new `args_hash`; `body` stands in place of its own.
    """

    call_id: CallId
    args_hash: str
    preview: Preview
    body: str = ""
    circumstances: Circumstances | None = None


class CallStarted(Tagged, frozen=True, kw_only=True):
    """The effect of the call begins: the intent, committed before it; `adapter` says how it acts on the notebook.

    With `preview`, people changed what was proposed, and this is what is done.
    """

    call_id: CallId
    exec_id: str
    adapter: str
    args: JsonObject | None = None
    preview: Preview | None = None


class CallOutput(Tagged, frozen=True, kw_only=True):
    """Output of a running call."""

    call_id: CallId
    output: Output


class CallFinished(Tagged, frozen=True, kw_only=True):
    """The call ended, with a result or an error that the model is told."""

    call_id: CallId
    result: CallResult
    is_error: bool = False


class CallUndone(Tagged, frozen=True, kw_only=True):
    """A person took back what the call changed; again, when it was made anew meanwhile or its outputs were cleared."""

    call_id: CallId
    outputs: OldOutputs = "kept"


class CallInDoubt(Tagged, frozen=True, kw_only=True):
    """The call was begun and its result is unknown: it may have taken effect wholly, in part or not at all."""

    call_id: CallId
    message: str


class CallOffered(Tagged, frozen=True, kw_only=True):
    """A front end may claim this call until `until` (unix ms); `prefer` is the client that asked.

    `operation` is an `Operation` as JSON."""

    call_id: CallId
    fence: int
    operation: JsonObject
    until: int
    prefer: ClientId | None = None


class CallClaimed(Tagged, frozen=True, kw_only=True):
    """One front end holds the call until `until` (unix ms)."""

    call_id: CallId
    fence: int
    client_id: ClientId
    until: int
    started: bool = False


class CallLapsed(Tagged, frozen=True, kw_only=True):
    """The claim or the offer ended without a report."""

    call_id: CallId
    fence: int


class CallReported(Tagged, frozen=True, kw_only=True):
    """The front end reported how the operation ended; `result` is a `OperationReport`."""

    call_id: CallId
    fence: int
    result: JsonObject


class ConfirmationOpened(Tagged, frozen=True, kw_only=True):
    """People are asked to decide; `args_hash` names exactly what they see."""

    confirmation_id: ConfirmationId
    kind: ConfirmationKind
    thread_id: ThreadId
    title: str
    args_hash: str
    options: list[Option]
    body: str = ""
    call_id: CallId | None = None
    run_id: RunId | None = None
    schema: JsonObject | None = None
    policy: Policy = Policy()
    expires_at: int | None = None
    budget: BudgetAsk | None = None
    """Set when people are asked for more of a budget: the option `allow` adds to it."""


class ConfirmationDecided(Tagged, frozen=True, kw_only=True):
    """A person decided; the record's actor says who, from where, and how authenticated.

    With `rule_id`, they granted that rule while this waited, and it covers this.
    """

    confirmation_id: ConfirmationId
    args_hash: str
    option: str
    value: Any = None
    edited_args: JsonObject | None = None
    comment: str = ""
    rule_id: RuleId | None = None


class ConfirmationVoted(Tagged, frozen=True, kw_only=True):
    """One of several people who must agree approved it; the record's actor says who."""

    confirmation_id: ConfirmationId
    args_hash: str
    option: str
    comment: str = ""


class VoteWithdrawn(Tagged, frozen=True, kw_only=True):
    """The vote of the person with this id counts no longer."""

    confirmation_id: ConfirmationId
    person_id: str


class ConfirmationExpired(Tagged, frozen=True, kw_only=True):
    """Nobody decided in time; counts as a denial."""

    confirmation_id: ConfirmationId


class ConfirmationWithdrawn(Tagged, frozen=True, kw_only=True):
    """The confirmation was taken back."""

    confirmation_id: ConfirmationId
    reason: str = ""


class DecisionRefused(Tagged, frozen=True, kw_only=True):
    """Code in a kernel tried to decide, as only people may; the record's actor says in which kernel."""

    confirmation_id: ConfirmationId


class PlanUpdated(Tagged, frozen=True, kw_only=True):
    """What the agent of a run means to do, in whole: it replaces what it said before."""

    run_id: RunId
    entries: list[PlanEntry]


class AgentSessionStarted(Tagged, frozen=True, kw_only=True):
    """An agent that keeps a memory of its own answers a thread in this session from now on, in the mode `mode`.

    `begun` says what it remembers: `new`: nothing, as there was nothing; `resumed` or `loaded`: what it knew before;
    `afresh`: nothing but the transcript that it was told.
    """

    thread_id: ThreadId
    agent_id: AgentId
    session_id: str
    begun: Literal["new", "resumed", "loaded", "afresh"] = "new"
    version: str = ""
    mode: str = ""


class GuestAdmitted(Tagged, frozen=True, kw_only=True):
    """An agent from outside may come in until `expires_at` (unix ms); `digest` is the SHA-256 of its token."""

    guest_id: GuestId
    name: str
    thread_id: ThreadId
    digest: str
    scope: GuestScope
    expires_at: int


class GuestRevoked(Tagged, frozen=True, kw_only=True):
    """A guest may come in no more."""

    guest_id: GuestId


class CallsRequested(Tagged, frozen=True, kw_only=True):
    """A guest asked for calls: its run makes a step of them. `digest` tells one request from another."""

    request_id: str
    run_id: RunId
    digest: str
    calls: list[RequestedCall]


class RequestWithdrawn(Tagged, frozen=True, kw_only=True):
    """A guest took back what it asked for."""

    request_id: str
    run_id: RunId


class NoticeDelivered(Tagged, frozen=True, kw_only=True):
    """People were told: on this channel, at this attempt; `about` is the confirmation's or the message's id.

    `to` has the ids of those whom it was for; empty means whoever reads that channel.
    """

    notice_id: str
    kind: NoticeKind
    about: str
    channel: str
    to: list[str] = []
    attempts: int = 1


class NoticeFailed(Tagged, frozen=True, kw_only=True):
    """Telling people failed; it is tried again at `retry_at` (unix ms), or given up."""

    notice_id: str
    kind: NoticeKind
    about: str
    channel: str
    attempt: int
    reason: str
    to: list[str] = []
    retry_at: int | None = None


class MentionsSeen(Tagged, frozen=True, kw_only=True):
    """The record's actor saw these messages, which name them."""

    message_ids: list[MessageId]


class RunCharged(Tagged, frozen=True, kw_only=True):
    """A model call of a run was paid for: tokens, and money where the model has a price.

    `person_id` is who asked. With `own_key` they paid themselves, and no budget counts it.
    """

    run_id: RunId
    person_id: str
    model: str
    tokens: int
    money: float = 0.0
    own_key: bool = False


Event = (
    # threads
    ThreadCreated | ThreadRenamed | ThreadArchived | ThreadModeChanged | ThreadSummarised | ThreadPruned
    | ThreadRewound | RewindUndone
    # rules
    | RuleGranted | RuleUsed | RuleEnded
    # messages and runs
    | MessagePosted | RunQueued | RunJoined | RunStarted | RunDelayed | NotebookTold | CheckpointKept | RunFinished
    # steps
    | StepStarted | TextDelta | ReasoningDelta | StepFinished | StepAborted
    # calls
    | CallProposed | CallRevised | CallStarted | CallOutput | CallFinished | CallInDoubt | CallUndone
    # calls executed by a front end
    | CallOffered | CallClaimed | CallLapsed | CallReported
    # confirmations
    | ConfirmationOpened | ConfirmationVoted | VoteWithdrawn
    | ConfirmationDecided | ConfirmationExpired | ConfirmationWithdrawn | DecisionRefused
    # agents
    | PlanUpdated | AgentSessionStarted
    # guests
    | GuestAdmitted | GuestRevoked | CallsRequested | RequestWithdrawn
    # being told, and budgets
    | NoticeDelivered | NoticeFailed | MentionsSeen | RunCharged
)  # fmt: skip


class UnknownEvent:
    """An event of a later version: kept as it came, folded as a no-op."""

    __slots__ = ("body",)

    def __init__(self, body: JsonObject) -> None:
        self.body = body

    def __eq__(self, other: object) -> bool:
        return isinstance(other, UnknownEvent) and other.body == self.body

    def __hash__(self) -> int:
        return hash(str(self.body.get("type")))


class Record(Value, frozen=True, kw_only=True):
    """An event in the log: its place, the server's time in unix ms, its author, and the command that caused it."""

    seq: int
    at: int
    actor: Actor
    event: Event | UnknownEvent
    command_id: CommandId | None = None
