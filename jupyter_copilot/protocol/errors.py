"""The errors of the package, as one small tree.

::

    CopilotError                 code, message for a person, hint: what to do next
    ├── Rejected                 a command or frame was refused; carries `retry` and `details`
    ├── Gap                      a record does not follow the last one applied
    ├── StoreError               the event log could not do what was asked
    │   ├── AppendConflict       somebody else appended first: read, apply, decide again
    │   ├── LeaseLost            a newer fence exists: stop driving
    │   ├── StoreUnavailable     disk full, locked, or not writable
    │   └── StoreCorrupt         damaged rows or file
    ├── NotebookError            the notebook could not be read, changed or run
    │   ├── StaleCells           a cell is not as the caller last read it
    │   ├── CellNotFound         no cell has this id
    │   ├── NotebookMissing      there is no such notebook
    │   ├── KernelError          no kernel, or it died or was restarted
    │   └── InDoubt              begun, and nobody knows how it ended
    ├── ModelError               the model server failed; carries `retryable` and `retry_after_s`
    │   └── StreamTruncated      the stream ended before the answer did
    ├── ToolError                a tool refused its arguments or failed; the model is told
    ├── ConnectionLost           a client's connection ended and will not come back by itself
    └── NotConfirmed             code in a kernel asked people, and was not told to go on
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal

if TYPE_CHECKING:
    from .parts import ToldCell

Retry = Literal["never", "after", "reauth", "resync"]
"""What a client does by itself with a refused command, or after the end of a connection; no list of codes is needed.

- `never`: nothing. The command stays refused, and the person is told.
- `after`: nothing is wrong with the command. The client keeps it and sends it again, under its id, after a pause:
  `details.retry_after_ms` where that is given, and its own growing one at least.
- `reauth`: the server no longer knows who this is. The client keeps the command; it is sent again once the same person
  has signed in.
- `resync`: what the command was made on is not what the server has. The client takes the whole room anew; the command
  stays refused, and the person, who is told, decides on what is there.
"""

RejectCode = Literal[
    "bad_frame",
    "out_of_order",
    "unsupported_protocol",
    "unknown_command",
    "too_large",
    "rate_limited",
    "unauthenticated",
    "forbidden",
    "not_found",
    "already_exists",
    "already_decided",
    "expired",
    "withdrawn",
    "stale",
    "invalid_option",
    "invalid_value",
    "invalid_args",
    "thread_archived",
    "run_finished",
    "run_not_finished",
    "not_claimable",
    "stale_fence",
    "limit_reached",
    "room_full",
    "draining",
    "store_unavailable",
    "internal",
]


class CopilotError(Exception):
    """Base of every error that this package raises on purpose."""

    code: str = "internal"

    def __init__(self, message: str, *, hint: str = "", code: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint
        if code is not None:
            self.code = code

    def __str__(self) -> str:
        return f"{self.message} {self.hint}".strip()

    @property
    def told(self) -> str:
        """The error of a tool: what went wrong in the first line, which people see; then what the model can do."""
        return f"{self.message}\n{self.hint}".strip()


class Rejected(CopilotError):
    """A command or frame was refused, and nothing was written.

    `retry` says what a client does, whatever the code is; see `Retry`.
    """

    def __init__(
        self,
        code: RejectCode,
        message: str,
        *,
        retry: Retry = "never",
        details: dict[str, Any] | None = None,
        hint: str = "",
    ) -> None:
        super().__init__(message, hint=hint, code=code)
        self.retry: Retry = retry
        self.details: dict[str, Any] = details or {}


class Gap(CopilotError):
    """A record's seq is not the one after the last applied."""

    code = "gap"

    def __init__(self, expected: int, got: int) -> None:
        super().__init__(f"Expected record {expected}, got {got}.", hint="Ask the room for a resync.")
        self.expected = expected
        self.got = got


class StoreError(CopilotError):
    """The event log could not do what was asked."""

    code = "store_unavailable"


