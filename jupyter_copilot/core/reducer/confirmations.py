"""Folding confirmations, and what a decision means for the call that it is about."""

from __future__ import annotations

from msgspec.structs import asdict, replace

from ... import protocol as p
from .. import state as s
from .budgets import allow
from .calls import shared
from .fold import ABSENT, PRESENT, moves, on
from .rules import count_use
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
        budget=event.budget,
    )
    call = state.calls.get(event.call_id) if event.call_id is not None else None
    if isinstance(call, s.CallProposal):
        state.calls[call.call_id] = replace(call, confirmation_id=event.confirmation_id)
    else:
        add_item(state, event.thread_id, "confirmation", event.confirmation_id)


def confirmation_decided(state: s.RoomState, event: p.ConfirmationDecided, record: p.Record) -> None:
    """An open confirmation is decided, and its call goes on or is denied."""
    opened = state.confirmations.get(event.confirmation_id)
    if not isinstance(opened, s.Open):
        return
    state.confirmations[event.confirmation_id] = s.Decided(
        **asdict(opened),
        by=record.actor,
        at=record.at,
        option=event.option,
        value=event.value,
        edited_args=event.edited_args,
        comment=event.comment,
        rule_id=event.rule_id,
    )
    rule = state.rules.get(event.rule_id or "")
    if rule is not None:
        count_use(state, rule)
    if opened.budget is not None and event.option == p.ALLOW:
        allow(state, opened.budget)
    call = _proposal(state, opened)
    if call is not None and event.option == p.APPROVE:
        fields = shared(call)
        edited = event.edited_args is not None
        fields["args"] = event.edited_args if edited else call.args
        state.calls[call.call_id] = s.CallConfirmed(**fields, edited=edited)  # type: ignore[arg-type]
    elif call is not None:
        _deny(state, call, event.comment)


def confirmation_voted(state: s.RoomState, event: p.ConfirmationVoted, record: p.Record) -> None:
    """One more person approved an open confirmation; each counts once."""
    opened = state.confirmations.get(event.confirmation_id)
    if isinstance(opened, s.Open) and all(vote.by.id != record.actor.id for vote in opened.votes):
        vote = s.Vote(by=record.actor, at=record.at, comment=event.comment)
        state.confirmations[event.confirmation_id] = replace(opened, votes=[*opened.votes, vote])


def vote_withdrawn(state: s.RoomState, event: p.VoteWithdrawn, _record: p.Record) -> None:
    """A person's approval counts no longer."""
    opened = state.confirmations.get(event.confirmation_id)
    if isinstance(opened, s.Open):
        votes = [vote for vote in opened.votes if vote.by.id != event.person_id]
        state.confirmations[event.confirmation_id] = replace(opened, votes=votes)


def confirmation_expired(state: s.RoomState, event: p.ConfirmationExpired, record: p.Record) -> None:
    """Nobody decided in time, so the call is denied."""
    opened = state.confirmations.get(event.confirmation_id)
    if isinstance(opened, s.Open):
        state.confirmations[event.confirmation_id] = s.Expired(**asdict(opened), at=record.at)
        _deny(state, _proposal(state, opened), "expired")


def confirmation_withdrawn(state: s.RoomState, event: p.ConfirmationWithdrawn, record: p.Record) -> None:
    """A confirmation is taken back, so the call is denied."""
    opened = state.confirmations.get(event.confirmation_id)
    if isinstance(opened, s.Open):
        fields = asdict(opened)
        withdrawn = s.Withdrawn(**fields, by=record.actor, at=record.at, reason=event.reason)
        state.confirmations[event.confirmation_id] = withdrawn
        _deny(state, _proposal(state, opened), event.reason or "withdrawn")


def decision_refused(state: s.RoomState, event: p.DecisionRefused, record: p.Record) -> None:
    """An open confirmation remembers whose code tried to decide it."""
    opened = state.confirmations.get(event.confirmation_id)
    if isinstance(opened, s.Open):
        state.confirmations[event.confirmation_id] = replace(opened, tried_by=record.actor)


def _proposal(state: s.RoomState, opened: s.Open) -> s.CallProposal | None:
    """The proposed call that waits for a confirmation."""
    if opened.kind != "tool_call" or opened.call_id is None:
        return None
    call = state.calls.get(opened.call_id)
    return call if isinstance(call, s.CallProposal) else None


def _deny(state: s.RoomState, call: s.CallProposal | None, reason: str) -> None:
    if call is not None:
        state.calls[call.call_id] = s.CallDenied(**shared(call), reason=reason)  # type: ignore[arg-type]


FOLDS = (
    on(
        p.ConfirmationOpened,
        confirmation_opened,
        moves("confirmation", ABSENT, "open"),
        moves("call", "proposed", "proposed"),
    ),
    on(
        p.ConfirmationDecided,
        confirmation_decided,
        moves("confirmation", "open", "decided"),
        moves("rule", PRESENT, f"{PRESENT}, {ABSENT}"),
        moves("call", "proposed", "confirmed, denied"),
    ),
    on(p.ConfirmationVoted, confirmation_voted, moves("confirmation", "open", "open")),
    on(p.VoteWithdrawn, vote_withdrawn, moves("confirmation", "open", "open")),
    on(
        p.ConfirmationExpired,
        confirmation_expired,
        moves("confirmation", "open", "expired"),
        moves("call", "proposed", "denied"),
    ),
    on(
        p.ConfirmationWithdrawn,
        confirmation_withdrawn,
        moves("confirmation", "open", "withdrawn"),
        moves("call", "proposed", "denied"),
    ),
    on(p.DecisionRefused, decision_refused, moves("confirmation", "open", "open")),
)
