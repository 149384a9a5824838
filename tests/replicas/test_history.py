"""The checker of histories finds each kind of fault, and none where there is none."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from msgspec.structs import replace

from jupyter_copilot import protocol as p

from ..builders import ALICE
from .history import Witness, faults


def _posted(seq: int, name: str, command_id: str | None) -> p.Record:
    event = p.MessagePosted(message_id=p.MessageId(name), thread_id=p.MAIN_THREAD, text=name)
    return p.Record(seq=seq, at=1, actor=ALICE, event=event, command_id=command_id and p.CommandId(command_id))  # type: ignore[arg-type]


def _decided(seq: int, name: str, command_id: str) -> p.Record:
    event = p.ConfirmationDecided(confirmation_id=p.ConfirmationId(name), args_hash="hash", option="confirm")
    return p.Record(seq=seq, at=1, actor=ALICE, event=event, command_id=p.CommandId(command_id))


LOG = [_posted(1, "a", "post-a"), _posted(2, "b", "post-b"), _decided(3, "q", "bob-decides"), _posted(4, "c", None)]
Change = Callable[[list[p.Record], Witness], None]


def _witness() -> Witness:
    return Witness(
        name="Bob",
        acked={"post-a": 1, "bob-decides": 3},
        refused={"carol-decides": "already_decided"},
        seen={record.seq: record for record in LOG[1:]},
    )


def test_a_history_without_fault() -> None:
    assert faults(LOG, [_witness(), Witness(name="Carol")]) == []


def _a_gap(log: list[p.Record], bob: Witness) -> None:
    log[3] = replace(log[3], seq=5)
    del bob.seen[4]


def _a_seq_used_twice(log: list[p.Record], bob: Witness) -> None:
    log.append(_posted(4, "d", None))
    bob.seen[4] = log[-1]


def _a_command_twice(log: list[p.Record], bob: Witness) -> None:
    log.append(_posted(5, "d", "post-b"))


def _a_message_twice(log: list[p.Record], bob: Witness) -> None:
    log.append(_posted(5, "b", "post-again"))


def _two_winners(log: list[p.Record], bob: Witness) -> None:
    log.append(_decided(5, "q", "alice-decides"))


def _an_acknowledged_command_that_is_lost(log: list[p.Record], bob: Witness) -> None:
    bob.acked["post-x"] = 2


def _an_acknowledged_command_that_is_elsewhere(log: list[p.Record], bob: Witness) -> None:
    bob.acked["post-a"] = 2


def _a_refused_command_that_took_effect(log: list[p.Record], bob: Witness) -> None:
    bob.refused["post-b"] = "forbidden"


def _a_record_that_was_shown_and_never_committed(log: list[p.Record], bob: Witness) -> None:
    bob.seen[5] = _posted(5, "ghost", "post-ghost")


def _a_record_that_was_shown_otherwise(log: list[p.Record], bob: Witness) -> None:
    bob.seen[2] = _posted(2, "other", "post-b")


def _two_records_in_one_place(log: list[p.Record], bob: Witness) -> None:
    bob.take(p.Records(first=2, records=[_posted(2, "other", "post-b")]))


@pytest.mark.parametrize(
    "change, fault",
    [
        (_a_gap, "Record 5 stands in place 4."),
        (_a_seq_used_twice, "Record 4 stands in place 5."),
        (_a_command_twice, "The command post-b took effect 2 times."),
        (_a_message_twice, "The message b is there 2 times."),
        (_two_winners, "q was decided 2 times."),
        (_an_acknowledged_command_that_is_lost, "Bob was told that post-x is record 2, and it is not there."),
        (_an_acknowledged_command_that_is_elsewhere, "Bob was told that post-a is record 2, and it is 1."),
        (_a_refused_command_that_took_effect, "Bob was told that post-b is refused (forbidden), and it is record 2."),
        (_a_record_that_was_shown_and_never_committed, "Bob was shown a record 5 that the log has not."),
        (_a_record_that_was_shown_otherwise, "Bob was shown a record 2 that the log has not."),
        (_two_records_in_one_place, "Bob was shown two records 2."),
    ],
)
def test_each_fault_is_found_and_nothing_else(change: Change, fault: str) -> None:
    log, bob = list(LOG), _witness()
    change(log, bob)
    assert faults(log, [bob]) == [fault]
