"""How one type of event is folded: a row of the reducer's table."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal, TypeVar

from msgspec import Struct

from ... import protocol as p
from .. import state as s

EntryKind = Literal["thread", "message", "run", "call", "confirmation", "rule"]
ABSENT = "–"
PRESENT = "there"

E = TypeVar("E", bound=Struct)


@dataclass(frozen=True)
class Transition:
    """What an event does to an entry of the state: from one of these statuses to one of those.

    `ABSENT` is the status of what is not there; threads and rules, which have no statuses, are `PRESENT`.
    """

    entry: EntryKind
    before: tuple[str, ...]
    after: tuple[str, ...]


@dataclass(frozen=True)
class Fold:
    """What an event does. In every status that no transition names, it leaves the entry as it is."""

    event: type[Struct]
    handler: Callable[[s.RoomState, Any, p.Record], None]
    transitions: tuple[Transition, ...]


def on(event: type[E], handler: Callable[[s.RoomState, E, p.Record], None], *transitions: Transition) -> Fold:
    """A row of the table; the handler changes the state in place."""
    return Fold(event, handler, transitions)


def moves(entry: EntryKind, before: str, after: str) -> Transition:
    """A transition; several statuses are separated by commas."""
    return Transition(entry, tuple(before.split(", ")), tuple(after.split(", ")))
