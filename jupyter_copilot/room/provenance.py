"""What agents did to the cells of a notebook, made from all records: what, when, for whom, and who let it happen."""

from __future__ import annotations

from typing import Literal

import msgspec
from msgspec import Struct

from .. import protocol as p
from .audit import History, all_records

Allowance = Literal["person", "rule", "mode"]
"""What let a call in: a person who decided it, a rule that a person granted, or the thread's mode."""


class CellWork(Struct, frozen=True, kw_only=True):
    """What one call did to one cell; times are unix ms.

    `allowed_by` names who decided the call, or granted the rule; `edited` says that people changed it before. `outcome`
    is `running` while it goes on, and `unknown` where nobody knows how it ended. `undone_by` took it back.
    """

    cell_id: str
    label: str
    action: p.CellAction
    at: int
    agent: str
    requested_by: str
    allowed: Allowance = "mode"
    allowed_by: str = ""
    allowed_at: int | None = None
    edited: bool = False
    outcome: Literal["running", "done", "failed", "unknown"] = "running"
    undone_by: str = ""
    undone_at: int | None = None
    before: str | None = None
    after: str | None = None
    call_id: p.CallId
    seq: int


async def provenance(source: History) -> list[CellWork]:
    """What was begun, in order of the log; what only waits, or was refused, is not in it."""
    told = _Told()
    async for record in all_records(source):
        told.take(record)
    return [work for works in told.works.values() for work in works]


class _Call(Struct):
    agent: str
    requested_by: str
    preview: p.Preview
    allowed: Allowance = "mode"
    allowed_by: str = ""
    allowed_at: int | None = None
    edited: bool = False


class _Told:
    """What the records so far say."""

    def __init__(self) -> None:
        self.works: dict[str, list[CellWork]] = {}
        self._requesters: dict[str, str] = {}
        self._calls: dict[str, _Call] = {}
        self._asked: dict[str, str] = {}
        self._rules: dict[str, str] = {}

    def take(self, record: p.Record) -> None:
        """Learn what one more record says."""
        who = record.actor.name
        match record.event:
            case p.RunQueued() as queued:
                self._requesters[queued.run_id] = who
            case p.CallProposed() as call if call.effect != "read":
                requester = self._requesters.get(call.run_id, "")
                self._calls[call.call_id] = _Call(agent=who, requested_by=requester, preview=call.preview)
            case p.CallRevised() as revised if revised.call_id in self._calls:
                self._calls[revised.call_id].preview = revised.preview
            case p.CallFinished() | p.CallInDoubt() | p.CallUndone() as ended:
                self._end(ended, record)
            case event:
                self._allow(event, record)

    def _allow(self, event: p.Event | p.UnknownEvent, record: p.Record) -> None:
        who = record.actor.name
        match event:
            case p.RuleGranted() as granted:
                self._rules[granted.rule_id] = who
            case p.RuleUsed() as used if used.call_id in self._calls:
                call = self._calls[used.call_id]
                call.allowed, call.allowed_by = "rule", self._rules.get(used.rule_id, "")
            case p.ConfirmationOpened() as opened if opened.call_id is not None:
                self._asked[opened.confirmation_id] = opened.call_id
            case p.ConfirmationDecided() as decided if decided.confirmation_id in self._asked:
                if (found := self._calls.get(self._asked[decided.confirmation_id])) is not None:
                    found.allowed, found.allowed_by, found.allowed_at = "person", who, record.at
                    found.edited = decided.edited_args is not None
            case p.CallStarted() as started if started.call_id in self._calls:
                self._begin(started, record)
            case _:
                pass

    def _begin(self, started: p.CallStarted, record: p.Record) -> None:
        call = self._calls[started.call_id]
        self.works[started.call_id] = [
            CellWork(
                cell_id=diff.cell_id, label=diff.label, action=diff.action, at=record.at, agent=call.agent,
                requested_by=call.requested_by, allowed=call.allowed, allowed_by=call.allowed_by,
                allowed_at=call.allowed_at, edited=call.edited, before=diff.before, after=diff.after,
                call_id=started.call_id, seq=record.seq,
            )
            for diff in (started.preview or call.preview).cells
        ]  # fmt: skip

    def _end(self, event: p.CallFinished | p.CallInDoubt | p.CallUndone, record: p.Record) -> None:
        works = self.works.get(event.call_id, [])
        changed: dict[str, object]
        match event:
            case p.CallFinished(is_error=is_error):
                changed = {"outcome": "failed" if is_error else "done"}
            case p.CallInDoubt():
                changed = {"outcome": "unknown"}
            case p.CallUndone():
                changed = {"undone_by": record.actor.name, "undone_at": record.at}
        self.works[event.call_id] = [msgspec.structs.replace(work, **changed) for work in works]
