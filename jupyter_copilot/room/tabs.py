"""The tabs that have the notebook open, and how one of them is asked for it as it stands there."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import NamedTuple
from uuid import uuid4

from .. import protocol as p
from ..ports.notebook import TabView
from ..protocol.errors import ConnectionLost, NotebookError
from .presence import Presence

Reader = Callable[[str], Awaitable[p.ReadReply]]
ALL_RIGHTS: frozenset[p.Right] = frozenset({"read", "write", "execute", "decide"})
MOST_OTHERS = 4
"""So many other tabs are asked whether they show the same."""


class Tab(NamedTuple):
    """A connection that may be asked: how, its session, and what its person may do."""

    ask: Reader
    session: str | None
    rights: frozenset[p.Right]


class Tabs:
    """The tabs of those who may show a document, chosen among by what presence says; each has `answer_s` to answer.

    A tab counts for what takes a right only if its person has that right: what will run is shown by who may run it.
    """

    def __init__(self, presence: Presence, answer_s: float) -> None:
        self._presence = presence
        self._answer_s = answer_s
        self._tabs: dict[object, Tab] = {}

    def join(
        self, key: object, ask: Reader, session: str | None = None, rights: frozenset[p.Right] = ALL_RIGHTS
    ) -> None:
        """A connection that may be asked for the notebook."""
        self._tabs[key] = Tab(ask, session, rights)

    def leave(self, key: object) -> None:
        """The connection is gone."""
        self._tabs.pop(key, None)

    def is_open(self, right: p.Right = "write") -> bool:
        """Whether a tab of somebody with this right has the notebook open."""
        return bool(self._in_order(None, right))

    def client_of(self, prefer: str | None) -> p.ClientId | None:
        """The client id of the session `prefer`, if it is here now."""
        return next((pair[0].client_id for pair in self._in_order(prefer, "write") if _is(pair, prefer)), None)

    async def read(self, prefer: str | None = None, right: p.Right = "write") -> TabView:
        """The notebook of one tab, unsaved changes included.

        The tab of the session `prefer` is asked first, then a focused or changed one, then the others. Raises
        `NotebookError` when none answers within `answer_s` each.
        """
        problem = "No tab has the notebook open."
        for _, tab in self._in_order(prefer, right):
            try:
                reply = await asyncio.wait_for(_answer(tab.ask), self._answer_s)
            except (asyncio.TimeoutError, ConnectionLost):
                problem = "The tab that has the notebook open did not answer."
                continue
            if reply.notebook is not None:
                return TabView(reply.notebook, tab.session)
            problem = reply.error or problem
        raise NotebookError(problem, hint="Open the notebook in JupyterLab, or close the tab that hangs.")

    async def read_others(self, but: str | None) -> list[TabView]:
        """The notebook as the other tabs show it that answer, in half of `answer_s`."""
        others = [(shown, tab) for shown, tab in self._in_order(None, "write") if tab.session != but][:MOST_OTHERS]
        asked = [asyncio.wait_for(_answer(tab.ask), self._answer_s / 2) for _, tab in others]
        replies = await asyncio.gather(*asked, return_exceptions=True)
        return [
            TabView(reply.notebook, tab.session)
            for (_, tab), reply in zip(others, replies, strict=True)
            if isinstance(reply, p.ReadReply) and reply.notebook is not None
        ]

    def _in_order(self, prefer: str | None, right: p.Right) -> list[tuple[p.Participant, Tab]]:
        shown = [
            (participant, self._tabs[key])
            for key, participant in self._presence.by_session()
            if participant.document is not None and key in self._tabs and right in self._tabs[key].rights
        ]
        shown.sort(key=lambda pair: (not _is(pair, prefer), pair[0].document != "dirty", not pair[0].focused))
        return shown


def _is(pair: tuple[p.Participant, Tab], prefer: str | None) -> bool:
    """Whether a tab is the session that is preferred; one without a session goes by its client id."""
    shown, tab = pair
    return prefer is not None and prefer == (shown.client_id if tab.session is None else tab.session)


async def _answer(reader: Reader) -> p.ReadReply:
    return await reader(uuid4().hex)
