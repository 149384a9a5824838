"""The vocabulary of the wire and of the log: ids, actors, commands, events, records and frames.

Everything here is a frozen value. Wire names are the class names in snake_case, carried in the field `type`; they are
permanent. Fields may be added with a default, never removed or given another meaning. Unknown fields are ignored, and
an event with an unknown name decodes to `UnknownEvent`, which folds as a no-op.

The TypeScript types, the JSON Schema and the tables of `docs/protocol.md` are generated from this module.
"""

from __future__ import annotations

import re
from typing import Annotated, Any, Literal, NewType, cast, get_args

import msgspec
from msgspec import Meta, Struct

from .errors import RejectCode, Rejected, Retry

PROTOCOL_VERSION = 1

# Limits that are published in `welcome` and enforced by the session and the room.
MAX_FRAME_BYTES = 1 << 20
MAX_ARGS_BYTES = 256 << 10
MAX_TEXT_CHARS = 100_000
COMMANDS_PER_S = 20
COMMAND_BURST = 40
SESSIONS_PER_ROOM = 200

RoomId = NewType("RoomId", str)
LogId = NewType("LogId", str)
ClientId = NewType("ClientId", str)
CommandId = NewType("CommandId", str)
ThreadId = NewType("ThreadId", str)
MessageId = NewType("MessageId", str)
RunId = NewType("RunId", str)
CallId = NewType("CallId", str)
ConfirmationId = NewType("ConfirmationId", str)

MAIN_THREAD = ThreadId("main")

_ID = Meta(min_length=1, max_length=160, pattern=r"^[A-Za-z0-9._:\-]+$")
_TITLE = Meta(min_length=1, max_length=200)
_TEXT = Meta(max_length=MAX_TEXT_CHARS)
_COMMENT = Meta(max_length=4000)


def _snake(name: str) -> str:
    return re.sub(r"(?<!^)(?=[A-Z])", "_", name).lower()


class Tagged(Struct, frozen=True, kw_only=True, tag_field="type", tag=_snake):
    """Base of every value that says its name in `type`."""


class Value(Struct, frozen=True, kw_only=True):
    """Base of every value whose kind is plain from where it stands."""


# ---------------------------------------------------------------------------------------------------------------------
# People, kernels, the agent

ActorKind = Literal["person", "kernel", "agent", "server"]
Surface = Literal["lab", "notebook", "panel", "kernel", "cli", "client", "rest", "agent", "server"]
Right = Literal["read", "write", "execute", "decide"]


