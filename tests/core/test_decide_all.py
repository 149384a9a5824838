"""Several confirmations that are decided in one command."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from jupyter_copilot import protocol as p
from jupyter_copilot.core import state as s

from ..builders import BOB, Fold, proposed, running
from .test_decide import decision, refused


def answer_of_three(fold: Fold) -> list[s.Open]:
    run_id = running(fold)
    calls = [proposed(fold, run_id, number) for number in (1, 2, 3)]
    found = [fold.state.confirmations[f"{call_id}.q"] for call_id in calls]
    return [each for each in found if isinstance(each, s.Open)]


def test_several_confirmations_are_decided_in_one_command_each_in_its_own_way() -> None:
    fold = Fold()
    first, second, third = answer_of_three(fold)
    decisions = [
        decision(first, p.APPROVE),
        decision(second, p.APPROVE, edited_args={"cell_id": "b"}),
        decision(third, p.DENY, comment="not this"),
    ]
    events = fold.do(p.DecideAll(decisions=decisions))
    assert [type(event) for event in events] == [p.ConfirmationDecided] * 3
    calls = [fold.state.calls[each.call_id or ""] for each in (first, second, third)]
    assert [type(call) for call in calls] == [s.CallConfirmed, s.CallConfirmed, s.CallDenied]
    assert calls[1].args == {"cell_id": "b"}


def test_what_somebody_decided_first_stays_and_the_rest_is_decided() -> None:
    fold = Fold()
    first, second, third = answer_of_three(fold)
    fold.do(decision(second, p.DENY), by=BOB)
    fold.do(p.DecideAll(decisions=[decision(each, p.APPROVE) for each in (first, second, third)]))
    kept = fold.state.confirmations[second.confirmation_id]
    assert isinstance(kept, s.Decided) and (kept.by, kept.option) == (BOB, p.DENY)
    assert isinstance(fold.state.confirmations[third.confirmation_id], s.Decided)


def test_decisions_that_all_come_too_late_say_who_was_first() -> None:
    fold = Fold()
    opened = answer_of_three(fold)
    fold.do(p.DecideAll(decisions=[decision(each, p.APPROVE) for each in opened]), by=BOB)
    late = refused(fold, p.DecideAll(decisions=[decision(each, p.DENY) for each in opened]))
    assert late.code == "already_decided" and late.details["by"]["name"] == "Bob"


@pytest.mark.parametrize(
    ("wrong", "code"),
    [
        ({"args_hash": "another"}, "stale"),
        ({"option": "maybe"}, "invalid_option"),
        ({"edited_args": {"cell": 1}}, "invalid_args"),
        ({"confirmation_id": p.ConfirmationId("nothing")}, "not_found"),
    ],
)
def test_one_decision_that_is_not_valid_refuses_all_of_them(wrong: dict[str, Any], code: str) -> None:
    fold = Fold()
    first, second, third = answer_of_three(fold)
    bad = msgspec.structs.replace(decision(second, p.APPROVE), **wrong)
    assert refused(fold, p.DecideAll(decisions=[decision(first, p.APPROVE), bad])).code == code
    twice = [decision(third, p.APPROVE), decision(third, p.DENY)]
    assert refused(fold, p.DecideAll(decisions=twice)).code == "invalid_args"


def test_a_decision_on_what_was_shown_before_a_card_turned_is_stale() -> None:
    fold = Fold()
    first, *_ = answer_of_three(fold)
    seen = decision(first, p.APPROVE)
    fold.tell(p.CallRevised(call_id=p.CallId(first.call_id or ""), args_hash="new", preview=p.Preview(title="Run 2")))
    assert refused(fold, seen).code == "stale"
    turned = fold.state.confirmations[first.confirmation_id]
    assert isinstance(turned, s.Open) and turned.title == "Run 2"
    fold.do(decision(turned, p.APPROVE))
