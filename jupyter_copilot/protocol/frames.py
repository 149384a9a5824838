"""Frames: what clients and the server say to each other over the WebSocket."""

from __future__ import annotations

from typing import Annotated, Literal

import msgspec
from msgspec import Meta

from .actors import ActorKind, Participant, Right
from .base import (
    _ID,
    COMMAND_BURST,
    COMMANDS_PER_S,
    MAX_ARGS_BYTES,
    MAX_FRAME_BYTES,
    MAX_TEXT_CHARS,
    SESSIONS_PER_ROOM,
    ClientId,
    CommandId,
    ConfirmationId,
    LogId,
    Tagged,
    ThreadId,
    Value,
)
from .commands import Command
from .errors import RejectCode, Retry
from .events import Record
from .parts import JsonObject, Problem


class Cursor(Value, frozen=True, kw_only=True):
    """The last record that a client folded, and the log that it belongs to."""

    log: LogId
    seq: int


class Hello(Tagged, frozen=True, kw_only=True):
    """The first frame of a client.

    `secret` is random, stays between this client and the server, and proves that a connection that comes back under a
    client id is the same client.
    """

    protocol: int
    client_id: Annotated[ClientId, _ID]
    surface: Literal["lab", "notebook", "panel", "kernel", "cli", "client"] = "client"
    cursor: Cursor | None = None
    secret: Annotated[str, Meta(max_length=200)] = ""


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
    """Answers `read_request`: the notebook as this tab shows it, in nbformat's JSON, or why not.

    A notebook may come as text in several frames, each a `part` of its JSON and all but the last with `more`. A tab
    that names `revision`, which is another one after each change, sends no text when that is the one `known`. With
    `base`, which is the one known then, a cell that is a number is the one at that place in the notebook of `base`.
    """

    request_id: str
    notebook: JsonObject | None = None
    error: str | None = None
    part: str = ""
    more: bool = False
    revision: str | None = None
    base: str | None = None


ClientFrame = Hello | CommandFrame | ClientPresence | ReadReply


class You(Value, frozen=True, kw_only=True):
    """Who the server takes this client for, and what it may do."""

    id: str
    name: str
    kind: ActorKind
    can: list[Right]
    color: str | None = None
    initials: str | None = None
    groups: tuple[str, ...] = ()


class Limits(Value, frozen=True, kw_only=True):
    """The limits that the server enforces."""

    frame_bytes: int = MAX_FRAME_BYTES
    args_bytes: int = MAX_ARGS_BYTES
    text_chars: int = MAX_TEXT_CHARS
    commands_per_s: int = COMMANDS_PER_S
    command_burst: int = COMMAND_BURST
    sessions: int = SESSIONS_PER_ROOM


class Welcome(Tagged, frozen=True, kw_only=True):
    """Answers `hello`; a snapshot, the missing records or both in this order follow, then `live`."""

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
    """Asks a tab for the notebook as it shows it, unsaved changes included; `known` is the revision it sent last."""

    request_id: str
    known: str | None = None


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
