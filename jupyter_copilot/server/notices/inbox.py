"""The inbox: what waits for a person in all rooms of the server, those included that nobody has open."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator

from msgspec import Struct

from ... import protocol as p
from ...core import policy
from ...core import state as s
from ...core.permissions.deciders import askers_of, not_counted
from ...ports.catalog import Catalog, RoomEntry
from ...ports.clock import Clock
from ...protocol.errors import Rejected, StoreError
from ...room.registry import Rooms
from ...room.session.visitor import Visitor

MOST_LOADED = 20
"""Rooms that are read from the store for one look into the inbox; the next look reads on."""
RECENT_MS = 30 * 86_400_000


class InboxItem(Struct, frozen=True, kw_only=True):
    """A decision that waits, or a message that names the person.

    `yours` says that they may decide it, `concerns` that it came of what they asked, or is for them by name or group.
    """

    kind: p.NoticeKind
    about: str
    path: str
    thread_id: p.ThreadId
    title: str
    by: str
    at: int
    yours: bool = True
    concerns: bool = True


class InboxPage(Struct, frozen=True, kw_only=True):
    """What waits, oldest first; not `complete` while some rooms were not looked at yet."""

    items: list[InboxItem]
    complete: bool


class Inbox:
    """Looks into rooms; of those that are not loaded it remembers what waited when it last looked."""

    def __init__(self, rooms: Rooms, catalog: Catalog, clock: Clock, shown: Callable[[str], str | None]) -> None:
        self._rooms = rooms
        self._catalog = catalog
        self._clock = clock
        self._shown = shown
        self._known: dict[p.RoomId, s.RoomState] = {}

    async def of(self, visitor: Visitor) -> InboxPage:
        """What waits for this person. Raises `StoreError`."""
        items: list[InboxItem] = []
        budget, complete, now = MOST_LOADED, True, self._clock.now()
        loaded = {room.room_id: room for room in self._rooms.loaded()}
        for entry in sorted(await self._catalog.rooms(), key=lambda entry: -entry.updated_at):
            path = self._shown(entry.path)
            if path is None or entry.archived_at is not None or not entry.seq or entry.updated_at < now - RECENT_MS:
                continue
            room = loaded.get(entry.room_id)
            state = room.state if room is not None else self._remembered(entry)
            if state is None and budget > 0:
                budget -= 1
                state = await self._read(entry)
            if state is None:
                complete = False
                continue
            items += waiting(state, path, visitor, now)
        return InboxPage(items=sorted(items, key=lambda item: item.at), complete=complete)

    def _remembered(self, entry: RoomEntry) -> s.RoomState | None:
        known = self._known.get(entry.room_id)
        return known if known is not None and known.seq == entry.seq else None

    async def _read(self, entry: RoomEntry) -> s.RoomState | None:
        """Load the room, and keep of it what waits."""
        with contextlib.suppress(Rejected, StoreError):
            room = await self._rooms.load(entry.room_id, entry.path)
            self._known[entry.room_id] = what_waits(room.state)
            return room.state
        return None


def what_waits(state: s.RoomState) -> s.RoomState:
    """As much of a state as the inbox needs."""
    opened: dict[str, s.Confirmation] = {each.confirmation_id: each for each in s.open_confirmations(state)}
    asked = {each.run_id for each in opened.values()}
    return s.RoomState(
        log=state.log,
        seq=state.seq,
        threads={},
        confirmations=opened,
        runs={run_id: run for run_id, run in state.runs.items() if run_id in asked},
        mentions=dict(state.mentions),
    )


def waiting(state: s.RoomState, path: str, visitor: Visitor, now: int) -> Iterator[InboxItem]:
    """What waits for a person in one room."""
    for opened in s.open_confirmations(state):
        yours = _may_decide(state, opened, visitor, now)
        asked = any(policy.is_same(asker, visitor.actor) for asker in askers_of(state, opened))
        yield InboxItem(
            kind="decision",
            about=opened.confirmation_id,
            path=path,
            thread_id=opened.thread_id,
            title=opened.title,
            by=opened.opened_by.name,
            at=opened.opened_at,
            yours=yours,
            concerns=yours and (asked or bool(opened.policy.people or opened.policy.groups)),
        )
    for mention in state.mentions.values():
        if visitor.actor.id in mention.people:
            yield InboxItem(
                kind="mention",
                about=mention.message_id,
                path=path,
                thread_id=mention.thread_id,
                title=f"{mention.by.name} mentioned you",
                by=mention.by.name,
                at=mention.at,
            )


def _may_decide(state: s.RoomState, opened: s.Open, visitor: Visitor, now: int) -> bool:
    deciding = p.Decide(confirmation_id=opened.confirmation_id, args_hash=opened.args_hash, option="")
    actor = visitor.actor
    has_voted = any(vote.by.id == actor.id for vote in opened.votes)
    return (
        not has_voted
        and policy.bar(state, deciding, actor, visitor.rights) is None
        and not_counted(opened.policy, actor, askers_of(state, opened), now) is None
    )
