"""The notebook of one tab, asked for over its connection: sent in parts, and only when it changed."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

import msgspec

from ... import protocol as p
from ...protocol.errors import ConnectionLost

MAX_NOTEBOOK_CHARS = 64 << 20
"""Of JSON, all parts together: outputs come trimmed, so that this is for sources."""

_decoder = msgspec.json.Decoder(p.JsonObject)


class NotebookReads:
    """The reads of one connection; `send` writes a frame to it.

    What came last is kept, so that a tab whose notebook is still of that revision need not send it again. It is shared
    by all who read, and never to be changed in place.
    """

    def __init__(self, send: Callable[[bytes], None]) -> None:
        self._send = send
        self._waiting: dict[str, asyncio.Future[p.ReadReply]] = {}
        self._parts: dict[str, list[str]] = {}
        self._known: tuple[str, p.JsonObject] | None = None

    async def ask(self, request_id: str) -> p.ReadReply:
        """Ask this tab for the notebook as it shows it; cancellable. Raises `ConnectionLost`."""
        reply: asyncio.Future[p.ReadReply] = asyncio.get_running_loop().create_future()
        self._waiting[request_id] = reply
        known = self._known
        self._send(p.encode(p.ReadRequest(request_id=request_id, known=None if known is None else known[0])))
        try:
            return self._whole(await reply, "".join(self._parts.get(request_id, [])), known)
        finally:
            self._waiting.pop(request_id, None)
            self._parts.pop(request_id, None)

    def answered(self, reply: p.ReadReply) -> bool:
        """Take a frame that answers a read; False for one that nobody waits for, which is passed over."""
        waiting = self._waiting.get(reply.request_id)
        if waiting is None or waiting.done():
            return False
        parts = self._parts.setdefault(reply.request_id, [])
        parts.append(reply.part)
        if sum(map(len, parts)) > MAX_NOTEBOOK_CHARS:
            waiting.set_result(p.ReadReply(request_id=reply.request_id, error="The notebook in the tab is too large."))
        elif not reply.more:
            waiting.set_result(reply)
        return True

    def lost(self) -> None:
        """The connection is gone: nobody waits for it any longer."""
        for waiting in self._waiting.values():
            if not waiting.done():
                waiting.set_exception(ConnectionLost("The tab closed."))

    def _whole(self, reply: p.ReadReply, text: str, known: tuple[str, p.JsonObject] | None) -> p.ReadReply:
        if reply.error is not None or reply.notebook is not None:
            return reply
        if not text and known is not None and reply.revision == known[0]:
            return msgspec.structs.replace(reply, notebook=known[1])
        try:
            notebook = _decoder.decode(text)
            if reply.base is not None:
                notebook = _with_known_cells(notebook, reply.base, known)
        except (msgspec.DecodeError, LookupError, TypeError) as error:
            return msgspec.structs.replace(reply, error=f"What the tab sent is no notebook: {error}.")
        self._known = None if reply.revision is None else (reply.revision, notebook)
        return msgspec.structs.replace(reply, notebook=notebook)


def _with_known_cells(notebook: p.JsonObject, base: str, known: tuple[str, p.JsonObject] | None) -> p.JsonObject:
    """The notebook with the cells that are told as places in the known one; raises `LookupError` for other places."""
    if known is None or base != known[0]:
        raise LookupError(f"revision {base!r} was not asked for")
    cells = dict(enumerate(known[1]["cells"]))
    return {**notebook, "cells": [cells[cell] if isinstance(cell, int) else cell for cell in notebook["cells"]]}
