"""The tabs that have the notebook open, and how one of them is asked for it as it stands there."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from uuid import uuid4

from .. import protocol as p
from ..protocol.errors import ConnectionLost, NotebookError
from .presence import Presence

Reader = Callable[[str], Awaitable[p.ReadReply]]


class Tabs:
    """Readers by session, chosen among by what presence says of them; each has `answer_s` to answer."""

    def __init__(self, presence: Presence, answer_s: float) -> None:
        self._presence = presence
        self._answer_s = answer_s
        self._readers: dict[object, Reader] = {}

    def join(self, session: object, reader: Reader) -> None:
        """A connection that may be asked for the notebook."""
        self._readers[session] = reader

    def leave(self, session: object) -> None:
        """The connection is gone."""
        self._readers.pop(session, None)

    def is_open(self) -> bool:
        """Whether a tab has the notebook open."""
        return any(shown.document is not None for shown in self._presence.participants)

    async def read(self, prefer: str | None = None) -> p.JsonObject:
        """The notebook of one tab in nbformat's JSON, unsaved changes included.

        The preferred tab is asked first, then a focused or changed one, then the others. Raises `NotebookError` when
        none answers within `answer_s` each.
        """
        problem = "No tab has the notebook open."
        for reader in self._in_order(prefer):
            try:
                reply = await asyncio.wait_for(_answer(reader), self._answer_s)
            except (asyncio.TimeoutError, ConnectionLost):
                problem = "The tab that has the notebook open did not answer."
                continue
            if reply.notebook is not None:
                return reply.notebook
            problem = reply.error or problem
        raise NotebookError(problem, hint="Open the notebook in JupyterLab, or close the tab that hangs.")

    def _in_order(self, prefer: str | None) -> list[Reader]:
        shown = [
            (participant, self._readers[session])
            for session, participant in self._presence.by_session()
            if participant.document is not None and session in self._readers
        ]
        shown.sort(key=lambda pair: (pair[0].client_id != prefer, pair[0].document != "dirty", not pair[0].focused))
        return [reader for _, reader in shown]


async def _answer(reader: Reader) -> p.ReadReply:
    return await reader(uuid4().hex)
