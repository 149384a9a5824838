"""Folding who was told of what, and who was named and has not seen it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from msgspec.structs import replace

from ... import protocol as p
from .. import state as s
from .fold import on


def notice_delivered(state: s.RoomState, event: p.NoticeDelivered, record: p.Record) -> None:
    """A notice reached its channel."""
    delivery = p.Delivery(
        notice_id=event.notice_id,
        kind=event.kind,
        about=event.about,
        channel=event.channel,
        at=record.at,
        to=event.to,
        attempts=event.attempts,
    )
    _keep(state, delivery)


def notice_failed(state: s.RoomState, event: p.NoticeFailed, record: p.Record) -> None:
    """A notice did not reach its channel, this time or for good."""
    delivery = p.Delivery(
        notice_id=event.notice_id,
        kind=event.kind,
        about=event.about,
        channel=event.channel,
        at=record.at,
        to=event.to,
        attempts=event.attempt,
        told=False,
        reason=event.reason,
        retry_at=event.retry_at,
    )
    _keep(state, delivery)


def mentions_seen(state: s.RoomState, event: p.MentionsSeen, record: p.Record) -> None:
    """A person saw messages that name them; those that everybody saw leave the state."""
    for message_id in event.message_ids:
        found = state.mentions.get(message_id)
        if found is None or record.actor.id not in found.people:
            continue
        left = [person for person in found.people if person != record.actor.id]
        if left:
            state.mentions[message_id] = replace(found, people=left)
        else:
            del state.mentions[message_id]


def mention(state: s.RoomState, event: p.MessagePosted, record: p.Record) -> None:
    """A message that names people waits for them to see it; nobody needs to be told of their own words."""
    people = [person for person in dict.fromkeys(event.mentions) if person != record.actor.id]
    if people:
        state.mentions[event.message_id] = p.Mention(
            message_id=event.message_id, thread_id=event.thread_id, by=record.actor, at=record.at, people=people
        )
        _drop_oldest(state.mentions, s.RETAINED_MENTIONS)


def delivery_key(notice_id: str, channel: str, to: Sequence[str]) -> str:
    """Where the state keeps the delivery of a notice on a channel to these people."""
    return "/".join([notice_id, channel, *to])


def _keep(state: s.RoomState, delivery: p.Delivery) -> None:
    """Keep what is newer; what was told once is told, whatever follows."""
    key = delivery_key(delivery.notice_id, delivery.channel, delivery.to)
    known = state.notices.get(key)
    if known is not None and known.told:
        return
    state.notices.pop(key, None)  # so that it is the latest
    state.notices[key] = delivery
    _drop_oldest(state.notices, s.RETAINED_NOTICES)


def _drop_oldest(entries: dict[str, Any], most: int) -> None:
    while len(entries) > most:
        del entries[next(iter(entries))]


FOLDS = (
    on(p.NoticeDelivered, notice_delivered),
    on(p.NoticeFailed, notice_failed),
    on(p.MentionsSeen, mentions_seen),
)
