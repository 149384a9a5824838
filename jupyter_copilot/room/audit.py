"""Exports: the history of decisions, and a room as readable text, made from all records."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any, Protocol

import msgspec

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

    `ran` and `ran_args` say what was begun, with the changes that people made before; null when nothing was.
    """
    rows: dict[str, dict[str, Any]] = {}
    calls: dict[str, p.CallProposed] = {}
    asked: dict[p.CallId, p.ConfirmationId] = {}
    async for record in all_records(source):
        match record.event:
            case p.CallProposed() as call:
                calls[call.call_id] = call
            case p.ConfirmationOpened() as opened:
                rows[opened.confirmation_id] = _opened_row(record, opened, calls.get(opened.call_id or ""))
                if opened.call_id is not None and opened.kind == "tool_call":
                    asked[opened.call_id] = opened.confirmation_id
            case p.ConfirmationDecided() as decided if decided.confirmation_id in rows:
                rows[decided.confirmation_id] |= _closed(record, "decided") | {
                    "option": decided.option,
                    "value": decided.value,
                    "edited_args": decided.edited_args,
                    "comment": decided.comment,
                }
            case p.ConfirmationExpired() as expired if expired.confirmation_id in rows:
                rows[expired.confirmation_id] |= _closed(record, "expired")
            case p.ConfirmationWithdrawn() as withdrawn if withdrawn.confirmation_id in rows:
                rows[withdrawn.confirmation_id] |= _closed(record, "withdrawn") | {"comment": withdrawn.reason}
            case p.CallStarted() as started if started.call_id in asked:
                row = rows[asked[started.call_id]]
                row["ran_args"] = started.args or row["edited_args"] or row["args"]
                row["ran"] = row["preview"] if started.preview is None else msgspec.to_builtins(started.preview)
            case p.CallUndone() as undone if undone.call_id in asked:
                rows[asked[undone.call_id]] |= {"undone_at": record.at, "undone_by": record.actor.name}
            case p.DecisionRefused() as refused if refused.confirmation_id in rows:
                rows[refused.confirmation_id] |= {"tried_by": record.actor.name, "tried_by_id": record.actor.id}
            case _:
                pass
    return list(rows.values())


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
