"""Adjacent deltas are merged only where they are one text."""

from __future__ import annotations

import pytest

from jupyter_copilot import protocol as p
from jupyter_copilot.core.deltas import joined, merge_deltas


def output(kind: str, text: str, call: str = "call", cell: str | None = "cell") -> p.CallOutput:
    return p.CallOutput(call_id=p.CallId(call), output=p.Output(kind=kind, text=text, cell_id=cell))  # type: ignore[arg-type]


def text(said: str, message: str = "m") -> p.TextDelta:
    return p.TextDelta(run_id=p.RunId("r"), step=1, message_id=p.MessageId(message), text=said)


def test_output_of_one_stream_is_merged() -> None:
    assert joined(output("stderr", "a"), output("stderr", "b")) == output("stderr", "ab")


@pytest.mark.parametrize(
    "other",
    [output("stderr", "b"), output("stdout", "b", call="another"), output("stdout", "b", cell="another")],
    ids=["stream", "call", "cell"],
)
def test_output_of_another_stream_call_or_cell_is_not(other: p.CallOutput) -> None:
    assert joined(output("stdout", "a"), other) is None


def test_pictures_are_never_merged() -> None:
    assert joined(output("display", "a"), output("display", "b")) is None


def test_a_merged_record_has_the_last_seq_and_the_first_time() -> None:
    records = [p.Record(seq=n, at=10 * n, actor=p.AGENT, event=text(said)) for n, said in ((1, "a"), (2, "b"))]
    other = p.Record(seq=3, at=30, actor=p.AGENT, event=text("c", message="another"))
    merged = merge_deltas([*records, other])
    assert [(r.seq, r.at, r.event.text) for r in merged] == [(2, 10, "ab"), (3, 30, "c")]  # type: ignore[union-attr]
