"""Commands for calls: those that a front end executes, and taking back what was done."""

from __future__ import annotations

from typing_extensions import assert_never

from ... import protocol as p
from ...protocol.errors import Rejected
from .. import state as s

CLAIM_MS = 10_000


def undo_calls(state: s.RoomState, command: p.UndoCalls) -> list[p.Event]:
    """What stands in the notebook is not known here: the person who did it says so, as often as it is done."""
    for call_id in command.call_ids:
        call = state.calls.get(call_id)
        if call is None:
            raise Rejected("not_found", "What was taken back is no longer at hand here.")
        if not isinstance(call, s.CallDone) or call.is_error or call.effect == "read":
            raise Rejected("invalid_value", "Only what was done can be taken back.")
    return [p.CallUndone(call_id=call_id, outputs=command.outputs) for call_id in dict.fromkeys(command.call_ids)]


def front_end_call(
    state: s.RoomState,
    command: p.ClaimCall | p.RenewClaim | p.ReleaseClaim | p.ReportOutput | p.ReportCall,
    actor: p.Actor,
    now: int,
) -> list[p.Event]:
    call = state.calls.get(command.call_id)
    if not isinstance(call, s.CallRunning) or call.claim is None:
        raise Rejected("not_claimable", "This call is not offered to front ends now.")
    claim = call.claim
    if claim.fence != command.fence:
        raise Rejected("stale_fence", "This offer was replaced by a newer one.")
    if isinstance(command, p.ClaimCall):
        return _claim(call, claim, actor, now)
    if claim.client_id is None or not _is_holder(claim, actor):
        raise Rejected("not_claimable", "Another tab holds this call.")
    match command:
        case p.RenewClaim():
            return [_claimed(call, claim, actor, now, started=claim.started or command.started)]
        case p.ReleaseClaim():
            if claim.started:
                raise Rejected("not_claimable", "The effect has begun; report how it ended.")
            return [p.CallLapsed(call_id=call.call_id, fence=claim.fence)]
        case p.ReportOutput():
            return [p.CallOutput(call_id=call.call_id, output=command.output)]
        case p.ReportCall():
            return [p.CallReported(call_id=call.call_id, fence=claim.fence, result=command.result)]
    assert_never(command)


def _claim(call: s.CallRunning, claim: s.Claim, actor: p.Actor, now: int) -> list[p.Event]:
    if actor.client_id is None:
        raise Rejected("not_claimable", "Only a connected front end can claim a call.")
    if claim.client_id is not None and not _is_holder(claim, actor):
        raise Rejected("not_claimable", "Another tab was first.", details={"client_id": claim.client_id})
    if claim.until <= now:
        raise Rejected("stale_fence", "The offer has lapsed.")
    return [_claimed(call, claim, actor, now, started=claim.started)]


def _is_holder(claim: s.Claim, actor: p.Actor) -> bool:
    """Whether a claim is this session's, as anybody can say its client id; one of an earlier version has only that."""
    return claim.client_id == actor.client_id if claim.session is None else claim.session == actor.session


def _claimed(call: s.CallRunning, claim: s.Claim, actor: p.Actor, now: int, *, started: bool) -> p.CallClaimed:
    assert actor.client_id is not None
    return p.CallClaimed(
        call_id=call.call_id, fence=claim.fence, client_id=actor.client_id, until=now + CLAIM_MS, started=started
    )
