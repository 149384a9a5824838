"""Who is let in from outside, what a guest may ask for, and how that ends."""

from __future__ import annotations

from typing import Any

import pytest

from jupyter_copilot import protocol as p
from jupyter_copilot.core import state as s
from jupyter_copilot.core.decide import decide
from jupyter_copilot.core.decide.guests import MAX_GUESTS, MAX_OPEN_REQUESTS, MAX_RUN_REQUESTS
from jupyter_copilot.protocol.errors import Rejected

from ..builders import ALICE, ALL, BOB, GUEST, GUESTS, Fold, admit, ask, guest_of, post


def with_guest(**fields: Any) -> Fold:
    fold = Fold()
    fold.do(admit(**fields))
    return fold


def refused(fold: Fold, command: p.Command, by: p.Actor) -> Rejected:
    with pytest.raises(Rejected) as caught:
        decide(fold.state, command, by, ALL, fold.now)
    return caught.value


def names(events: list[p.Event]) -> list[str]:
    return [type(event).__name__ for event in events]


def test_a_guest_is_let_into_a_thread_of_its_own_and_says_whose_guest_it_is() -> None:
    fold = Fold()
    assert names(fold.do(admit())) == ["ThreadCreated", "GuestAdmitted"]
    guest = fold.state.guests[GUEST]
    assert fold.state.threads[GUESTS].title == "Claude Code"
    assert (guest.admitted_by.name, guest.scope, guest.used_at) == ("Alice", "propose", None)
    assert guest_of(fold.state).name == "Claude Code, guest of Alice"


def test_a_guest_may_be_let_into_a_thread_that_is_there() -> None:
    fold = Fold()
    fold.do(p.CreateThread(thread_id=GUESTS, title="Cleaning"))
    assert names(fold.do(admit())) == ["GuestAdmitted"]


def test_a_call_from_outside_any_run_begins_one_and_the_next_joins_it() -> None:
    fold = with_guest()
    guest = guest_of(fold.state)
    assert names(fold.do(ask("r1"), guest)) == ["MessagePosted", "RunQueued", "CallsRequested"]
    assert names(fold.do(ask("r2", "read_cell", cell_id="a"), guest)) == ["CallsRequested"]
    run = fold.state.runs["r1.r1"]
    assert [request.request_id for request in run.requests] == ["r1", "r2"]
    assert run.agent_id == "guest:g1" and run.thread_id == GUESTS
    assert fold.state.guests[GUEST].used_at == fold.now


def test_a_run_with_very_many_requests_is_left_to_end_and_another_one_begins() -> None:
    fold = with_guest()
    guest = guest_of(fold.state)
    fold.do(ask("r1"), guest)
    run_id = p.RunId("r1.r1")
    fold.tell(p.RunStarted(run_id=run_id, fence=1))
    for n in range(2, MAX_RUN_REQUESTS + 1):
        fold.tell(p.StepStarted(run_id=run_id, step=n - 1, message_id=p.MessageId(f"s{n}")))
        fold.do(ask(f"r{n}"), guest)
    assert names(fold.do(ask("more"), guest)) == ["MessagePosted", "RunQueued", "CallsRequested"]


def test_what_a_guest_has_open_is_bounded() -> None:
    fold = with_guest()
    guest = guest_of(fold.state)
    for n in range(MAX_OPEN_REQUESTS):
        fold.do(ask(f"r{n}"), guest)
    assert refused(fold, ask("more"), guest).code == "limit_reached"


def test_a_request_id_is_taken_once() -> None:
    fold = with_guest()
    fold.do(ask("r1"), guest_of(fold.state))
    assert refused(fold, ask("r1"), guest_of(fold.state)).code == "already_exists"


def test_a_guest_whose_time_is_over_is_let_in_no_more() -> None:
    fold = with_guest(expires_in_s=60)
    guest = guest_of(fold.state)
    fold.now += 61_000
    assert refused(fold, ask("r1"), guest).code == "forbidden"


def test_a_guest_that_was_sent_away_is_let_in_no_more_and_what_it_had_open_is_taken_back() -> None:
    fold = with_guest()
    guest = guest_of(fold.state)
    fold.do(ask("r1"), guest)
    assert names(fold.do(p.RevokeGuest(guest_id=GUEST), BOB)) == ["GuestRevoked", "RunFinished"]
    run = fold.state.runs["r1.r1"]
    assert isinstance(run, s.Finished) and run.outcome == "cancelled" and run.ended_by == BOB
    assert GUEST not in fold.state.guests
    assert refused(fold, ask("r2"), guest).code == "forbidden"


def test_guests_are_few_and_those_whose_time_is_over_make_room() -> None:
    fold = Fold()
    for n in range(MAX_GUESTS):
        fold.do(admit(f"g{n}", expires_in_s=60))
    assert refused(fold, admit("more"), ALICE).code == "limit_reached"
    fold.now += 61_000
    fold.do(admit("more"))
    assert list(fold.state.guests) == ["more"]


def test_what_a_guest_takes_back_is_asked_for_no_more_and_only_the_guest_itself_takes_it_back() -> None:
    fold = with_guest()
    fold.do(admit("g2"))
    guest = guest_of(fold.state)
    fold.do(ask("r1"), guest)
    assert refused(fold, p.WithdrawRequest(request_id="r1"), guest_of(fold.state, "g2")).code == "not_found"
    fold.do(p.WithdrawRequest(request_id="r1"), guest)
    assert fold.state.runs["r1.r1"].requests[0].calls == []


def test_nobody_has_a_guest_answer_a_message_or_try_its_run_again() -> None:
    fold = with_guest()
    assert refused(fold, post(agent_id="guest:g1"), ALICE).code == "invalid_value"
    fold.do(ask("r1"), guest_of(fold.state))
    fold.do(p.CancelRun(run_id=p.RunId("r1.r1")))
    assert refused(fold, p.RetryRun(run_id=p.RunId("r1.r1")), ALICE).code == "invalid_value"