class AppendConflict(StoreError):
    """The head is not the one that the caller decided on; nothing was written."""

    code = "append_conflict"

    def __init__(self, expected: int, head: int) -> None:
        super().__init__(f"Expected head {expected}, found {head}.")
        self.expected = expected
        self.head = head


class LeaseLost(StoreError):
    """Another process holds the lease with a higher fence; nothing was written."""

    code = "lease_lost"


class StoreUnavailable(StoreError):
    """The store cannot be written now: the disk is full, or the file is locked or read-only."""


class StoreCorrupt(StoreError):
    """The store holds damaged or missing rows."""

    code = "store_corrupt"


class NotebookError(CopilotError):
    """The notebook could not be read, changed or run."""

    code = "notebook"


class StaleCells(NotebookError):
    """A cell changed since the caller read it; nothing was changed.

    `cells` maps each changed cell's id to its present version, or to None when it is gone.
    """

    code = "stale"

    def __init__(self, cells: dict[str, str | None]) -> None:
        names = ", ".join(cells)
        super().__init__(
            f"Changed since it was read: {names}.", hint="Read these cells again, then propose the change anew."
        )
        self.cells = cells


class CellLocked(NotebookError):
    """People keep this cell from copilots, or from being changed by them; nothing was done."""

    code = "locked"

    def __init__(self, cell_id: str, lock: str) -> None:
        said = "locked for copilots" if lock == "locked" else "read-only for copilots"
        super().__init__(
            f"Cell {cell_id!r} is {said}.",
            hint="Leave it as it is, or ask people, who set it in its metadata or tags.",
        )
        self.cell_id = cell_id


class CellNotFound(NotebookError):
    """No cell of the notebook has this id."""

    code = "cell_not_found"

    def __init__(self, cell_id: str) -> None:
        super().__init__(f"There is no cell {cell_id!r}.", hint="Call read_notebook to see the cells and their ids.")
        self.cell_id = cell_id


class NotebookMissing(NotebookError):
    """There is no notebook at this path."""

    code = "notebook_missing"


class KernelError(NotebookError):
    """The notebook has no usable kernel, or the kernel died or was restarted."""

    code = "kernel"


class InDoubt(NotebookError):
    """The effect was begun and its end is unknown: it may have happened wholly, in part or not at all."""

    code = "in_doubt"


class ModelError(CopilotError):
    """The model server refused or failed.

    `retry_after_s` is the server's own wish in seconds, and `limit_tokens` the length that it says it can read, when
    it gave one.
    """

    code = "model"

    def __init__(
        self,
        message: str,
        *,
        code: str = "model",
        hint: str = "",
        retryable: bool = False,
        retry_after_s: float | None = None,
        limit_tokens: int | None = None,
    ) -> None:
        super().__init__(message, hint=hint, code=code)
        self.retryable = retryable
        self.retry_after_s = retry_after_s
        self.limit_tokens = limit_tokens


class StreamTruncated(ModelError):
    """The model's stream ended before its answer did."""

    def __init__(self, message: str = "The model server ended the answer in the middle.") -> None:
        hint = "Try again; if it goes on, choose another model."
        super().__init__(message, code="stream_truncated", hint=hint, retryable=True)


class ToolError(CopilotError):
    """A tool refused its arguments or failed; message and hint are told to the model.

    `shows` are the cells that the hint shows as they are now, by id, each as `ToldCell`.
    """

    code = "tool"

    def __init__(
        self, message: str, *, hint: str = "", code: str | None = None, shows: dict[str, ToldCell] | None = None
    ) -> None:
        super().__init__(message, hint=hint, code=code)
        self.shows = shows or {}


class ConnectionLost(CopilotError):
    """A client's connection ended for a reason that reconnecting does not mend."""

    code = "connection_lost"


class NotConfirmed(CopilotError):
    """Code asked people before it went on, and nobody confirmed.

    `code` says why: `denied`, `expired`, `withdrawn` or `no_server`.
    """

    code = "denied"
