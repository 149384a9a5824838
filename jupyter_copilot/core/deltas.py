"""Merging adjacent deltas: fewer records that fold to the same state."""

from __future__ import annotations

from collections.abc import Iterable

from msgspec.structs import replace

from .. import protocol as p

Delta = p.TextDelta | p.ReasoningDelta | p.CallOutput


def merge_deltas(records: Iterable[p.Record]) -> list[p.Record]:
    """The records with runs of adjacent deltas joined; a joined record has the last one's seq and the first one's time.

    Joined are text of one answer, reasoning of one answer, and stream output of one call and cell.
    """
    merged: list[p.Record] = []
    for record in records:
        joined = _join(merged[-1], record) if merged else None
        if joined is None:
            merged.append(record)
        else:
            merged[-1] = joined
    return merged


def _join(a: p.Record, b: p.Record) -> p.Record | None:
    event = joined(a.event, b.event)
    return None if event is None else replace(a, seq=b.seq, event=event)


def joined(a: p.Event | p.UnknownEvent, b: p.Event | p.UnknownEvent) -> Delta | None:
    """Two neighbouring deltas as one, or None when they do not belong together."""
    match a, b:
        case (p.TextDelta() as x, p.TextDelta() as y) if _same_answer(x, y):
            return replace(x, text=x.text + y.text)
        case (p.ReasoningDelta() as x, p.ReasoningDelta() as y) if _same_answer(x, y):
            return replace(x, text=x.text + y.text)
        case (p.CallOutput() as o, p.CallOutput() as q) if _same_stream(o, q):
            return replace(o, output=replace(o.output, text=o.output.text + q.output.text))
        case _:
            return None


def _same_answer(x: p.TextDelta | p.ReasoningDelta, y: p.TextDelta | p.ReasoningDelta) -> bool:
    return x.message_id == y.message_id


def _same_stream(x: p.CallOutput, y: p.CallOutput) -> bool:
    a, b = x.output, y.output
    return (
        x.call_id == y.call_id
        and a.kind == b.kind
        and a.kind in ("stdout", "stderr")
        and a.cell_id == b.cell_id
    )  # fmt: skip
