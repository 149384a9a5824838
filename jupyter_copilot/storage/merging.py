"""Compaction: adjacent deltas of settled steps and calls become one record that folds to the same state."""

from __future__ import annotations

from collections.abc import Hashable, Iterator, Sequence
from itertools import groupby
from typing import NamedTuple

from msgspec.structs import replace

from ..core.reducer import RETAINED_OUTPUT_CHARS
from ..ports.event_log import Head
from ..protocol import (
    CallFinished,
    CallOutput,
    Event,
    ReasoningDelta,
    Record,
    RoomId,
    StepAborted,
    StepFinished,
    TextDelta,
    UnknownEvent,
)
from .rows import Row, record_of, sealed

MERGED_CHARS = RETAINED_OUTPUT_CHARS
"""The most text of a merged record; the fold joins output up to this length, so that more would fold differently."""

Delta = TextDelta | ReasoningDelta | CallOutput


class Merged(NamedTuple):
    """A record that takes the place of those from `first` to its own seq."""

    first: int
    record: Record


def merge(records: Sequence[Record], floor: int) -> list[Merged]:
    """The records that replace two or more adjacent ones up to `floor`, in order.

    `records` are contiguous and go up to the head, so that it is known what has settled. A merged record has the seq of
    its last, and the time of its first, which is when the text began.
    """
    settled = {_settled_by(record.event) for record in records} - {None}

    def key(record: Record) -> Hashable:
        event = record.event
        if record.seq <= floor and isinstance(event, Delta) and _source(event) in settled:
            return _stream(record, event)
        return record.seq  # alone

    groups = ([*group] for _, group in groupby(records, key))
    return [_joined(part) for group in groups for part in _parts(group) if len(part) > 1]


def _settled_by(event: Event | UnknownEvent) -> Hashable:
    """The source that brings no more deltas after this event."""
    match event:
        case StepFinished() | StepAborted():
            return ("step", event.message_id, event.attempt)
        case CallFinished():
            return ("call", event.call_id)
        case _:
            return None


def _source(delta: Delta) -> Hashable:
    if isinstance(delta, CallOutput):
        return ("call", delta.call_id)
    return ("step", delta.message_id, delta.attempt)


def _stream(record: Record, delta: Delta) -> Hashable:
    """What must be equal for records to be merged; an output that is no plain text stays alone."""
    if not isinstance(delta, CallOutput):
        return (type(delta), _source(delta), record.actor)
    if delta.output.kind not in ("stdout", "stderr"):
        return record.seq
    return (delta.output.kind, delta.output.cell_id, _source(delta), record.actor)


def _parts(group: list[Record]) -> Iterator[list[Record]]:
    """Cut a group so that no merged record has more text than it may."""
    part: list[Record] = []
    size = 0
    for record in group:
        length = len(_text(record.event))
        if part and size + length > MERGED_CHARS:
            yield part
            part, size = [], 0
        part.append(record)
        size += length
    if part:
        yield part


def _joined(part: list[Record]) -> Merged:
    first, last = part[0], part[-1]
    command_id = last.command_id if first.command_id == last.command_id else None
    event = _with_text(last.event, "".join(_text(record.event) for record in part))
    return Merged(first.seq, Record(seq=last.seq, at=first.at, actor=last.actor, event=event, command_id=command_id))


def _text(event: Event | UnknownEvent) -> str:
    match event:
        case CallOutput():
            return event.output.text
        case TextDelta() | ReasoningDelta():
            return event.text
        case _:
            return ""


def _with_text(event: Event | UnknownEvent, text: str) -> Event | UnknownEvent:
    match event:
        case CallOutput():
            return replace(event, output=replace(event.output, text=text))
        case TextDelta() | ReasoningDelta():
            return replace(event, text=text)
        case _:
            return event


class Plan(NamedTuple):
    """What a compaction will do: the merged rows, and the head's floor before and after."""

    rows: Sequence[Row]
    old_floor: int
    floor: int


def plan(room_id: RoomId, head: Head, rows: Sequence[Row], floor: int) -> Plan:
    """What can be merged up to `floor`; `rows` are all those above the head's present floor."""
    floor = max(head.floor, min(floor, head.seq))
    records = [record_of(row) for row in rows]
    merged = merge([record for record in records if record.seq <= head.seq], floor)
    return Plan([sealed(room_id, record, first) for first, record in merged], head.floor, floor)