class Actor(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Who a record comes from, as the server knows it; `auth` says how a person was authenticated.

    `client_id` is the tab or process that it came through, so that a call can prefer the tab that asked.
    """

    kind: ActorKind
    id: str
    name: str
    surface: Surface | None = None
    client_id: ClientId | None = None
    auth: Literal["browser", "token", "kernel"] | None = None


AGENT = Actor(kind="agent", id="copilot", name="Copilot")
SERVER = Actor(kind="server", id="server", name="Server")


class Participant(Value, frozen=True, kw_only=True):
    """One connected session as others see it; several may belong to one person."""

    client_id: ClientId
    kind: ActorKind
    id: str
    name: str
    surface: Surface
    color: str | None = None
    initials: str | None = None
    thread_id: ThreadId | None = None
    typing: bool = False
    reviewing: ConfirmationId | None = None
    document: Literal["open", "dirty"] | None = None
    focused: bool = False


# ---------------------------------------------------------------------------------------------------------------------
# Parts of messages, calls and confirmations


class CellRef(Value, frozen=True, kw_only=True):
    """A cell that a message speaks of, with its source as the sender saw it."""

    cell_id: str
    source: str | None = None


class Selection(Value, frozen=True, kw_only=True):
    """Text that the sender had selected in a cell."""

    cell_id: str
    text: str


class Image(Value, frozen=True, kw_only=True):
    """A picture as base64 `data` of the MIME type `mime`."""

    mime: str
    data: str
    name: str = ""


class MessageContext(Value, frozen=True, kw_only=True):
    """What the sender attached to a message."""

    active_cell_id: str | None = None
    cells: list[CellRef] = []
    selection: Selection | None = None
    files: list[str] = []
    variables: list[str] = []
    images: list[Image] = []


class Usage(Value, frozen=True, kw_only=True):
    """Tokens of model calls; `prefix` counts the prompt tokens that were an unchanged prefix of the call before."""

    prompt: int = 0
    cached: int = 0
    completion: int = 0
    reasoning: int = 0
    prefix: int = 0


class Problem(Value, frozen=True, kw_only=True):
    """Something that went wrong: a code, a sentence for a person, and what to do next."""

    code: str
    message: str
    hint: str = ""


Effect = Literal["read", "edit", "execute"]
CellAction = Literal["insert", "edit", "delete", "move", "retype", "run"]


class CellDiff(Value, frozen=True, kw_only=True):
    """What a call will do to one cell; `before` and `after` are sources, None where there is none.

    `above` is the cell that stands before one which is deleted or moved (None: it is the first), `type_before` the
    type of one which is retyped: with them, all but the outputs of a deleted cell can be put back.
    """

    action: CellAction
    cell_id: str
    cell_type: Literal["code", "markdown", "raw"] = "code"
    label: str = ""
    before: str | None = None
    after: str | None = None
    above: str | None = None
    type_before: Literal["code", "markdown", "raw"] | None = None


class Preview(Value, frozen=True, kw_only=True):
    """What people see before they decide: one line, and the cells or the code concerned."""

    title: str
    cells: list[CellDiff] = []
    code: str | None = None
    language: str = "python"


class Output(Value, frozen=True, kw_only=True):
    """A piece of a running call's output: text of a stream, an image, or an error's traceback."""

    kind: Literal["stdout", "stderr", "result", "error", "image", "clear"]
    text: str = ""
    image: Image | None = None
    cell_id: str | None = None


class CallResult(Value, frozen=True, kw_only=True):
    """What a call returned: text for the model and for people, images, and what changed."""

    text: str
    images: list[Image] = []
    cells: list[str] = []


class Option(Value, frozen=True, kw_only=True):
    """One choice of a confirmation."""

    id: Annotated[str, _ID]
    label: Annotated[str, _TITLE]
    style: Literal["primary", "danger", "plain"] = "plain"


ConfirmationKind = Literal["tool_call", "question", "kernel"]
APPROVE, DENY, ANSWER, SKIP = "approve", "deny", "answer", "skip"


class Policy(Value, frozen=True, kw_only=True):
    """Who may decide a confirmation: a person with this right, and not its own opener when `not_opener`."""

    right: Right = "write"
    not_opener: bool = False


Mode = Literal["ask", "auto_edit"]
JsonObject = dict[str, Any]

# ---------------------------------------------------------------------------------------------------------------------
# Commands: imperative, may be rejected


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
    """Choose what the agent may do in a thread without asking."""

    thread_id: Annotated[ThreadId, _ID]
    mode: Mode


class PostMessage(Tagged, frozen=True, kw_only=True):
    """Say something in a thread and, with `run`, have the agent answer it."""

    message_id: Annotated[MessageId, _ID]
    text: Annotated[str, _TEXT]
    thread_id: Annotated[ThreadId, _ID] = MAIN_THREAD
    context: MessageContext = MessageContext()
    run: bool = True
    model: str | None = None


class CancelRun(Tagged, frozen=True, kw_only=True):
    """Stop a run at whatever stage it is, or take a queued one back."""

    run_id: Annotated[RunId, _ID]


class RetryRun(Tagged, frozen=True, kw_only=True):
    """Answer a finished run's message once more, as a new run; a run that waits for its model server tries at once."""

    run_id: Annotated[RunId, _ID]
    model: str | None = None


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
    """Decide a confirmation; the first valid decision wins."""

    confirmation_id: Annotated[ConfirmationId, _ID]
    args_hash: str
    option: str
    value: Any = None
    edited_args: JsonObject | None = None
    comment: Annotated[str, _COMMENT] = ""


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
    """Report how a claimed call ended; `result` is the port operation's outcome."""

    call_id: Annotated[CallId, _ID]
    fence: int
    result: JsonObject


Command = (
    # threads
    CreateThread | RenameThread | ArchiveThread | SetMode
    # messages and runs
    | PostMessage | CancelRun | RetryRun
    # confirmations
    | OpenConfirmation | Decide | WithdrawConfirmation
    # calls executed by a front end
    | ClaimCall | RenewClaim | ReleaseClaim | ReportOutput | ReportCall
)  # fmt: skip

# ---------------------------------------------------------------------------------------------------------------------
# Events: facts, past tense; the record's actor says whose


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
    """What the agent may do in the thread without asking changed."""

    thread_id: ThreadId
    mode: Mode


class ThreadSummarised(Tagged, frozen=True, kw_only=True):
    """Items of the thread up to and including `through` are told to the model as `text` from now on."""

    thread_id: ThreadId
    through: str
    text: str


class MessagePosted(Tagged, frozen=True, kw_only=True):
    """Somebody said something."""

    message_id: MessageId
    thread_id: ThreadId
    text: str
    context: MessageContext = MessageContext()


class RunQueued(Tagged, frozen=True, kw_only=True):
    """A run waits for its turn in its thread."""

    run_id: RunId
    thread_id: ThreadId
    message_id: MessageId
    model: str | None = None


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

    `notes` tell people what the server could not do, such as taking tools or the whole prompt.
    """

    run_id: RunId
    step: int
    message_id: MessageId
    attempt: int = 1
    usage: Usage = Usage()
    finish_reason: str | None = None
    extra: JsonObject | None = None
    notes: list[Problem] = []


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


class CallStarted(Tagged, frozen=True, kw_only=True):
    """The effect of the call begins: the intent, committed before it; `adapter` says how it acts on the notebook."""

    call_id: CallId
    exec_id: str
    adapter: str
    args: JsonObject | None = None


class CallOutput(Tagged, frozen=True, kw_only=True):
    """Output of a running call."""

    call_id: CallId
    output: Output


class CallFinished(Tagged, frozen=True, kw_only=True):
    """The call ended, with a result or an error that the model is told."""

    call_id: CallId
    result: CallResult
    is_error: bool = False


class CallInDoubt(Tagged, frozen=True, kw_only=True):
    """The call was begun and its result is unknown: it may have taken effect wholly, in part or not at all."""

    call_id: CallId
    message: str


class CallOffered(Tagged, frozen=True, kw_only=True):
    """A front end may claim this call until `until` (unix ms); `prefer` is the client that asked."""

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
    """The front end reported how the operation ended."""

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


class ConfirmationDecided(Tagged, frozen=True, kw_only=True):
    """A person decided; the record's actor says who, from where, and how authenticated."""

    confirmation_id: ConfirmationId
    args_hash: str
    option: str
    value: Any = None
    edited_args: JsonObject | None = None
    comment: str = ""


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


Event = (
    # threads
    ThreadCreated | ThreadRenamed | ThreadArchived | ThreadModeChanged | ThreadSummarised
    # messages and runs
    | MessagePosted | RunQueued | RunStarted | RunDelayed | RunFinished
    # steps
    | StepStarted | TextDelta | ReasoningDelta | StepFinished | StepAborted
    # calls
    | CallProposed | CallStarted | CallOutput | CallFinished | CallInDoubt
    # calls executed by a front end
    | CallOffered | CallClaimed | CallLapsed | CallReported
    # confirmations
    | ConfirmationOpened | ConfirmationDecided | ConfirmationExpired | ConfirmationWithdrawn | DecisionRefused
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


# ---------------------------------------------------------------------------------------------------------------------
# Frames


class Cursor(Value, frozen=True, kw_only=True):
    """The last record that a client folded, and the log that it belongs to."""

    log: LogId
    seq: int


class Hello(Tagged, frozen=True, kw_only=True):
    """The first frame of a client."""

    protocol: int
    client_id: Annotated[ClientId, _ID]
    surface: Literal["lab", "notebook", "panel", "kernel", "cli", "client"] = "client"
    cursor: Cursor | None = None


class CommandFrame(Tagged, frozen=True, kw_only=True, tag="command"):
    """A command under an id that makes resending it harmless."""

    command_id: Annotated[CommandId, _ID]
    command: Command


class CommandBody(Value, frozen=True, kw_only=True):
    """The body of `POST …/commands`: what a `command` frame carries."""

    command_id: Annotated[CommandId, _ID]
    command: Command


class ClientPresence(Tagged, frozen=True, kw_only=True, tag="presence"):
    """Replaces what others see of this client."""

    thread_id: ThreadId | None = None
    typing: bool = False
    reviewing: ConfirmationId | None = None
    document: Literal["open", "dirty"] | None = None
    focused: bool = False


class ReadReply(Tagged, frozen=True, kw_only=True):
    """Answers `read_request`: the notebook as this tab shows it, in nbformat's JSON, or why not."""

    request_id: str
    notebook: JsonObject | None = None
    error: str | None = None


ClientFrame = Hello | CommandFrame | ClientPresence | ReadReply


class You(Value, frozen=True, kw_only=True):
    """Who the server takes this client for, and what it may do."""

    id: str
    name: str
    kind: ActorKind
    can: list[Right]
    color: str | None = None
    initials: str | None = None


class Limits(Value, frozen=True, kw_only=True):
    """The limits that the server enforces."""

    frame_bytes: int = MAX_FRAME_BYTES
    args_bytes: int = MAX_ARGS_BYTES
    text_chars: int = MAX_TEXT_CHARS
    commands_per_s: int = COMMANDS_PER_S
    command_burst: int = COMMAND_BURST
    sessions: int = SESSIONS_PER_ROOM


class Welcome(Tagged, frozen=True, kw_only=True):
    """Answers `hello`; a snapshot or the missing records follow, then `live`."""

    protocol: int
    log: LogId
    head: int
    floor: int
    you: You
    limits: Limits
    path: str
    server: str
    now: int


class Snapshot(Tagged, frozen=True, kw_only=True):
    """The room's whole state after the record `seq`; replaces whatever the client folded."""

    seq: int
    log: LogId
    state: msgspec.Raw


class Live(Tagged, frozen=True, kw_only=True):
    """The client has everything up to `seq`; what follows is live."""

    seq: int


class Records(Tagged, frozen=True, kw_only=True):
    """The records from `first` to the last one's seq, without a gap.

    For a slow client adjacent deltas may be merged: then seqs skip inside the frame, and the frame still covers all.
    """

    first: int
    records: list[Record]


class Ack(Tagged, frozen=True, kw_only=True):
    """The command was committed; its last record is `seq`, which this socket has already got."""

    command_id: CommandId
    seq: int


class Reject(Tagged, frozen=True, kw_only=True):
    """The command or frame was refused and nothing was written."""

    command_id: CommandId | None
    code: RejectCode
    message: str
    retry: Retry
    details: JsonObject = {}
    hint: str = ""


class PresenceFrame(Tagged, frozen=True, kw_only=True, tag="presence"):
    """Everybody who is here now."""

    participants: list[Participant]


class Heartbeat(Tagged, frozen=True, kw_only=True):
    """The connection is alive."""

    now: int


class ReadRequest(Tagged, frozen=True, kw_only=True):
    """Asks a tab for the notebook as it shows it, unsaved changes included."""

    request_id: str


class PathChanged(Tagged, frozen=True, kw_only=True):
    """The notebook was renamed or moved; the room and this connection go on."""

    path: str


class Notice(Tagged, frozen=True, kw_only=True):
    """Something about the server that people here should know."""

    problem: Problem


class Closing(Tagged, frozen=True, kw_only=True):
    """The server closes this connection; `code` is the close code too."""

    code: int
    reason: str
    retry: Retry


ServerFrame = (
    Welcome | Snapshot | Live | Records | Ack | Reject
    | PresenceFrame | Heartbeat | ReadRequest | PathChanged | Notice | Closing
)  # fmt: skip

# Close codes tell a client what to do: 40xx never reconnect, 41xx authenticate again, 42xx reconnect after a while.
CLOSE_BAD_FRAME = 4000
CLOSE_FORBIDDEN = 4001
CLOSE_NOT_FOUND = 4004
CLOSE_PROTOCOL = 4010
CLOSE_REAUTH = 4100
CLOSE_DRAINING = 4200
CLOSE_ROOM_FULL = 4205
CLOSE_RATE_LIMITED = 4290
CLOSE_SLOW = 4291
CLOSE_STORE = 4250


def retry_for(close_code: int) -> Retry:
    """What a client does after a close with this code; codes outside our ranges mean a lost network."""
    if 4000 <= close_code < 4100:
        return "never"
    if 4100 <= close_code < 4200:
        return "reauth"
    return "after"


# ---------------------------------------------------------------------------------------------------------------------
# Encode and decode


class _RawRecord(Value, frozen=True, kw_only=True):
    seq: int
    at: int
    actor: Actor
    event: msgspec.Raw
    command_id: CommandId | None = None


def _enc_hook(value: object) -> object:
    if isinstance(value, UnknownEvent):
        return value.body
    raise NotImplementedError(type(value).__name__)


_encoder = msgspec.json.Encoder(enc_hook=_enc_hook)
_client_frame: msgspec.json.Decoder[ClientFrame] = msgspec.json.Decoder(ClientFrame)
_command_body: msgspec.json.Decoder[CommandBody] = msgspec.json.Decoder(CommandBody)
_event: msgspec.json.Decoder[Event] = msgspec.json.Decoder(Event)
_raw_record = msgspec.json.Decoder(_RawRecord)
_body = msgspec.json.Decoder(JsonObject)
_EVENT_NAMES = frozenset(str(e.__struct_config__.tag) for e in get_args(Event))


def encode(value: object) -> bytes:
    """The JSON of a frame, record, event, command or state, in UTF-8."""
    return _encoder.encode(value)


def decode_client_frame(data: bytes | str) -> ClientFrame:
    """Read a client's frame.

    Raises `Rejected` with `bad_frame`, or `unknown_command` for a command with a name that this version lacks.
    """
    try:
        return _client_frame.decode(data)
    except (msgspec.DecodeError, UnicodeError, RecursionError) as error:
        raise _rejected(error) from None


def decode_command_body(data: bytes | str) -> CommandBody:
    """Read the body of a command over REST. Raises `Rejected` as `decode_client_frame` does."""
    try:
        return _command_body.decode(data)
    except (msgspec.DecodeError, UnicodeError, RecursionError) as error:
        raise _rejected(error) from None


def _rejected(error: Exception) -> Rejected:
    if isinstance(error, RecursionError):
        return Rejected("bad_frame", "The frame is nested too deeply.")
    if "Invalid value" in str(error) and "$.command.type" in str(error):
        return Rejected("unknown_command", "This server does not know that command.", hint="Update one of the two.")
    return Rejected("bad_frame", f"The frame could not be read: {error}.")


def decode_event(data: bytes | str | msgspec.Raw) -> Event | UnknownEvent:
    """Read an event; one with an unknown name becomes an `UnknownEvent`. Raises `msgspec.DecodeError`."""
    try:
        return _event.decode(data)
    except msgspec.ValidationError:
        body = _body.decode(data)
        if body.get("type") in _EVENT_NAMES:
            raise
        return UnknownEvent(body)


def decode_record(data: bytes | str | msgspec.Raw) -> Record:
    """Read a record, unknown events included. Raises `msgspec.DecodeError`."""
    raw = _raw_record.decode(data)
    return Record(seq=raw.seq, at=raw.at, actor=raw.actor, event=decode_event(raw.event), command_id=raw.command_id)


class _RawRecords(Tagged, frozen=True, kw_only=True, tag="records"):
    first: int
    records: list[msgspec.Raw]


_server_frame = msgspec.json.Decoder(
    Welcome
    | Snapshot
    | Live
    | _RawRecords
    | Ack
    | Reject
    | PresenceFrame
    | Heartbeat
    | ReadRequest
    | PathChanged
    | Notice
    | Closing
)


def decode_server_frame(data: bytes | str) -> ServerFrame | None:
    """Read a server's frame; None for a frame with a name that this version lacks. Raises `msgspec.DecodeError`."""
    try:
        frame = _server_frame.decode(data)
    except msgspec.ValidationError:
        if _body.decode(data).get("type") in _SERVER_FRAME_NAMES:
            raise
        return None
    if isinstance(frame, _RawRecords):
        return Records(first=frame.first, records=[decode_record(raw) for raw in frame.records])
    return cast(ServerFrame, frame)


_SERVER_FRAME_NAMES = frozenset(str(f.__struct_config__.tag) for f in get_args(ServerFrame))
