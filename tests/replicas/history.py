"""Checks what people were told by any number of servers against the log: one order, nothing lost, nothing doubled."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence

from msgspec import Struct

from jupyter_copilot import protocol as p


class Witness(Struct):
    """What one participant was told, over all of its connections."""

    name: str
    acked: dict[str, int] = {}
    """The seq with which each of its commands was acknowledged."""
    refused: dict[str, str] = {}
    """The code with which a command was refused for good."""
    seen: dict[int, p.Record] = {}
    """Each record that it was shown, by seq; the latest, where it was shown twice."""
    contradictions: list[str] = []

    def take(self, frame: p.ServerFrame) -> None:
        """Listen to a client with this."""
        if isinstance(frame, p.Records):
            for record in frame.records:
                known = self.seen.setdefault(record.seq, record)
                if known != record:
                    self.contradictions.append(f"{self.name} was shown two records {record.seq}.")


def faults(log: Sequence[p.Record], witnesses: Iterable[Witness]) -> list[str]:
    """One sentence for each fault; `log` is all of it, not compacted."""
    witnesses = list(witnesses)
    found = [fault for witness in witnesses for fault in witness.contradictions]
    found += _order(log)
    found += _winners(log)
    by_seq = {record.seq: record for record in log}
    commands = _commands(log)
    for witness in witnesses:
        found += _acknowledged(witness, commands)
        found += _refused(witness, commands)
        found += [
            f"{witness.name} was shown a record {seq} that the log has not."
            for seq, record in witness.seen.items()
            if by_seq.get(seq) != record
        ]
    return found


def _order(log: Sequence[p.Record]) -> list[str]:
    found = [
        f"Record {record.seq} stands in place {place}." for place, record in enumerate(log, 1) if record.seq != place
    ]
    posted = Counter(record.event.message_id for record in log if isinstance(record.event, p.MessagePosted))
    found += [f"The message {name} is there {times} times." for name, times in posted.items() if times > 1]
    given = Counter(_given(log))
    return found + [f"The command {name} took effect {times} times." for name, times in given.items() if times > 1]


def _given(log: Sequence[p.Record]) -> list[str]:
    """The command of each unbroken series of records that one caused."""
    names: list[str] = []
    before = None
    for record in log:
        if record.command_id is not None and record.command_id != before:
            names.append(record.command_id)
        before = record.command_id
    return names


def _commands(log: Sequence[p.Record]) -> Mapping[str, int]:
    """The last seq of each command."""
    return {record.command_id: record.seq for record in log if record.command_id is not None}


def _winners(log: Sequence[p.Record]) -> list[str]:
    events = [record.event for record in log]
    times = Counter(event.confirmation_id for event in events if isinstance(event, p.ConfirmationDecided))
    return [f"{name} was decided {count} times." for name, count in times.items() if count > 1]


def _acknowledged(witness: Witness, commands: Mapping[str, int]) -> list[str]:
    return [
        f"{witness.name} was told that {name} is record {seq}, and it is {commands.get(name, 'not there')}."
        for name, seq in witness.acked.items()
        if commands.get(name) != seq
    ]


def _refused(witness: Witness, commands: Mapping[str, int]) -> list[str]:
    return [
        f"{witness.name} was told that {name} is refused ({code}), and it is record {commands[name]}."
        for name, code in witness.refused.items()
        if name in commands
    ]
