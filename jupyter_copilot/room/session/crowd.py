"""Who makes place in a room that is full."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

from ... import protocol as p
from .session import Session


def to_make_place(here: Iterable[Session], newcomer: p.Actor) -> Session | None:
    """The connection that gives way to the newcomer: of whoever has most, one that reads nothing, or its first.

    None while nobody has two more than the newcomer: then nobody has to give way, and places are not passed around.
    """
    sessions = list(here)
    counts = Counter(_key(session.visitor.actor) for session in sessions)
    (most, count), *_ = counts.most_common(1)
    if count < counts[_key(newcomer)] + 2:
        return None
    theirs = [session for session in sessions if _key(session.visitor.actor) == most]
    return next((session for session in theirs if session.is_behind), theirs[0])


def _key(actor: p.Actor) -> tuple[str, str]:
    return actor.kind, actor.id
