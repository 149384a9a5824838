"""The room: its threads, and every entry by its id."""

from __future__ import annotations

from typing import Literal

import msgspec
from msgspec import Struct

from ...protocol import (
    MAIN_THREAD,
    Actor,
    BudgetAsk,
    Delivery,
    LogId,
    Mention,
    Rule,
    RunId,
    Spent,
    ThreadId,
    Usage,
)
from .calls import Call
from .confirmations import Confirmation
from .guests import Guest
from .messages import Message
from .runs import Run

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


class AgentSession(Struct, frozen=True, kw_only=True):
    """The session in which an agent with a memory of its own answered a thread last, and since when (unix ms)."""

    session_id: str
    begun: str
    version: str
    mode: str
    at: int


class Rewound(Struct, frozen=True, kw_only=True):
    """Items of a thread that somebody took back, from `since` to `through`; they are told no more."""

    rewind_id: str
    since: str
    through: str
    by: Actor
    at: int


class Thread(Struct, kw_only=True):
    """A conversation: its timeline in order of appearance; `dropped` counts older items that are not kept here."""

    thread_id: ThreadId
    title: str
    created_at: int
    created_by: Actor
    mode: str = "ask"
    mode_until: int | None = None
    mode_one_answer: bool = False
    mode_by: Actor | None = None
    """Who chose a mode that ends by itself."""
    archived: bool = False
    items: list[Item] = []
    dropped: int = 0
    summary: Summary | None = None
    active_run_id: RunId | None = None
    queue: list[RunId] = []
    sessions: dict[str, AgentSession] = {}
    """By the id of the agent."""
    rewinds: list[Rewound] = []


class RoomState(Struct, kw_only=True):
    """Everything that the records up to `seq` say."""

    log: LogId
    seq: int
    threads: dict[str, Thread]
    messages: dict[str, Message] = {}
    runs: dict[str, Run] = {}
    calls: dict[str, Call] = {}
    confirmations: dict[str, Confirmation] = {}
    rules: dict[str, Rule] = {}
    """The rules in force, oldest first."""
    usage: Usage = Usage()
    guests: dict[str, Guest] = {}
    notices: dict[str, Delivery] = {}
    """Who was told of what on which channel, oldest first; the latest of them."""
    mentions: dict[str, Mention] = {}
    """Messages that name people who have not seen them, by the message's id; the latest of them."""
    spent: dict[str, Spent] = {}
    """What was charged, by `spent_key`."""
    allowances: dict[str, BudgetAsk] = {}
    """What people allowed beyond a budget, by its key."""


_SYSTEM = Actor(kind="server", id="server", name="Server")


def initial(log: LogId) -> RoomState:
    """The state before the first record: an empty room with the thread `main`."""
    main = Thread(thread_id=MAIN_THREAD, title="Main", created_at=0, created_by=_SYSTEM)
    return RoomState(log=log, seq=0, threads={MAIN_THREAD: main})


_state_decoder = msgspec.json.Decoder(RoomState)


def decode_state(data: bytes | msgspec.Raw) -> RoomState:
    """Read a snapshot's state. Raises `msgspec.DecodeError`."""
    return _state_decoder.decode(data)
