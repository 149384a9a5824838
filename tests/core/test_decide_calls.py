"""What people and their tabs decide about calls: who claims one, and what is taken back."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from jupyter_copilot import protocol as p
from jupyter_copilot.core import state as s

from ..builders import ALICE, BOB, Fold, proposed, running
from .test_decide import MAY_WRITE, refused


def offered(fold: Fold) -> p.CallId:
    call_id = proposed(fold, running(fold))
    fold.do(p.Decide(confirmation_id=p.ConfirmationId(f"{call_id}.q"), args_hash="hash", option="approve"))
    fold.tell(
        p.CallStarted(call_id=call_id, exec_id=call_id, adapter="front_end"),
        p.CallOffered(call_id=call_id, fence=1, operation={"type": "run"}, until=fold.now + 5000),
    )
    return call_id


def test_exactly_one_tab_claims_an_offered_call() -> None:
    fold = Fold()
    call_id = offered(fold)
    fold.do(p.ClaimCall(call_id=call_id, fence=1))
    refusal = refused(fold, p.ClaimCall(call_id=call_id, fence=1), by=BOB)
    assert refusal.code == "not_claimable" and refusal.details == {"client_id": "tab-alice"}
    assert refused(fold, p.ReportCall(call_id=call_id, fence=1, result={}), by=BOB).code == "not_claimable"
    fold.do(p.RenewClaim(call_id=call_id, fence=1, started=True))
    assert refused(fold, p.ReleaseClaim(call_id=call_id, fence=1)).code == "not_claimable"
    fold.do(p.ReportCall(call_id=call_id, fence=1, result={"status": "ok"}))
    call = fold.state.calls[call_id]
    assert isinstance(call, s.CallRunning) and call.report == {"status": "ok"}


@pytest.mark.parametrize(
    "command",
    [
        p.RenewClaim(call_id=p.CallId("c"), fence=1),
        p.ReleaseClaim(call_id=p.CallId("c"), fence=1),
        p.ReportOutput(call_id=p.CallId("c"), fence=1, output=p.Output(kind="stdout", text="forged")),
        p.ReportCall(call_id=p.CallId("c"), fence=1, result={"status": "ok"}),
        p.ClaimCall(call_id=p.CallId("c"), fence=1),
    ],
    ids=lambda command: type(command).__name__,
)
def test_whoever_says_the_client_id_of_a_claimant_does_not_hold_its_claim(command: p.Command) -> None:
    fold = Fold()
    call_id = offered(fold)
    holder = msgspec.structs.replace(ALICE, session="session-1")
    forger = msgspec.structs.replace(BOB, client_id=ALICE.client_id, session="session-2")
    fold.do(p.ClaimCall(call_id=call_id, fence=1), by=holder)
    forged = msgspec.structs.replace(command, call_id=call_id)
    assert refused(fold, forged, by=forger).code == "not_claimable"
    assert fold.do(forged, by=holder)


def test_a_claim_under_an_old_fence_or_after_the_offer_lapsed_is_refused() -> None:
    fold = Fold()
    call_id = offered(fold)
    assert refused(fold, p.ClaimCall(call_id=call_id, fence=0)).code == "stale_fence"
    fold.now += 6000
    assert refused(fold, p.ClaimCall(call_id=call_id, fence=1)).code == "stale_fence"


def done(fold: Fold, effect: p.Effect = "edit", **fields: Any) -> p.CallId:
    """A call that is over."""
    call_id = proposed(fold, running(fold), effect=effect)
    fold.tell(p.CallStarted(call_id=call_id, exec_id="e", adapter="contents"))
    fold.tell(p.CallFinished(call_id=call_id, result=p.CallResult(text="Done."), **fields))
    return call_id


def test_who_took_back_what_is_in_the_state_and_again_when_it_was_done_again() -> None:
    fold = Fold()
    call_id = done(fold)
    fold.do(p.UndoCalls(call_ids=[call_id, call_id]), by=BOB, rights=MAY_WRITE)
    undone = s.Undone(by=BOB, at=fold.now, outputs="kept")
    assert fold.state.calls[call_id].undone == undone  # type: ignore[union-attr]
    fold.do(p.UndoCalls(call_ids=[call_id], outputs="cleared"), by=ALICE)
    assert fold.state.calls[call_id].undone == s.Undone(by=ALICE, at=fold.now, outputs="cleared")  # type: ignore[union-attr]
    assert s.decode_state(p.encode(fold.state)) == fold.state


@pytest.mark.parametrize(
    ("effect", "fields", "code"),
    [("edit", {"is_error": True}, "invalid_value"), ("read", {}, "invalid_value")],
    ids=["failed", "only read"],
)
def test_only_what_was_done_can_be_taken_back(effect: p.Effect, fields: dict[str, Any], code: str) -> None:
    fold = Fold()
    call_id = done(fold, effect, **fields)
    assert refused(fold, p.UndoCalls(call_ids=[call_id])).code == code
    assert refused(fold, p.UndoCalls(call_ids=[p.CallId("elsewhere")])).code == "not_found"


def test_what_is_not_over_cannot_be_taken_back() -> None:
    fold = Fold()
    call_id = proposed(fold, running(fold), effect="edit")
    assert refused(fold, p.UndoCalls(call_ids=[call_id])).code == "invalid_value"
