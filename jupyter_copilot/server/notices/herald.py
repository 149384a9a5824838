"""The herald of a room: tells channels what is due, records what came of it, and tries again.

What is due is read from the log, so a crash loses nothing: a notice is given at least once, under the same id. Of the
servers on one store, the one that holds the room's lease tells.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Sequence
from typing import Any

from ... import protocol as p
from ...core import state as s
from ...core.notices import Due, all_due, retry_at
from ...ports.clock import sleep_until
from ...ports.leases import Fence, Leases
from ...ports.notifier import Content, NotDelivered, Notice
from ...room.room import Room
from .channels import Channel

log = logging.getLogger(__name__)

LEASE_S = 60.0
TELLING_S = 20.0
"""A channel that takes longer did not deliver."""
OTHERS_TELL_S = 5.0
MOST_AT_ONCE = 20

_NEWS = (p.ConfirmationOpened, p.MessagePosted, p.NoticeFailed, p.ConfirmationDecided)


class Herald:
    """Tells the channels of a room for as long as it is loaded; `path` is the notebook's as people know it."""

    def __init__(
        self, room: Room, leases: Leases, owner: str, channels: Callable[[], Sequence[Channel]], path: Callable[[], str]
    ) -> None:
        self._room = room
        self._leases = leases
        self._owner = owner
        self._channels = channels
        self._path = path
        self._news = asyncio.Event()

    def start(self) -> None:
        """Begin; it ends with the room."""
        self._room.listen(self._hear)
        self._room.unfinished.append(lambda: bool(self._all()))
        self._room.supervisor.keep("telling people", self._go)

    def _hear(self, records: Sequence[p.Record]) -> None:
        if any(isinstance(record.event, _NEWS) for record in records):
            self._news.set()

    async def _go(self) -> None:
        while True:
            due = await self._next()
            fence = await self._leases.acquire(f"notices/{self._room.room_id}", self._owner, LEASE_S)
            if fence is None:  # another server tells, unless it dies
                await self._room.clock.sleep(OTHERS_TELL_S)
                continue
            try:
                await asyncio.gather(*(self._tell(each, fence) for each in due[:MOST_AT_ONCE]))
            finally:
                await self._leases.release(fence, self._owner)

    def _all(self) -> list[Due]:
        terms = [channel.terms for channel in self._channels()]
        return all_due(self._room.state, terms, self._path(), self._room.clock.now()) if terms else []

    async def _next(self) -> list[Due]:
        """Wait until something is due, and return all that is."""
        while True:
            self._news.clear()
            now = self._room.clock.now()
            found = self._all()
            due = [each for each in found if each.at <= now]
            if due:
                return due
            await self._wait(found[0].at if found else None)

    async def _wait(self, until: int | None) -> None:
        waiting: set[asyncio.Future[Any]] = {asyncio.ensure_future(self._news.wait())}
        if until is not None:
            waiting.add(asyncio.ensure_future(sleep_until(self._room.clock, until)))
        try:
            await asyncio.wait(waiting, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for each in waiting:
                each.cancel()

    async def _tell(self, due: Due, fence: Fence) -> None:
        channel = next((each for each in self._channels() if each.terms.channel == due.channel), None)
        if channel is None:
            return
        content = content_of(self._room.state, due) if channel.content else None
        notice = Notice(
            notice_id=due.notice_id,
            kind=due.kind,
            about=due.about,
            path=self._path(),
            thread_id=due.thread_id,
            at=due.since,
            to=list(due.to),
            content=content,
        )
        failure: NotDelivered | None = None
        try:
            await asyncio.wait_for(channel.notifier.deliver(notice), TELLING_S)
        except NotDelivered as error:
            failure = error
        except asyncio.TimeoutError:
            failure = NotDelivered("It took too long.")
        except Exception as error:  # a notifier of somebody else; its words might hold what nobody should read
            log.exception("The channel %s failed", due.channel)
            failure = NotDelivered(type(error).__name__)
        await self._room.record(lambda state, now: [outcome(due, failure, now)], p.SERVER, fence)


def outcome(due: Due, failure: NotDelivered | None, now: int) -> p.Event:
    """What came of an attempt."""
    if failure is None:
        return p.NoticeDelivered(
            notice_id=due.notice_id,
            kind=due.kind,
            about=due.about,
            channel=due.channel,
            to=list(due.to),
            attempts=due.attempt,
        )
    return p.NoticeFailed(
        notice_id=due.notice_id,
        kind=due.kind,
        about=due.about,
        channel=due.channel,
        attempt=due.attempt,
        reason=failure.reason,
        to=list(due.to),
        retry_at=retry_at(due.attempt, now, failure.retry_after_s) if failure.retry else None,
    )


def content_of(state: s.RoomState, due: Due) -> Content | None:
    """What a notice is about, as far as the state still has it."""
    opened = state.confirmations.get(due.about)
    if due.kind == "decision" and opened is not None:
        return Content(title=opened.title, body=opened.body, by=opened.opened_by.name)
    message = state.messages.get(due.about)
    if isinstance(message, s.Posted):
        return Content(title=f"{message.author.name} mentioned you", body=message.text, by=message.author.name)
    return None
