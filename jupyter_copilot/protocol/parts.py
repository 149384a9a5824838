"""Parts of messages, calls and confirmations."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from msgspec import Meta

from .actors import Right
from .base import _ID, _TITLE, MessageId, Value

JsonObject = dict[str, Any]


class CellRef(Value, frozen=True, kw_only=True):
    """A cell that a message speaks of, with its source as the sender saw it."""

    cell_id: str
    source: str | None = None


class Selection(Value, frozen=True, kw_only=True):
    """Text that the sender had selected in a cell."""

    cell_id: str
    text: str


class Image(Value, frozen=True, kw_only=True):
    """A picture of the MIME type `mime`: as base64 `data`, or by its `digest` (SHA-256, hex) and its size in `bytes`.

    Whoever posts one sends `data`. Records and state name larger ones by their digest, and
    `GET …/pictures/<digest>` answers them; without either, it cannot be shown.
    """

    mime: str
    data: str = ""
    name: str = ""
    digest: Annotated[str, Meta(pattern="^([0-9a-f]{64})?$")] = ""
    bytes: int = 0


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

    `above` is the cell that stands before one which is deleted or moved (None: it is the first), `above_after` the one
    that stands before it once it is moved or inserted, `type_before` the type of one which is retyped: with them
    everything can be put back, but for the outputs, attachments and tags of a cell that is deleted or retyped.
    """

    action: CellAction
    cell_id: str
    cell_type: Literal["code", "markdown", "raw"] = "code"
    label: str = ""
    before: str | None = None
    after: str | None = None
    above: str | None = None
    above_after: str | None = None
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


class ToldCell(Value, frozen=True, kw_only=True):
    """A cell as the model was told it: its version, the number of its last run, a digest of its outputs, and a note.

    Where only a run was told, the version is empty: the one told before still holds.
    """

    version: str = ""
    run: int | None = None
    outputs: str = ""
    note: str = ""


class CallResult(Value, frozen=True, kw_only=True):
    """What a call returned: text for the model and for people, images, and what changed.

    `broke_off` says that it did not come to a good end, as code raised an error or was stopped: what follows it in the
    same answer is not begun. `marked` says that the text itself marks what nobody vouches for, and `told` which cells
    it shows.
    """

    text: str
    images: list[Image] = []
    cells: list[str] = []
    broke_off: bool = False
    marked: bool = False
    told: dict[str, ToldCell] = {}


class Option(Value, frozen=True, kw_only=True):
    """One choice of a confirmation."""

    id: Annotated[str, _ID]
    label: Annotated[str, _TITLE]
    style: Literal["primary", "danger", "plain"] = "plain"


ConfirmationKind = Literal["tool_call", "question", "kernel"]
APPROVE, DENY, ANSWER, SKIP = "approve", "deny", "answer", "skip"
ALLOW, STOP = "allow", "stop"
"""The options of who is asked for more of a budget."""


class Policy(Value, frozen=True, kw_only=True):
    """Who may decide a confirmation: a person with this right, and not its own opener when `not_opener`.

    So many as `needed` must approve, one at least, each once; one who refuses decides alone. With `people` or `groups`
    only those count, with `not_asker` never who asked for it; from `escalate_at` (unix ms) on also `escalate_to`.
    """

    right: Right = "write"
    not_opener: bool = False
    needed: int = 0
    people: list[str] = []
    groups: list[str] = []
    not_asker: bool = False
    escalate_at: int | None = None
    escalate_to: list[str] = []


class PlanEntry(Value, frozen=True, kw_only=True):
    """Something that an agent means to do; `status` is `pending`, `in_progress` or `completed`."""

    content: str
    status: str = "pending"
    priority: str = ""


GuestScope = Literal["read", "propose"]
"""What a guest may do: look only, or propose as well. It never decides."""


class RequestedCall(Value, frozen=True, kw_only=True):
    """A call of a tool that a guest asks for."""

    tool: Annotated[str, _TITLE]
    args: JsonObject = {}


class RewindTo(Value, frozen=True, kw_only=True):
    """Where a run leads back to: before this message; with `conversation`, the chat goes back with the notebook."""

    message_id: MessageId
    conversation: bool = False


Mode = Literal["plan", "ask", "auto_edit", "auto"]
"""What the agent may do without asking: nothing but read; read; edit too; run too."""
OldOutputs = Literal["kept", "cleared"]
"""What became of the outputs of code that was taken back."""
