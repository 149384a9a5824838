"""Who is to be told of what, and when, read from the state alone."""

from __future__ import annotations

import pytest

from jupyter_copilot import protocol as p
from jupyter_copilot.core.notices import MENTION_FOR_MS, PAUSES_S, Terms, all_due, retry_at
from jupyter_copilot.protocol.errors import Rejected

from ..builders import ALICE, BOB, Fold, post, proposed, running

OPS = Terms(channel="ops", after_s=10.0)


def test_a_decision_is_due_once_it_waits_so_long_and_not_when_it_was_decided() -> None:
    fold = Fold()
    call_id = proposed(fold, running(fold))
    (due,) = all_due(fold.state, [OPS], "one.ipynb", fold.now)
    opened = fold.state.confirmations[f"{call_id}.q"]
    assert (due.about, due.at, due.attempt) == (f"{call_id}.q", opened.opened_at + 10_000, 1)
    fold.do(p.Decide(confirmation_id=opened.confirmation_id, args_hash="hash", option="deny"))
    assert all_due(fold.state, [OPS], "one.ipynb", fold.now) == []


def test_a_mention_is_due_at_once_for_each_person_but_its_author_and_until_they_saw_it() -> None:
    fold = Fold()
    fold.do(post(run=False, mentions=["bob", "carol", "alice", "bob"]))
    due = all_due(fold.state, [OPS], "one.ipynb", fold.now)
    assert [(each.notice_id, each.to, each.at) for each in due] == [
        ("m1@bob", ("bob",), fold.now),
        ("m1@carol", ("carol",), fold.now),
    ]
    fold.do(p.SeeMentions(message_ids=[p.MessageId("m1")]), by=BOB)
    assert [each.to for each in all_due(fold.state, [OPS], "one.ipynb", fold.now)] == [("carol",)]
    assert all_due(fold.state, [OPS], "one.ipynb", fold.now + MENTION_FOR_MS) == []
    with pytest.raises(Rejected, match="seen"):
        fold.do(p.SeeMentions(message_ids=[p.MessageId("m1")]), by=BOB)


def test_a_channel_is_told_what_it_wants_of_the_notebooks_it_wants() -> None:
    fold = Fold()
    proposed(fold, running(fold))
    mentions = Terms(channel="m", kinds=("mention",))
    exams = Terms(channel="e", path="exam/*")
    assert all_due(fold.state, [mentions, exams], "one.ipynb", fold.now) == []
    assert [each.channel for each in all_due(fold.state, [mentions, exams], "exam/a.ipynb", fold.now)] == ["e"]


def test_what_failed_is_due_again_and_what_arrived_or_was_given_up_is_not() -> None:
    fold = Fold()
    call_id = proposed(fold, running(fold))
    about = f"{call_id}.q"
    fold.tell(
        p.NoticeFailed(
            notice_id=about, kind="decision", about=about, channel="ops", attempt=1, reason="HTTP 500", retry_at=9_000
        )
    )
    (due,) = all_due(fold.state, [OPS], "n", fold.now)
    assert (due.at, due.attempt) == (9_000, 2)
    fold.tell(p.NoticeDelivered(notice_id=about, kind="decision", about=about, channel="ops", attempts=2))
    assert all_due(fold.state, [OPS], "n", fold.now) == []
    other = Terms(channel="other")
    fold.tell(p.NoticeFailed(notice_id=about, kind="decision", about=about, channel="other", attempt=6, reason="x"))
    assert all_due(fold.state, [other], "n", fold.now) == []


def test_the_pauses_grow_and_end() -> None:
    assert [retry_at(n, 0) for n in range(1, 7)] == [round(1000 * s) for s in PAUSES_S] + [None]
    assert retry_at(1, 0, at_least_s=60.0) == 60_000


def test_a_page_reports_once_that_it_told_its_person() -> None:
    fold = Fold()
    call_id = proposed(fold, running(fold))
    told = p.ReportNotice(kind="decision", about=f"{call_id}.q", channel="desktop")
    (event,) = fold.do(told, by=BOB)
    assert isinstance(event, p.NoticeDelivered) and event.to == ["bob"]
    with pytest.raises(Rejected, match="already"):
        fold.do(told, by=BOB)
    fold.do(told, by=ALICE)
    with pytest.raises(Rejected):
        fold.do(p.ReportNotice(kind="mention", about="gone", channel="page"), by=BOB)
