"""Folding confirmations, and what a decision means for the call that it is about."""

from __future__ import annotations

from msgspec.structs import asdict, replace

from ... import protocol as p
from .. import state as s
from .calls import shared
from .threads import add_item


def confirmation_opened(state: s.RoomState, event: p.ConfirmationOpened, record: p.Record) -> None:
    """People are asked; a proposed call remembers that it waits for them."""
    if event.confirmation_id in state.confirmations or event.thread_id not in state.threads:
        return
    state.confirmations[event.confirmation_id] = s.Open(
        confirmation_id=event.confirmation_id,
        kind=event.kind,
        thread_id=event.thread_id,
        title=event.title,
        args_hash=event.args_hash,
        options=event.options,
        policy=event.policy,
        opened_by=record.actor,
        opened_at=record.at,
        body=event.body,
        call_id=event.call_id,
        run_id=event.run_id,
        schema=event.schema,
        expires_at=event.expires_at,
    )
    call = state.calls.get(event.call_id) if event.call_id is not None else None
    if isinstance(call, s.CallProposal):
        state.calls[call.call_id] = replace(call, confirmation_id=event.confirmation_id)
    else:
        add_item(state, event.thread_id, "confirmation", event.confirmation_id)


def confirmation_closed(
    state: s.RoomState,
    event: p.ConfirmationDecided | p.ConfirmationExpired | p.ConfirmationWithdrawn,
    record: p.Record,
) -> None:
    """An open confirmation is decided, expired or taken back, and its call goes on or is denied."""
    opened = state.confirmations.get(event.confirmation_id)
    if not isinstance(opened, s.Open):
        return
    fields = asdict(opened)
    match event:
        case p.ConfirmationDecided():
            state.confirmations[event.confirmation_id] = s.Decided(
                **fields,
                by=record.actor,
                at=record.at,
                option=event.option,
                value=event.value,
                edited_args=event.edited_args,
                comment=event.comment,
            )
        case p.ConfirmationExpired():
            state.confirmations[event.confirmation_id] = s.Expired(**fields, at=record.at)
        case p.ConfirmationWithdrawn():
            state.confirmations[event.confirmation_id] = s.Withdrawn(
                **fields, by=record.actor, at=record.at, reason=event.reason
            )
    if opened.kind == "tool_call":
        _settle_call(state, opened, event)


def decision_refused(state: s.RoomState, event: p.DecisionRefused, record: p.Record) -> None:
    """An open confirmation remembers whose code tried to decide it."""
    opened = state.confirmations.get(event.confirmation_id)
    if isinstance(opened, s.Open):
        state.confirmations[event.confirmation_id] = replace(opened, tried_by=record.actor)


def _settle_call(
    state: s.RoomState,
    opened: s.Open,
    event: p.ConfirmationDecided | p.ConfirmationExpired | p.ConfirmationWithdrawn,
) -> None:
    call = state.calls.get(opened.call_id) if opened.call_id is not None else None
    if not isinstance(call, s.CallProposal):
        return
    fields = shared(call)
    match event:
        case p.ConfirmationDecided(option=p.APPROVE):
            edited = event.edited_args is not None
            fields["args"] = event.edited_args if edited else call.args
            state.calls[call.call_id] = s.CallConfirmed(**fields, edited=edited)  # type: ignore[arg-type]
        case p.ConfirmationDecided():
            state.calls[call.call_id] = s.CallDenied(**fields, reason=event.comment)  # type: ignore[arg-type]
        case p.ConfirmationExpired():
            state.calls[call.call_id] = s.CallDenied(**fields, reason="expired")  # type: ignore[arg-type]
        case p.ConfirmationWithdrawn():
            state.calls[call.call_id] = s.CallDenied(**fields, reason=event.reason or "withdrawn")  # type: ignore[arg-type]
