"""Commands about being told: what one saw, and how one was told."""

from __future__ import annotations

from ... import protocol as p
from ...protocol.errors import Rejected
from .. import state as s
from ..reducer.notices import delivery_key


def see_mentions(state: s.RoomState, command: p.SeeMentions, actor: p.Actor) -> list[p.Event]:
    """That a person saw those of the messages that name them and that they had not seen."""
    named = {id for id, mention in state.mentions.items() if actor.id in mention.people}
    seen = [message_id for message_id in dict.fromkeys(command.message_ids) if message_id in named]
    if not seen:
        raise Rejected("already_exists", "You have seen these messages already.")
    return [p.MentionsSeen(message_ids=seen)]


def report_notice(state: s.RoomState, command: p.ReportNotice, actor: p.Actor) -> list[p.Event]:
    """That a page told its person of something, once for each person and way."""
    notice_id = notice_id_of(command.kind, command.about, actor.id)
    if delivery_key(notice_id, command.channel, [actor.id]) in state.notices:
        raise Rejected("already_exists", "You were told of this already.")
    here = state.confirmations if command.kind == "decision" else state.messages
    if command.about not in here:
        raise Rejected("not_found", "This is not here to be told of.")
    return [
        p.NoticeDelivered(
            notice_id=notice_id, kind=command.kind, about=command.about, channel=command.channel, to=[actor.id]
        )
    ]


def notice_id_of(kind: p.NoticeKind, about: str, person_id: str = "") -> str:
    """The id of a notice, the same at each attempt and on each channel: who gets it twice can tell by it."""
    return about if kind == "decision" else f"{about}@{person_id}"
