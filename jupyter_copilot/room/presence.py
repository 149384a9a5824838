"""Presence: who is here, typing, reviewing. It is never logged, and a crowd of changes goes out as one frame."""

from __future__ import annotations

from collections.abc import Callable

from msgspec.structs import replace

from .. import protocol as p


class Presence:
    """The participants of a room by session; `changed` is called at each change."""

    def __init__(self, changed: Callable[[], None]) -> None:
        self._changed = changed
        self._by_session: dict[object, p.Participant] = {}
        self._agent: p.Participant | None = None

    def join(self, session: object, participant: p.Participant) -> None:
        """Somebody is here now."""
        self._by_session[session] = participant
        self._changed()

    def update(self, session: object, shown: p.ClientPresence) -> None:
        """Replace what others see of a session; nothing happens when it has left or nothing differs."""
        before = self._by_session.get(session)
        if before is None:
            return
        after = replace(
            before,
            thread_id=shown.thread_id,
            typing=shown.typing,
            reviewing=shown.reviewing,
            document=shown.document,
            focused=shown.focused,
        )
        if after != before:
            self._by_session[session] = after
            self._changed()

    def leave(self, session: object) -> None:
        """The session is gone; one that never joined is ignored."""
        if self._by_session.pop(session, None) is not None:
            self._changed()

    def show_agent(self, participant: p.Participant | None) -> None:
        """Show the agent among the participants, or not."""
        if participant != self._agent:
            self._agent = participant
            self._changed()

    def by_session(self) -> list[tuple[object, p.Participant]]:
        """Each session with its participant, in the order of joining."""
        return list(self._by_session.items())

    @property
    def participants(self) -> list[p.Participant]:
        """Everybody here: sessions in the order of joining, then the agent."""
        people = list(self._by_session.values())
        return [*people, self._agent] if self._agent is not None else people
