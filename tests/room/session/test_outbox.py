"""The outbox's ladder: merge what waits, then one snapshot for all of it, then give up."""

from __future__ import annotations

from jupyter_copilot import protocol as p
from jupyter_copilot.room.session.outbox import MAX_BYTES, MAX_FRAMES, Outbox, batch_of

SNAPSHOT = b'{"type":"snapshot"}'


def outbox() -> Outbox:
    return Outbox(lambda: [SNAPSHOT])


def record(seq: int, event: p.Event) -> p.Record:
    return p.Record(seq=seq, at=seq, actor=p.AGENT, event=event)


def delta(text: str = "x") -> p.Event:
    return p.TextDelta(run_id=p.RunId("r"), step=1, message_id=p.MessageId("m"), text=text)


def title(text: str) -> p.Event:
    return p.ThreadRenamed(thread_id=p.MAIN_THREAD, title=text)


def test_deltas_that_wait_are_merged_before_anything_is_dropped() -> None:
    box = outbox()
    for seq in range(1, MAX_FRAMES + 2):
        box.put_batch(batch_of(seq, [record(seq, delta())]))
    assert box.size[0] == 1
    (frame,) = box.take()
    assert b'"text":"' + b"x" * (MAX_FRAMES + 1) in frame


def test_what_does_not_merge_gives_way_to_one_snapshot_and_acks_keep_their_place_after_it() -> None:
    box = outbox()
    for seq in range(1, MAX_FRAMES + 2):
        box.put_batch(batch_of(seq, [record(seq, title(str(seq)))]))
        if seq == MAX_FRAMES:
            box.put_frame(b"ack")
    big = "y" * (MAX_BYTES // 2)
    box.put_batch(batch_of(900, [record(900, title(big))]))
    box.put_batch(batch_of(901, [record(901, title(big))]))
    assert not box.overflowed
    assert [box.take(), box.take(), box.take()] == [[SNAPSHOT], [b"ack"], []]


def test_records_after_a_due_snapshot_are_part_of_it() -> None:
    box = outbox()
    box.put_batch(batch_of(1, [record(1, title("z" * MAX_BYTES))]))
    box.put_batch(batch_of(2, [record(2, title("later"))]))
    assert box.take() == [SNAPSHOT] and not box


def test_what_even_a_snapshot_does_not_help_closes_the_session() -> None:
    box = outbox()
    for _ in range(MAX_FRAMES + 1):
        box.put_frame(b"ack")
    assert box.overflowed


def test_only_the_latest_presence_waits_and_goes_last() -> None:
    box = outbox()
    box.put_presence(b"one")
    box.put_frame(b"ack")
    box.put_presence(b"two")
    assert [box.take(), box.take(), box.take()] == [[b"ack"], [b"two"], []]
