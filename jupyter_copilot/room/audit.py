"""Exports: the history of decisions, and a room as readable text, made from all records."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any, Protocol

import msgspec
from typing_extensions import assert_never

from .. import protocol as p

PAGE = 1000


class History(Protocol):
    """Where records are read from: a room, or a client's view of one."""

    async def history(self, after: int, limit: int) -> list[p.Record]:
        """Up to `limit` records after a seq, in order."""


async def all_records(source: History) -> AsyncIterator[p.Record]:
    """Every record from the first on."""
    after = 0
    while records := await source.history(after, PAGE):
        for record in records:
            yield record
        after = records[-1].seq


async def confirmation_history(source: History) -> list[dict[str, Any]]:
    """Every confirmation in order of opening: what was asked, what was shown, and who decided what, when and how.

    A call that a rule let in is a row of the kind `rule`, decided by who granted the rule. `votes` are the approvals of
    those who had to agree. `ran` and `ran_args` say what was begun, with the changes that people made before; null when
    nothing was.
    """
    audit = _Audit()
    async for record in all_records(source):
        if not audit.of_confirmation(record):
            audit.of_call(record)
    return list(audit.rows.values())


class _Audit:
    """The rows so far, by the id of what was decided; the calls that are known, and those that were decided."""

    def __init__(self) -> None:
        self.rows: dict[str, dict[str, Any]] = {}
        self._calls: dict[str, p.CallProposed] = {}
        self._decided: dict[str, str] = {}
        self._grantors: dict[str, p.Actor] = {}

    def of_confirmation(self, record: p.Record) -> bool:
        """Take in a record about a confirmation; False when it is about something else."""
        match record.event:
            case p.ConfirmationOpened() as opened:
                call = self._calls.get(opened.call_id or "")
                self.rows[opened.confirmation_id] = _opened_row(record, opened, call)
                if opened.call_id is not None and opened.kind == "tool_call":
                    self._decided[opened.call_id] = opened.confirmation_id
                return True
            case (
                p.ConfirmationDecided()
                | p.ConfirmationExpired()
                | p.ConfirmationWithdrawn()
                | p.ConfirmationVoted()
                | p.VoteWithdrawn()
                | p.DecisionRefused()
            ) as event:
                row = self.rows.get(event.confirmation_id)
                if row is not None:
                    row |= _news(record, event, row)
                return True
            case _:
                return False

    def of_call(self, record: p.Record) -> None:
        """Take in a record about a call or a rule."""
        match record.event:
            case p.CallProposed() as call:
                self._calls[call.call_id] = call
            case p.RuleGranted() as granted:
                self._grantors[granted.rule_id] = record.actor
            case p.RuleUsed() as used if used.call_id in self._calls:
                grantor = self._grantors.get(used.rule_id)
                self.rows[used.call_id] = _let_in_row(record, used, self._calls[used.call_id], grantor)
                self._decided[used.call_id] = used.call_id
            case p.CallStarted() as started if started.call_id in self._decided:
                row = self.rows[self._decided[started.call_id]]
                row["ran_args"] = started.args or row["edited_args"] or row["args"]
                row["ran"] = row["preview"] if started.preview is None else msgspec.to_builtins(started.preview)
            case p.CallUndone() as undone if undone.call_id in self._decided:
                undone_by = {"undone_at": record.at, "undone_by": record.actor.name}
                self.rows[self._decided[undone.call_id]] |= undone_by
            case _:
                pass


_News = (
    p.ConfirmationDecided
    | p.ConfirmationExpired
    | p.ConfirmationWithdrawn
    | p.ConfirmationVoted
    | p.VoteWithdrawn
    | p.DecisionRefused
)


def _news(record: p.Record, event: _News, row: dict[str, Any]) -> dict[str, Any]:
    """What an event changes in the row of its confirmation."""
    match event:
        case p.ConfirmationDecided():
            return _closed(record, "decided") | {
                "option": event.option,
                "value": event.value,
                "edited_args": event.edited_args,
                "comment": event.comment,
                "rule_id": event.rule_id,
            }
        case p.ConfirmationExpired():
            return _closed(record, "expired")
        case p.ConfirmationWithdrawn():
            return _closed(record, "withdrawn") | {"comment": event.reason}
        case p.ConfirmationVoted():
            return {"votes": [*row["votes"], _vote(record, event)]}
        case p.VoteWithdrawn():
            return {"votes": [vote for vote in row["votes"] if vote["by_id"] != event.person_id]}
        case p.DecisionRefused():
            return {"tried_by": record.actor.name, "tried_by_id": record.actor.id}
    assert_never(event)


def _opened_row(record: p.Record, opened: p.ConfirmationOpened, call: p.CallProposed | None) -> dict[str, Any]:
    preview = None if call is None else call.preview
    return {
        "confirmation_id": opened.confirmation_id,
        "kind": opened.kind,
        "title": opened.title,
        "opened_at": record.at,
        "opened_by": record.actor.name,
        "opened_by_id": record.actor.id,
        "tool": call.tool if call is not None else None,
        "args": call.args if call is not None else None,
        "args_hash": opened.args_hash,
        "status": "open",
        "option": None,
        "value": None,
        "edited_args": None,
        "comment": "",
        "decided_at": None,
        "decided_by": None,
        "decided_by_id": None,
        "surface": None,
        "auth": None,
        "tried_by": None,
        "tried_by_id": None,
        "opened_seq": record.seq,
        "decided_seq": None,
        "effect": call.effect if call is not None else None,
        "body": opened.body,
        "options": msgspec.to_builtins(opened.options),
        "schema": opened.schema,
        "policy": msgspec.to_builtins(opened.policy),
        "expires_at": opened.expires_at,
        "preview": None if preview is None else msgspec.to_builtins(preview),
        "code": None if preview is None else preview.code,
        "ran": None,
        "ran_args": None,
        "undone_at": None,
        "undone_by": None,
        "votes": [],
        "rule_id": None,
    }


def _let_in_row(
    record: p.Record, used: p.RuleUsed, call: p.CallProposed, grantor: p.Actor | None
) -> dict[str, Any]:  # fmt: skip
    """A call that nobody was asked about, because of somebody's rule."""
    shown = p.ConfirmationOpened(
        confirmation_id=p.ConfirmationId(call.call_id),
        kind="tool_call",
        thread_id=p.MAIN_THREAD,
        title=call.preview.title,
        args_hash=call.args_hash,
        options=[],
    )
    by = {} if grantor is None else {"decided_by": grantor.name, "decided_by_id": grantor.id, "auth": grantor.auth}
    return (
        _opened_row(record, shown, call)
        | _closed(record, "decided")
        | {"kind": "rule", "option": p.APPROVE, "surface": None, "rule_id": used.rule_id}
        | by
    )


def _vote(record: p.Record, voted: p.ConfirmationVoted) -> dict[str, Any]:
    return {
        "by": record.actor.name,
        "by_id": record.actor.id,
        "at": record.at,
        "option": voted.option,
        "comment": voted.comment,
    }


def _closed(record: p.Record, status: str) -> dict[str, Any]:
    return {
        "status": status,
        "decided_at": record.at,
        "decided_by": record.actor.name,
        "decided_by_id": record.actor.id,
        "surface": record.actor.surface,
        "auth": record.actor.auth,
        "decided_seq": record.seq,
    }
