"""Runs: waiting, driven, and over."""

from __future__ import annotations

from typing import Literal

from msgspec import Struct

from ...protocol import Actor, AgentId, MessageId, PlanEntry, Problem, RewindTo, RunId, ThreadId, ToldCell, Usage
from .base import Entry
from .guests import GuestRequest


class ToldNotebook(Struct, frozen=True, kw_only=True):
    """What the model is told of the notebook with a run's request, its cells, and sources of instructions."""

    text: str
    cells: dict[str, ToldCell] = {}
    sources: list[str] = []


class Checkpoint(Struct, frozen=True, kw_only=True):
    """The notebook as it was before a run changed anything: where it is stored, and since when."""

    digest: str
    bytes: int
    at: int


class Joined(Struct, frozen=True, kw_only=True):
    """A message that somebody posted while a run was under way, told to it with its step `step`."""

    message_id: MessageId
    step: int
    by: Actor


class _Run(Entry, frozen=True, kw_only=True):
    run_id: RunId
    thread_id: ThreadId
    message_id: MessageId
    asked_by: Actor
    queued_at: int
    model: str | None = None
    agent_id: AgentId | None = None
    requests: list[GuestRequest] = []
    """Of a guest, in their order: its steps answer them one by one."""
    notebook: ToldNotebook | None = None
    plan: list[PlanEntry] = []
    """What its agent means to do, as it said last."""
    checkpoint: Checkpoint | None = None
    rewind: RewindTo | None = None
    joined: list[Joined] = []
    """In the order in which they were told."""


class Queued(_Run, frozen=True, kw_only=True, tag="queued"):
    """Waits for the runs before it in its thread; with `join`, its message goes to the one under way if that can be."""

    join: bool = False


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
    """Over; `into` is the run that answered its message together with its own."""

    finished_at: int
    outcome: Literal["success", "cancelled", "failed"]
    error: Problem | None = None
    usage: Usage = Usage()
    ended_by: Actor
    agent: Actor | None = None
    into: RunId | None = None


Run = Queued | Running | Finished
