"""Who is to be told of what, and when: read from the state alone, so that a restart goes on where the log stands."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from msgspec import Struct

from .. import protocol as p
from . import state as s
from .decide.notices import notice_id_of
from .permissions.patterns import fits_name
from .reducer.notices import delivery_key

MENTION_FOR_MS = 86_400_000
"""A mention that is older is no news."""
PAUSES_S = (5.0, 30.0, 120.0, 600.0, 3600.0)
"""Before each further attempt."""


class Terms(Struct, frozen=True, kw_only=True):
    """What a channel is told: the kinds, of notebooks whose path fits, and decisions only once they wait so long."""

    channel: str
    kinds: Sequence[p.NoticeKind] = ("decision", "mention")
    path: str = "*"
    after_s: float = 30.0


class Due(Struct, frozen=True, kw_only=True):
    """A notice to be given on a channel at `at` (unix ms), at this attempt; `since` is when it came about."""

    channel: str
    notice_id: str
    kind: p.NoticeKind
    about: str
    thread_id: p.ThreadId
    since: int
    at: int
    attempt: int = 1
    to: tuple[str, ...] = ()


def all_due(state: s.RoomState, channels: Iterable[Terms], path: str, now: int) -> list[Due]:
    """Everything that channels are to be told now or later, the soonest first."""
    wanted = [
        due
        for terms in channels
        if fits_name(terms.path, path)
        for due in _of_channel(state, terms, now)
        if due.kind in terms.kinds
    ]
    found = (_as_it_stands(state, due) for due in wanted)
    return sorted(filter(None, found), key=lambda due: due.at)


def retry_at(attempt: int, now: int, at_least_s: float = 0.0) -> int | None:
    """When to try again after this attempt failed, in unix ms; None to give up."""
    if attempt > len(PAUSES_S):
        return None
    return now + round(1000 * max(PAUSES_S[attempt - 1], at_least_s))


def _of_channel(state: s.RoomState, terms: Terms, now: int) -> Iterator[Due]:
    for opened in s.open_confirmations(state):
        yield Due(
            channel=terms.channel,
            notice_id=notice_id_of("decision", opened.confirmation_id),
            kind="decision",
            about=opened.confirmation_id,
            thread_id=opened.thread_id,
            since=opened.opened_at,
            at=opened.opened_at + round(terms.after_s * 1000),
            to=tuple(opened.policy.people),
        )
    for mention in state.mentions.values():
        for person in mention.people if mention.at > now - MENTION_FOR_MS else ():
            yield Due(
                channel=terms.channel,
                notice_id=notice_id_of("mention", mention.message_id, person),
                kind="mention",
                about=mention.message_id,
                thread_id=mention.thread_id,
                since=mention.at,
                at=mention.at,
                to=(person,),
            )


def _as_it_stands(state: s.RoomState, due: Due) -> Due | None:
    """What is left to do about it: None once it arrived or was given up."""
    known = state.notices.get(delivery_key(due.notice_id, due.channel, due.to))
    if known is None:
        return due
    if known.told or known.retry_at is None:
        return None
    return Due(
        channel=due.channel,
        notice_id=due.notice_id,
        kind=due.kind,
        about=due.about,
        thread_id=due.thread_id,
        since=due.since,
        at=known.retry_at,
        attempt=known.attempts + 1,
        to=due.to,
    )
